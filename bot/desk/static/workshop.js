// The workshop board: cards move by drag and by keys (space, arrows, enter); the server decides and says why not.
"use strict";

(() => {
  const WITH_A_FORM = ["awaiting_parts", "awaiting_consent", "delivered"];
  const PROPOSED_NOT_IN = ["booked", "received", "ready", "delivered", "followed_up"];
  const board = () => document.getElementById("board");
  const zones = () => [...document.querySelectorAll(".zone")];
  const said = (words) => { document.getElementById("workshop-said").textContent = words; };
  let dragged = null;
  let lifted = null;

  function steps(card) {
    const found = card.dataset.steps.split(" ").filter(Boolean);
    const asks = !PROPOSED_NOT_IN.includes(card.dataset.stage) && !found.includes("awaiting_consent");
    return asks && card.dataset.stage !== "awaiting_consent" ? [...found, "awaiting_consent"] : found;
  }

  function show(path) {
    return htmx.ajax("GET", path, { target: "#panel", swap: "innerHTML" });
  }

  function go(card, stage) {
    if (stage === card.dataset.stage) return;
    if (WITH_A_FORM.includes(stage) && steps(card).includes(stage)) {
      show(`/desk/workshop/orders/${encodeURIComponent(card.dataset.number)}?form=${stage}`);
      return;
    }
    const form = card.querySelector("form.move");
    form.elements.stage.value = stage;
    form.requestSubmit();
  }

  function mark(card) {
    const may = card ? steps(card) : [];
    for (const zone of zones()) {
      zone.classList.toggle("may", may.includes(zone.dataset.stage));
      zone.classList.remove("over");
    }
  }

  // A narrow screen shows one column at a time: the one looked at stays when the board is drawn anew, and the page
  // opens at the first one with cars.
  const columns = () => document.querySelector(".board.stages");
  const turnTo = (zone) => columns().scrollTo({ left: zone.closest(".column").offsetLeft - columns().offsetLeft });
  let turned = 0;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id === "board") turned = columns().scrollLeft;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "board") columns().scrollLeft = turned;
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".stage-links a");
    if (!link) return;
    event.preventDefault();
    const zone = document.querySelector(link.hash);
    turnTo(zone);
    zone.scrollIntoView({ block: "nearest" });
  });
  const first = document.querySelector(".zone:has(.card)");
  if (first) turnTo(first);

  const catchUp = () => document.body.dispatchEvent(new CustomEvent("workshop"));
  // A customer's answer in a chat may have changed an order: one look for all words of a second.
  let soon = 0;
  document.body.addEventListener("conversation", () => {
    soon ||= setTimeout(() => { soon = 0; catchUp(); }, 1000);
  });

  document.addEventListener("dragstart", (event) => {
    const card = event.target.closest?.(".card.order");
    if (!card) return;
    dragged = card;
    card.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.dataset.number);
    mark(card);
  });
  document.addEventListener("dragend", () => {
    dragged?.classList.remove("dragged");
    dragged = null;
    mark(null);
    catchUp();
  });
  document.addEventListener("dragover", (event) => {
    const zone = dragged && event.target.closest(".zone");
    for (const other of zones()) other.classList.toggle("over", other === zone);
    if (zone) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const zone = dragged && event.target.closest(".zone");
    if (!zone) return;
    event.preventDefault();
    go(dragged, zone.dataset.stage);
  });

  // A card that is lifted by key chooses among the stages it may go to, in the board's order.
  function lift(card) {
    lifted = { card, stage: card.dataset.stage };
    card.classList.add("lifted");
    mark(card);
    aim(card.dataset.stage);
  }

  function aim(stage) {
    lifted.stage = stage;
    for (const zone of zones()) zone.classList.toggle("over", zone.dataset.stage === stage);
    const zone = zones().find((each) => each.dataset.stage === stage);
    said(document.getElementById("workshop-said").dataset.lifted + (zone?.querySelector("h2").firstChild.textContent.trim() ?? ""));
  }

  function put(move) {
    const { card, stage } = lifted;
    lifted = null;
    card.classList.remove("lifted");
    mark(null);
    if (move) go(card, stage);
    else said(document.getElementById("workshop-said").dataset.dropped);
    catchUp();
  }

  function chooseBeside(step) {
    const order = zones().map((zone) => zone.dataset.stage);
    const may = order.filter((stage) => stage === lifted.card.dataset.stage || steps(lifted.card).includes(stage));
    const at = may.indexOf(lifted.stage) + step;
    if (may[at]) aim(may[at]);
  }

  function focusBeside(card, event) {
    const columns = [...document.querySelectorAll(".stages .column")].map((each) => [...each.querySelectorAll(".card.order")]);
    const column = columns.findIndex((cards) => cards.includes(card));
    const at = columns[column].indexOf(card);
    const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    if (step[1]) return columns[column][at + step[1]]?.focus();
    for (let next = column + step[0]; columns[next]; next += step[0])
      if (columns[next].length) return columns[next][Math.min(at, columns[next].length - 1)].focus();
  }

  document.addEventListener("keydown", (event) => {
    const card = event.target.classList?.contains("order") ? event.target : null;
    if (!card) return;
    const arrow = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === " ") lifted ? put(true) : lift(card);
    else if (event.key === "Enter") lifted ? put(true) : card.querySelector(".card-open").click();
    else if (event.key === "Escape" && lifted) put(false);
    else if (arrow) lifted ? chooseBeside(arrow) : focusBeside(card, event);
    else return;
    event.preventDefault();
  });
  document.addEventListener("focusout", (event) => {
    if (lifted && event.target === lifted.card && event.relatedTarget) put(false);
  });

  // The board waits while a card is in the hand.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.id === "board" && (dragged || lifted)) event.preventDefault();
  });
  // What was sent from a card; a refusal shows the newest state as well.
  document.addEventListener("htmx:afterRequest", (event) => {
    const { verb, path } = event.detail.requestConfig ?? {};
    if (verb === "post" && path.startsWith("/desk/workshop") && !event.detail.successful) catchUp();
  });
})();
