// What every page of the desk does: notices that close, dialogs, keys, and plain words when the network is away.
"use strict";

document.addEventListener("click", (event) => {
  const close = event.target.closest("[data-close]");
  if (close) (close.closest("dialog") ?? close.closest(".notice"))?.[close.closest("dialog") ? "close" : "remove"]();
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.dialog)?.showModal();
  }
});

function tell(words) {
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.setAttribute("role", "alert");
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button-plain";
  close.dataset.close = "";
  close.textContent = "×";
  close.setAttribute("aria-label", document.body.dataset.close);
  notice.append(words, close);
  document.getElementById("notice")?.replaceChildren(notice);
}

// Nothing came back: what was written stays where it is. What the page fetches by itself it will fetch again.
function nothingCame({ detail: { requestConfig } }) {
  if (requestConfig.verb !== "get" || requestConfig.triggeringEvent?.isTrusted) tell(document.body.dataset.failed);
}
document.addEventListener("htmx:sendError", nothingCame);
document.addEventListener("htmx:timeout", nothingCame);
// A form whose request went well closes its dialog and empties itself.
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form");
  if (!event.detail.successful || !form) return;
  if (document.querySelector("#notice .notice")) document.getElementById("notice").replaceChildren();
  form.closest("dialog")?.close();
  if (form.hasAttribute("data-empty-after")) form.reset();
});
