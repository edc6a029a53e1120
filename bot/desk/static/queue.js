// The queue stays true without reloading: each line that changed comes drawn, and finds its place by its rank.
"use strict";

(() => {
  const me = document.body.dataset.agent;
  const list = () => document.getElementById("queue");

  function belongs(line) {
    const show = list().dataset.show;
    if (show === "mine") return line.dataset.owner === "agent" && line.dataset.agent === me;
    if (show === "waiting") return line.dataset.owner === "queue";
    if (show === "calls") return line.dataset.calls === "yes";
    if (show === "all") return line.dataset.owner !== "bot";
    if (show === "closed") return line.dataset.owner === "bot" && line.dataset.handoff === "yes";
    return document.getElementById(line.id) !== null; // a search: lines change, none come or go
  }

  function showRest() {
    const rest = list().querySelector("[data-rest]");
    const all = document.querySelector(`#tabs [data-show="${list().dataset.show}"] .count`);
    if (!rest || !all) return;
    const left = Number(all.textContent) - list().querySelectorAll(".row").length;
    left > 0 ? (rest.textContent = left) : list().querySelector(".queue-more").remove();
  }

  // How many each list has, whenever that changes.
  document.body.addEventListener("counts", ({ detail }) => {
    for (const [name, number] of Object.entries(detail)) {
      const shown = document.querySelector(`#tabs [data-show="${name}"] .count`);
      if (shown) shown.textContent = number;
    }
    showRest();
  });

  document.body.addEventListener("row", ({ detail }) => {
    const template = document.createElement("template");
    template.innerHTML = detail.html;
    const line = template.content.querySelector("li");
    const before = document.getElementById(line.id);
    if (before?.querySelector("[aria-current]")) line.querySelector("a").setAttribute("aria-current", "true");
    if (list().dataset.show === "calls") line.querySelector("a").search = "?show=calls";
    const focused = before?.contains(document.activeElement);
    const keep = belongs(line);
    before?.remove();
    if (!keep) return showRest();
    const next = [...list().querySelectorAll(".row")].find((other) => other.dataset.rank > line.dataset.rank);
    // Behind the last line of a list that is not whole: its place is among those that are not shown yet.
    if (!next && !before && list().querySelector(".queue-more")) return showRest();
    list().insertBefore(line, next ?? list().querySelector(".queue-more, .queue-empty"));
    showRest();
    line.classList.add("fresh");
    if (focused) line.querySelector("a").focus();
  });

  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select, dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") {
      event.preventDefault();
      document.getElementById("q")?.focus();
    }
    const step = { j: 1, k: -1 }[event.key.toLowerCase()];
    if (!step) return;
    const links = [...list().querySelectorAll(".row a")];
    const here = links.findIndex((link) => link === document.activeElement);
    const start = here >= 0 ? here : links.findIndex((link) => link.hasAttribute("aria-current"));
    links[Math.min(links.length - 1, Math.max(0, start + step))]?.focus();
  });
})();
