// One conversation: messages come by themselves, a draft is never lost, Enter sends, colleagues see who types.
"use strict";

(() => {
  const id = Number(document.querySelector("[data-conversation]").dataset.conversation);
  const path = `/desk/conversations/${id}`;
  const csrf = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRF-Token"];
  const log = document.getElementById("messages");
  const form = document.getElementById("reply");
  const words = document.getElementById("words");
  const trouble = document.getElementById("composer-trouble");
  const draftKey = `desk-draft-${document.body.dataset.agent}-${id}`;
  let mode = "reply";

  function newOnce() {
    return crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  }
  // Who reads the newest message goes on reading it when lines come, or when something below takes of the room.
  let atEnd = true;
  const toEnd = () => { log.scrollTop = log.scrollHeight; };
  log.addEventListener("scroll", () => { atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80; });
  new ResizeObserver(() => { if (atEnd) toEnd(); }).observe(log);

  // What has happened comes in one answer; what happens while that is on its way is asked for anew.
  let fetching = false;
  let again = false;
  async function refresh() {
    again = fetching;
    if (fetching) return;
    fetching = true;
    try {
      const answer = await fetch(`${path}/news`, { headers: { "X-By-Itself": "1", "HX-Request": "true" }, signal: AbortSignal.timeout(20000) });
      if (answer.ok) take(await answer.text());
    } catch { /* the page hears when the connection is back */ }
    fetching = false;
    if (again) refresh();
  }
  function take(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    merge(template.content.getElementById("messages"));
    for (const part of ["head", "meter", "handoff-card"]) draw(part, template.content.getElementById(part));
    settle();
    lock();
  }
  // A part is drawn anew when it has changed; not under an open dialog of it, nor under a button whose answer is still
  // to come, which would have no place to be shown, but right after that.
  function draw(id, fresh) {
    const shown = document.getElementById(id);
    const revealed = shown.querySelector("[data-revealed]")?.parentElement; // a number stays to be read while one dials
    if (revealed) fresh.querySelector(`#${revealed.id}`)?.replaceChildren(...revealed.cloneNode(true).childNodes);
    if (shown.isEqualNode(fresh) || shown.querySelector("dialog[open], .htmx-request")) return;
    shown.replaceWith(fresh);
    htmx.process(fresh);
  }
  // Messages: what is new is put in, what has changed (delivery, pictures) is replaced, by id.
  function merge(news) {
    let last = null;
    for (const message of news.querySelectorAll(".message")) {
      const before = document.getElementById(message.id);
      if (message.dataset.once) stored(message.dataset.once);
      if (!before) {
        message.classList.add("fresh");
        last ? last.after(message) : log.append(message);
      } else if (before.innerHTML !== message.innerHTML) before.replaceWith(message);
      last = document.getElementById(message.id);
    }
    if (atEnd) toEnd();
  }
  document.body.addEventListener("conversation", ({ detail }) => {
    if (detail.id !== id) return;
    refresh();
  });
  document.body.addEventListener("back", refresh);
  document.body.addEventListener("htmx:responseError", refresh); // what could not be done has shown an old state
  // Who has just taken a conversation works on in the list of their own; and a second click must not meet the button
  // a second time, nor the one that has come in its place.
  const panes = log.closest(".panes");
  let held = 0;
  function hold() {
    panes.classList.add("settling");
    clearTimeout(held);
    held = setTimeout(() => panes.classList.remove("settling"), 600);
  }
  let owned = document.getElementById("head").dataset.mine;
  function settle() {
    const { mine } = document.getElementById("head").dataset;
    if (mine === owned) return;
    owned = mine;
    hold();
    if (mine !== "yes" || document.getElementById("queue").dataset.show !== "waiting") return;
    htmx.ajax("GET", `/desk/queue/list?show=mine&current=${id}`, { target: "#queue", swap: "outerHTML" });
    htmx.ajax("GET", "/desk/queue/tabs?show=mine", { target: "#tabs", swap: "outerHTML" });
  }
  log.addEventListener("click", async (event) => {
    const button = event.target.closest("#earlier");
    if (!button) return;
    const answer = await fetch(`${path}/messages?before=${button.dataset.before}`, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    const height = log.scrollHeight;
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    button.replaceWith(template.content);
    log.scrollTop += log.scrollHeight - height;
  });

  // What was not drawn anew while it was in use is now.
  const inPart = (element) => element.closest("#head, #meter, #handoff-card");
  document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (!inPart(detail.elt) || detail.elt.id === "meter") return;
    hold(); // the button stands there until the news has come
    setTimeout(refresh);
  });
  document.addEventListener("close", (event) => { if (inPart(event.target)) refresh(); }, true);

  // Writing: the draft is kept in the browser until it has been stored.
  words.value = localStorage.getItem(draftKey) ?? "";
  let aside = localStorage.getItem(`${draftKey}-aside`) ?? ""; // what was begun in the other mode
  words.addEventListener("input", () => { keep(); showTyping(); });
  function keep() {
    words.value ? localStorage.setItem(draftKey, words.value) : localStorage.removeItem(draftKey);
    mode === "note" && (words.value || aside) ? localStorage.setItem(`${draftKey}-note`, "1") : localStorage.removeItem(`${draftKey}-note`);
    aside ? localStorage.setItem(`${draftKey}-aside`, aside) : localStorage.removeItem(`${draftKey}-aside`);
  }
  // What is sent keeps its name until it is stored, also over a reload: what is sent twice is stored once.
  const sentKey = `${draftKey}-sent`;
  const tried = () => JSON.parse(localStorage.getItem(sentKey) ?? "null");
  function nameOf(text, picture) {
    const what = JSON.stringify([text, picture?.name, picture?.size]);
    if (tried()?.what === what) return tried().once;
    const once = newOnce();
    localStorage.setItem(sentKey, JSON.stringify({ what, once, text }));
    return once;
  }
  function stored(once) { // also when the answer to our sending was lost on the way
    if (tried()?.once !== once) return;
    if (words.value.startsWith(tried().text)) words.value = words.value.slice(tried().text.length).trimStart();
    localStorage.removeItem(sentKey);
    trouble.textContent = "";
    form.dispatchEvent(new Event("sent"));
    keep();
  }
  for (const message of log.querySelectorAll("[data-once]")) stored(message.dataset.once);
  words.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  let sending = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const noting = mode === "note";
    const given = () => noting ? null : form.chosenPicture;
    if (sending || words.readOnly || !(words.value.trim() || given())) return;
    const gap = mode === "reply" && words.value.match(/【[^】]{1,12}】/);
    if (gap) { // a reply that was ready but for one thing
      trouble.textContent = trouble.dataset.unfilled + gap[0];
      words.focus();
      words.setSelectionRange(gap.index, gap.index + gap[0].length);
      return;
    }
    sending = true;
    trouble.textContent = "";
    setBusy(true);
    const wanted = given();
    if (wanted) await form.preparing;
    const [text, picture] = [words.value, given()];
    if (wanted && !picture) { // too large even when it is made small: the words do not go without it
      sending = false;
      return setBusy(false);
    }
    const once = nameOf(text, picture);
    const seen = document.getElementById("head").dataset.handoff;
    const fields = { text, once, ...(seen && { handoff: seen }) };
    const data = picture ? new FormData() : new URLSearchParams(fields);
    if (picture) for (const [name, value] of Object.entries({ ...fields, picture })) data.append(name, value);
    try {
      const target = noting ? form.dataset.note : picture ? form.dataset.picture : form.action;
      const answer = await fetch(target, { method: "POST", body: data, signal: AbortSignal.timeout(picture ? 120000 : 30000),
        headers: { "X-CSRF-Token": csrf, "HX-Request": "true" } });
      if (answer.ok) {
        stored(once);
        if (noting) setMode("reply");
        toEnd();
        refresh();
      } else if (answer.headers.get("HX-Redirect")) location.assign(answer.headers.get("HX-Redirect"));
      else {
        const template = document.createElement("template");
        template.innerHTML = await answer.text();
        trouble.textContent = template.content.querySelector(".notice")?.firstChild?.textContent ?? document.body.dataset.failed;
        refresh();
      }
    } catch { // unless it has been stored and only the answer was lost
      if (noting || tried()?.once === once) trouble.textContent = document.body.dataset.failed;
    }
    sending = false;
    setBusy(false);
    words.focus();
  });
  function setBusy(busy) {
    const button = document.getElementById("send");
    button.disabled = busy || words.readOnly;
    button.setAttribute("aria-busy", String(busy));
  }
  // To whom a colleague talks nobody else can reply: what was begun stays to be read, and notes can be written.
  function lock() {
    const { other } = document.getElementById("head").dataset;
    const theirs = document.getElementById("theirs");
    words.readOnly = Boolean(other) && mode === "reply";
    theirs.hidden = !words.readOnly;
    theirs.textContent = theirs.dataset.words.replace("{name}", other);
    form.classList.toggle("locked", words.readOnly);
    setBusy(sending);
  }
  function setMode(wanted, begun = false) {
    if (wanted !== mode && !begun) [words.value, aside] = [aside, words.value]; // a note never becomes a reply by itself
    mode = wanted;
    form.classList.toggle("noting", mode === "note");
    for (const tab of form.querySelectorAll("[data-mode]")) tab.setAttribute("aria-selected", String(tab.dataset.mode === mode));
    words.dataset.replyHint ??= words.placeholder;
    words.placeholder = mode === "note" ? words.dataset.noteHint : words.dataset.replyHint;
    lock();
    keep();
    words.focus();
  }
  lock();
  for (const tab of form.querySelectorAll("[data-mode]")) tab.addEventListener("click", () => setMode(tab.dataset.mode));
  if (localStorage.getItem(`${draftKey}-note`)) setMode("note", true); // a colleague's eyes only, also after a reload
  document.addEventListener("click", (event) => {
    const ready = event.target.closest("[data-insert]"); // a canned reply or the card's suggestion
    if (ready) {
      if (mode === "note") setMode("reply");
      words.value = words.value ? `${words.value}\n${ready.dataset.insert}` : ready.dataset.insert;
      keep();
      words.focus();
      ready.closest("dialog")?.close();
      ready.closest("details")?.removeAttribute("open");
    }
  });
  // Another result is no answer to what was asked about the one before.
  document.addEventListener("change", (event) => {
    if (event.target.matches("#resolve [name=reason]")) document.getElementById("resolve-question").replaceChildren();
  });
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    const act = {
      KeyC: () => document.getElementById("claim")?.click(),
      KeyN: () => setMode(mode === "note" ? "reply" : "note"),
      KeyT: () => document.getElementById("transfer")?.showModal(),
      KeyR: () => document.getElementById("resolve")?.showModal(),
      KeyK: () => document.getElementById("ready")?.setAttribute("open", ""),
    }[event.code];
    if (act) { event.preventDefault(); act(); }
  });

  // Who else is here: told when the page opens, every 20 s, and while typing.
  const others = new Map();
  let typingTold = 0;
  function tell(word) {
    fetch(`${path}/looking`, { method: "POST", body: new URLSearchParams({ word }), keepalive: true,
      headers: { "X-CSRF-Token": csrf, "X-By-Itself": "1", "HX-Request": "true" } }).catch(() => {});
  }
  function showTyping() {
    if (Date.now() - typingTold < 3000 || mode === "note") return;
    typingTold = Date.now();
    tell("typing");
  }
  tell("looking");
  setInterval(() => document.visibilityState === "visible" && tell("looking"), 20000);
  addEventListener("pagehide", () => tell("gone"));
  document.body.addEventListener("looking", ({ detail }) => {
    if (detail.id !== id || detail.name === document.body.dataset.agent) return;
    if (!others.has(detail.name) && detail.word !== "gone") tell("looking"); // so that the newcomer sees us too
    const types = others.get(detail.name)?.word === "typing"; // ends by itself; a late "looking" does not end it
    if (detail.word === "gone") others.delete(detail.name);
    else if (!types || detail.word === "typing") others.set(detail.name, { word: detail.word, at: Date.now() });
    showOthers();
  });
  setInterval(showOthers, 2000);
  function showOthers() {
    const line = document.getElementById("typing");
    for (const [name, { word, at }] of others) {
      if (word === "typing" && Date.now() - at > 5000) others.set(name, { word: "looking", at });
      if (Date.now() - at > 45000) others.delete(name);
    }
    const typing = [...others].filter(([, { word }]) => word === "typing").map(([name]) => name);
    const names = typing.length ? typing : [...others.keys()];
    line.hidden = names.length === 0;
    line.textContent = (typing.length ? line.dataset.words : line.dataset.looking).replace("{name}", names.join("、"));
  }
})();
