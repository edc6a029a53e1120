// The calendar: draws the day to scale, moves visits by mouse and by keys (always with a form that asks before the
// customer is told), and keeps the panel in order. Without it the page is lists, links and forms.
"use strict";

(() => {
  const PIXELS = 1.35; // a minute
  const wide = matchMedia("(min-width: 761px)");
  const panel = document.getElementById("panel");
  const frame = panel.parentElement; // stays when the board is drawn anew
  let dragged = null;
  let wished = null;
  document.documentElement.classList.add("has-script");

  const board = () => document.getElementById("board");
  const clock = (minutes) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  const minuteOf = (iso) => Number(iso.slice(11, 13)) * 60 + Number(iso.slice(14, 16));
  const isDay = () => board().classList.contains("by-day");

  // --- to scale ------------------------------------------------------------------------------------------------
  function draw() {
    const shown = board();
    if (!shown) return;
    const scaled = wide.matches && isDay() && shown.querySelector(".entry") !== null;
    frame.classList.toggle("to-scale", scaled);
    for (const mark of shown.querySelectorAll(".hour, .now-line")) mark.remove();
    const opens = Number(shown.dataset.opens), closes = Number(shown.dataset.closes);
    for (const list of shown.querySelectorAll(".lane-list")) {
      list.style.height = scaled ? `${(closes - opens) * PIXELS}px` : "";
      list.style.backgroundSize = scaled ? `100% ${60 * PIXELS}px` : "";
      list.style.backgroundPositionY = scaled ? `${((60 - (opens % 60)) % 60) * PIXELS}px` : "";
    }
    for (const entry of shown.querySelectorAll(".entry")) {
      const from = Math.max(Number(entry.dataset.from), opens);
      const until = Math.min(Number(entry.dataset.from) + Number(entry.dataset.minutes), closes);
      entry.style.top = scaled ? `${(from - opens) * PIXELS}px` : "";
      entry.style.height = scaled ? `${Math.max(until - from, 14) * PIXELS}px` : "";
      entry.classList.toggle("short", until - from < 40);
    }
    if (scaled) drawHours(shown, opens, closes);
    mark();
  }

  function drawHours(shown, opens, closes) {
    const lanes = shown.querySelector(".lanes");
    const list = lanes.querySelector(".lane-list");
    const top = list.getBoundingClientRect().top - lanes.getBoundingClientRect().top;
    for (let hour = Math.ceil(opens / 60); hour * 60 <= closes; hour += 1) {
      const words = document.createElement("span");
      words.className = "hour";
      words.setAttribute("aria-hidden", "true");
      words.textContent = clock(hour * 60);
      words.style.top = `${top + (hour * 60 - opens) * PIXELS}px`;
      lanes.append(words);
    }
    const now = shown.dataset.now ? minuteOf(shown.dataset.now) : -1;
    if (now < opens || now > closes) return;
    const line = document.createElement("div");
    line.className = "now-line";
    line.style.top = `${top + (now - opens) * PIXELS}px`;
    lanes.append(line);
  }

  function mark() {
    const number = panel.querySelector("[data-shown]")?.dataset.shown;
    for (const card of document.querySelectorAll(".visit-card")) card.classList.toggle("chosen", card.dataset.number === number);
  }

  // --- moving --------------------------------------------------------------------------------------------------
  function ask(card, day, minutes, key) {
    const zone = card.dataset.start.slice(19);
    const address = new URL(card.href);
    address.searchParams.set("start", `${day}T${clock(minutes)}:00${zone}`);
    address.searchParams.set(board().dataset.by, key);
    htmx.ajax("GET", address.pathname + address.search, { target: "#panel", swap: "innerHTML" });
  }

  function minuteAt(list, y) {
    const step = 15;
    const raw = Number(board().dataset.opens) + (y - list.getBoundingClientRect().top - (dragged?.grip ?? 0)) / PIXELS;
    const latest = Number(board().dataset.closes) - 15;
    return Math.min(Math.max(Math.round(raw / step) * step, Number(board().dataset.opens)), latest);
  }

  function showDrop(lane, y) {
    clearDrop();
    if (!frame.classList.contains("to-scale")) { lane.classList.add("drop-here"); return; }
    const list = lane.querySelector(".lane-list");
    const minutes = minuteAt(list, y);
    const words = document.createElement("div");
    words.className = "drop-mark";
    words.textContent = clock(minutes);
    words.style.top = `${(minutes - Number(board().dataset.opens)) * PIXELS}px`;
    words.style.height = `${Number(dragged.card.closest(".entry").dataset.minutes) * PIXELS}px`;
    list.append(words);
  }

  function clearDrop() {
    for (const mark of document.querySelectorAll(".drop-mark")) mark.remove();
    for (const lane of document.querySelectorAll(".drop-here")) lane.classList.remove("drop-here");
  }

  document.addEventListener("dragstart", (event) => {
    const card = event.target.closest?.(".visit-card[draggable]");
    if (!card) return;
    dragged = { card, grip: event.clientY - card.getBoundingClientRect().top };
    event.dataTransfer.setData("text/plain", card.dataset.number);
    event.dataTransfer.effectAllowed = "move";
    card.classList.add("dragging");
  });
  document.addEventListener("dragover", (event) => {
    const lane = dragged && event.target.closest?.(".lane");
    if (!lane) return;
    event.preventDefault();
    showDrop(lane, event.clientY);
  });
  document.addEventListener("drop", (event) => {
    const lane = dragged && event.target.closest?.(".lane");
    if (!lane) return;
    event.preventDefault();
    const minutes = frame.classList.contains("to-scale") ? minuteAt(lane.querySelector(".lane-list"), event.clientY) : minuteOf(dragged.card.dataset.start);
    ask(dragged.card, lane.dataset.day, minutes, lane.dataset.key);
  });
  document.addEventListener("dragend", () => {
    dragged?.card.classList.remove("dragging");
    dragged = null;
    clearDrop();
  });

  // Alt and an arrow on a visit: another half hour, the bay (or day) beside it; the panel asks before anything is done.
  function nudge(card, key) {
    const lanes = [...board().querySelectorAll(".lane")];
    const lane = card.closest(".lane");
    if (wished?.number !== card.dataset.number)
      wished = { number: card.dataset.number, minutes: minuteOf(card.dataset.start), lane: lanes.indexOf(lane) };
    const step = Number(board().dataset.step);
    if (key === "ArrowUp") wished.minutes = Math.max(wished.minutes - step, Number(board().dataset.opens));
    if (key === "ArrowDown") wished.minutes = Math.min(wished.minutes + step, Number(board().dataset.closes) - step);
    if (key === "ArrowLeft") wished.lane = Math.max(wished.lane - 1, 0);
    if (key === "ArrowRight") wished.lane = Math.min(wished.lane + 1, lanes.length - 1);
    clearTimeout(wished.waits);
    const { minutes, lane: number } = wished;
    wished.waits = setTimeout(() => ask(card, lanes[number].dataset.day, minutes, lanes[number].dataset.key), 250);
  }

  const KEYS = { n: "book", w: "walk-in", b: "close-time", t: "today", "[": "earlier", "]": "later" };
  document.addEventListener("keydown", (event) => {
    const card = event.target.closest?.(".visit-card[draggable]");
    if (card && event.altKey && event.key.startsWith("Arrow")) {
      event.preventDefault();
      nudge(card, event.key);
      return;
    }
    if (event.key === "Escape" && panel.childElementCount) { shut(); return; }
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest?.("input, select, textarea, [contenteditable]")) return;
    const name = KEYS[event.key.toLowerCase()];
    if (name) { event.preventDefault(); document.getElementById(name)?.click(); }
  });

  // --- the panel -----------------------------------------------------------------------------------------------
  function shut() {
    const number = panel.querySelector("[data-shown]")?.dataset.shown;
    panel.replaceChildren();
    wished = null;
    mark();
    (number && document.getElementById(`visit-${number}`) || document.getElementById("book"))?.focus();
  }
  panel.addEventListener("click", (event) => {
    if (event.target.closest("[data-shut]")) { event.preventDefault(); shut(); }
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "panel") {
      wished = null;
      mark();
      (panel.querySelector("[role=alert]") ?? panel).scrollIntoView({ block: "nearest" });
      const first = ["#move[data-ready] .button", "input[name=plate]", "h2"].map((each) => panel.querySelector(each)).find(Boolean);
      first?.focus({ preventScroll: true });
      first?.scrollIntoView({ block: "nearest" });
    } else draw();
  });
  document.addEventListener("htmx:oobAfterSwap", draw);
  // The board is not drawn anew under somebody's hand.
  document.addEventListener("htmx:beforeSwap", (event) => { if (event.target.id === "board" && dragged) event.detail.shouldSwap = false; });
  document.addEventListener("change", (event) => {
    if (event.target.matches?.(".calendar-date input[type=date]") && event.target.value) event.target.form.submit();
  });
  wide.addEventListener("change", draw);
  draw();
})();
