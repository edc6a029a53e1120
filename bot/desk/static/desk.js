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
  notice.textContent = words;
  document.getElementById("notice")?.replaceChildren(notice);
}

// Nothing came back: what was written stays where it is.
document.addEventListener("htmx:sendError", () => tell(document.body.dataset.failed));
document.addEventListener("htmx:timeout", () => tell(document.body.dataset.failed));
// A form whose request went well closes its dialog and empties itself.
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form");
  if (!event.detail.successful || !form) return;
  if (document.querySelector("#notice .notice")) document.getElementById("notice").replaceChildren();
  form.closest("dialog")?.close();
  if (form.hasAttribute("data-empty-after")) form.reset();
});
