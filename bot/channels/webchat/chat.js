// The chat page: sends with an id of its own so that a retry acts once, and shows what the events bring.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const list = $("messages"), scroll = $("scroll"), text = $("text"), form = $("form"), replies = $("replies");
  const DRAFT = "chat-draft", OUTBOX = "chat-outbox";
  const titles = new Map();      // payload of a button → its title
  const shown = new Map();       // page id → element of one's own message
  let following = true;           // the reader is at the end and wants to stay there
  let last = 0, lastDay = "", quickReplies = [], waiting = false, firstEvents = true;

  const store = {
    get: (key) => { try { return localStorage.getItem(key) || ""; } catch { return ""; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* private mode */ } },
  };
  const outbox = () => { try { return JSON.parse(store.get(OUTBOX) || "[]"); } catch { return []; } };
  const keep = (items) => store.set(OUTBOX, JSON.stringify(items));
  const newId = () => (crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`);

  // ── drawing ──────────────────────────────────────────────────────────────────────────────────────────────
  const atEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 120;
  const toEnd = () => { scroll.scrollTop = scroll.scrollHeight; following = true; $("newest").hidden = true; };

  function element(tag, name, content) {
    const made = document.createElement(tag);
    made.className = name;
    if (content !== undefined) made.textContent = content;
    return made;
  }

  function dayLine(time, before = null) {
    const day = new Date(time).toLocaleDateString("zh-CN", { month: "long", day: "numeric", weekday: "short" });
    if (day === lastDay) return;
    lastDay = day;
    list.insertBefore(element("li", "day", day), before);
  }

  function picture({ id }) {
    const link = element("a", "picture");
    link.href = `/chat/media/${id}`;
    link.target = "_blank";
    link.rel = "noopener";
    const image = document.createElement("img");
    image.alt = "服务顾问发来的图片，点开看大图";
    image.addEventListener("load", () => { if (following) toEnd(); });
    image.src = link.href;
    link.append(image);
    return link;
  }

  function bubble(from, words, agent, pictures = []) {
    const item = element("li", `message ${from}`);
    if (from === "agent") item.append(element("span", "who", `人工客服 ${agent || ""}`.trim()));
    if (from === "customer") item.append(element("span", "visually-hidden", "您："));
    const shownWords = element("div", "bubble", words);
    shownWords.prepend(...pictures.map(picture));
    item.append(shownWords);
    return item;
  }

  const spoken = (words) => titles.get(words) || words;

  function draw(message) {
    const follow = following || message.from === "customer";
    const words = message.text || (message.custom && (message.custom.text || message.custom.title)) || "";
    const pictures = (message.media || []).filter((file) => file.kind === "image" && file.state === "kept");
    for (const button of message.buttons) titles.set(button.payload, button.title);
    const own = message.page_id && shown.get(message.page_id);
    if (own) {
      dayLine(message.time, own);
      mark(own, "");
      forget(message.page_id);
    } else if (words || pictures.length) {
      dayLine(message.time);
      const item = bubble(message.from, message.from === "customer" ? spoken(words) : words, message.agent, pictures);
      if (message.page_id) shown.set(message.page_id, item);
      list.append(item);
    }
    quickReplies = message.from === "customer" ? [] : message.buttons.length ? message.buttons : message.from === "bot" ? quickReplies : [];
    $("welcome").hidden = true;
    if (follow) toEnd(); else $("newest").hidden = false;
  }

  function drawReplies() {
    replies.replaceChildren(...quickReplies.map((button) => {
      const made = element("button", "", button.title);
      made.type = "button";
      made.addEventListener("click", () => { say(button.payload, button.title); text.focus({ preventScroll: true }); });
      return made;
    }));
    replies.hidden = quickReplies.length === 0;
  }

  function mark(item, state) {
    item.classList.toggle("pending", state === "pending");
    item.querySelectorAll(".mark, .retry").forEach((old) => old.remove());
    if (state === "pending") item.append(element("span", "mark", "发送中…"));
  }

  function markFailed(item, posted) {
    mark(item, "");
    const retry = element("button", "retry", "发送未成功，点此重试");
    retry.type = "button";
    retry.addEventListener("click", () => { mark(item, "pending"); post(posted); });
    item.append(retry);
    toEnd();
  }

  function drawStatus({ owner, agent, busy }) {
    const sentence = {
      bot: "智能助手为您服务 · 随时可转人工",
      queue: "正在为您安排人工客服，感谢您的耐心",
      agent: `${agent || "人工客服"} 正在为您服务`,
    }[owner];
    $("status").dataset.owner = owner;
    if ($("status-text").textContent !== sentence) $("status-text").textContent = sentence;
    drawTyping(busy);
  }

  function drawTyping(busy) {
    $("typing").hidden = !busy;
    if (busy && following) toEnd();
  }

  // ── sending ──────────────────────────────────────────────────────────────────────────────────────────────
  const forget = (id) => keep(outbox().filter((item) => item.id !== id));

  function showOwn(posted) {
    const item = bubble("customer", posted.title || spoken(posted.text));
    mark(item, "pending");
    shown.set(posted.id, item);
    list.append(item);
    $("welcome").hidden = true;
    toEnd();
  }

  function say(words, title) {
    const posted = { id: newId(), text: words, title: title || "" };
    keep([...outbox(), posted]);
    quickReplies = [];
    drawReplies();
    showOwn(posted);
    post(posted);
  }

  async function post(posted, tries = 0) {
    const item = shown.get(posted.id);
    try {
      const answer = await fetch("/chat/messages", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ id: posted.id, text: posted.text }),
        signal: AbortSignal.timeout ? AbortSignal.timeout(10000) : undefined,
      });
      if (answer.status === 401) { location.reload(); return; }
      if (answer.ok || answer.status === 413) forget(posted.id);
      if (answer.ok) { mark(item, ""); return; }
      if (answer.status < 500) { markFailed(item, posted); return; }
    } catch { /* no connection: the same id is sent again */ }
    if (tries < 3) setTimeout(() => post(posted, tries + 1), 800 * 2 ** tries);
    else markFailed(item, posted);
  }

  // ── live ─────────────────────────────────────────────────────────────────────────────────────────────────
  function listen() {
    const source = new EventSource(`/chat/events?after=${last}`);
    source.addEventListener("open", () => { $("connection").hidden = true; });
    source.addEventListener("message", (event) => {
      const message = JSON.parse(event.data);
      if (message.id <= last) return;
      last = message.id;
      draw(message);
      drawReplies();
    });
    source.addEventListener("status", (event) => {
      if (firstEvents) { firstEvents = false; resend(); toEnd(); }
      drawStatus(JSON.parse(event.data));
    });
    source.addEventListener("error", () => {
      $("connection").hidden = false;
      drawTyping(false);
      if (source.readyState === EventSource.CLOSED && !waiting) {
        waiting = true;
        setTimeout(() => { waiting = false; listen(); }, 3000);
      }
    });
  }

  // What was written but not confirmed before the page was closed goes out again under the same id.
  function resend() {
    for (const posted of outbox()) {
      if (!shown.has(posted.id)) { showOwn(posted); post(posted); }
    }
  }

  // ── the composer ─────────────────────────────────────────────────────────────────────────────────────────
  function fit() {
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight + 3}px`;
    $("send").disabled = text.value.trim() === "";
    store.set(DRAFT, text.value);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const words = text.value.trim();
    if (!words) return;
    text.value = "";
    fit();
    say(words);
  });
  text.addEventListener("input", fit);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
  });
  document.querySelectorAll("[data-say]").forEach((chip) => chip.addEventListener("click", () => say(chip.dataset.say)));
  $("newest").addEventListener("click", toEnd);
  scroll.addEventListener("scroll", () => {
    following = atEnd();
    if (following) $("newest").hidden = true;
  }, { passive: true });
  new ResizeObserver(() => { if (following) toEnd(); }).observe(scroll);

  text.value = store.get(DRAFT);
  fit();
  listen();
})();
