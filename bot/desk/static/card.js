// The suggested sentence goes into the reply box, where the agent sends or changes it; what was typed stays before it.
"use strict";

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-suggest]");
  if (!button) return;
  const words = document.getElementById("words");
  const suggested = document.querySelector(button.dataset.suggest).textContent.trim();
  if (!words || words.value.includes(suggested)) return;
  words.value = words.value.trim() ? `${words.value.trimEnd()}\n${suggested}` : suggested;
  words.dispatchEvent(new Event("input", { bubbles: true }));
  document.getElementById("card").classList.remove("open");
  words.focus();
});

// On a narrow screen the card lies over the conversation; it goes by its cross, by Esc and by a click beside it.
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-card]")) showCard(true);
  if (target.closest(".card-shut, .card-shade")) showCard(false);
});
document.addEventListener("keydown", (event) => {
  const open = document.getElementById("card").classList.contains("open");
  if (event.key === "Escape" && open && !event.isComposing && !document.querySelector("dialog[open]")) showCard(false);
});
function showCard(open) {
  document.getElementById("card").classList.toggle("open", open);
  document.querySelector(open ? ".card-shut" : "[data-card]").focus();
}

// What is worked on stands above the card; it comes into view with its first field, and goes by its cross.
document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "card-work") return;
  document.getElementById("card")?.scrollTo({ top: 0 });
  const wrong = detail.target.querySelector("[aria-invalid]");
  (wrong ?? detail.target.querySelector("[tabindex], [role=status]"))?.focus();
});
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-empty]");
  if (button) document.querySelector(button.dataset.empty).replaceChildren();
});
