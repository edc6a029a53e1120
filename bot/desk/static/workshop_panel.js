// The order beside the workshop board. What is typed stays over newer drawings of it, over a look at another order and
// over a close; nothing is drawn between the press of a button and the answer to what it sends.
"use strict";

(() => {
  const LONGEST_WAIT = 10000; // for an answer, before the panel may be closed all the same
  const panel = () => document.getElementById("panel");
  const order = () => document.getElementById("panel-order");
  const pathOf = (number) => `/desk/workshop/orders/${encodeURIComponent(number)}`;
  const catchUp = () => document.body.dispatchEvent(new CustomEvent("workshop"));
  const action = (form) => form.getAttribute("action");
  const fields = (form) => [...form.querySelectorAll("input:not([type=hidden]), textarea")];
  const typing = () => (order() ? [...order().querySelectorAll("form")].flatMap(fields) : []);
  const key = (field) => `${action(field.form)} ${field.name}`;
  const parts = () => [...panel().querySelectorAll("details")].filter((part) => part.querySelector("form"));
  const named = (part) => action(part.querySelector("form"));

  // --- what is typed and not sent ------------------------------------------------------------------------------
  const drafts = new Map(); // form and field → words
  function keep() {
    for (const field of typing())
      if (field.value === field.defaultValue) drafts.delete(key(field));
      else drafts.set(key(field), field.value);
  }
  function restore() {
    const kept = typing().filter((field) => drafts.has(key(field)));
    for (const field of kept) {
      field.value = drafts.get(key(field));
      field.closest("details")?.setAttribute("open", "");
    }
    return kept.length > 0;
  }
  function forget(form) {
    for (const field of fields(form)) drafts.delete(key(field));
    form.reset();
    form.closest("details.panel-part")?.removeAttribute("open");
  }

  // --- what is sent --------------------------------------------------------------------------------------------
  let sent = null; // the form that waits for its answer, and since when
  const waits = () => sent?.form.isConnected && Date.now() - sent.since < LONGEST_WAIT;
  function hold(form, on) {
    for (const field of fields(form)) field.readOnly = on;
    for (const button of form.querySelectorAll("button")) button.disabled = on;
  }
  document.addEventListener("htmx:beforeSend", ({ detail: { elt, requestConfig } }) => {
    if (requestConfig.verb !== "post" || !panel().contains(elt)) return;
    sent = { form: elt, since: Date.now() };
    hold(elt, true);
  });
  document.addEventListener("htmx:afterRequest", ({ detail: { elt, requestConfig, successful } }) => {
    if (requestConfig?.verb !== "post" || elt !== sent?.form) return;
    sent = null;
    hold(elt, false);
    if (successful) forget(elt);
    drawMissed();
  });

  // --- what is drawn -------------------------------------------------------------------------------------------
  let wanted = null; // the request for what was opened last; whatever was asked for before it comes too late
  let pressed = false;
  let missed = false;
  function drawMissed() {
    if (!missed || pressed || waits()) return;
    missed = false;
    catchUp();
  }
  document.addEventListener("pointerdown", (event) => { pressed = panel().contains(event.target); });
  for (const end of ["pointerup", "pointercancel"])
    document.addEventListener(end, () => {
      pressed = false;
      setTimeout(drawMissed);
    });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, target, requestConfig } = event.detail;
    if (target?.id !== "panel" || requestConfig.verb !== "get" || elt.id === "panel-order") return;
    if (waits()) event.preventDefault();
    else wanted = requestConfig;
  });

  let opened = [];
  let focused = "";
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, shouldSwap, requestConfig } = event.detail;
    if (target.id !== "panel" || !shouldSwap) return;
    // By the path: of two drawings on their way, the second was asked for by what the first has replaced.
    const again = order() !== null && requestConfig.path.split("?")[0] === pathOf(order().dataset.number);
    const redraws = again && requestConfig !== wanted;
    const disturbs = redraws && (pressed || waits());
    missed ||= disturbs;
    if (disturbs || (!redraws && requestConfig !== wanted)) {
      event.detail.shouldSwap = false;
      return;
    }
    keep();
    opened = again ? parts().filter((part) => part.open).map(named) : [];
    const at = document.activeElement;
    focused = again && order().contains(at) && at.form && at.name ? key(at) : "";
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "panel") return;
    for (const part of parts()) if (opened.includes(named(part))) part.open = true;
    const kept = restore();
    if (focused) typing().find((field) => key(field) === focused)?.focus({ preventScroll: true });
    else if (event.detail.requestConfig?.elt?.id !== "panel-order" && !(kept && opened.length)) {
      panel().scrollTop = 0;
      (panel().querySelector("details[open] input:not([type=hidden])") ?? panel()).focus();
    }
    opened = [];
    focused = "";
  });
  document.body.addEventListener("order-opened", ({ detail }) => { // comes with the answer, which ends first
    setTimeout(() => htmx.ajax("GET", pathOf(detail.number), { target: "#panel", swap: "innerHTML" }));
  });

  // --- closing -------------------------------------------------------------------------------------------------
  function close() {
    if (waits()) return;
    keep();
    wanted = null;
    const number = order()?.dataset.number;
    panel().replaceChildren();
    if (location.pathname !== "/desk/workshop") history.replaceState(null, "", "/desk/workshop");
    document.getElementById(`order-${number}`)?.focus();
  }
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-close-panel]")) return;
    event.preventDefault();
    close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (panel().firstElementChild) close();
  });
})();
