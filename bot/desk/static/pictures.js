// A picture for the customer: chosen, pasted or dropped, and looked at before it is uploaded. It waits as form.chosenPicture.
"use strict";

(() => {
  const form = document.getElementById("reply");
  const input = document.getElementById("picture");
  if (!input) return; // nothing but words can be sent here
  const chosen = document.getElementById("picture-chosen");
  const [image, about, remove] = chosen.children;
  const words = document.getElementById("words");
  const trouble = document.getElementById("composer-trouble");
  const megabytes = (bytes) => bytes < 1e5 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;

  function problem(file) {
    if (form.classList.contains("noting")) return input.dataset.noting;
    if (!input.accept.split(",").includes(file.type)) return input.dataset.kind;
    if (file.size > Number(input.dataset.most)) return input.dataset.large.replace("{}", megabytes(file.size));
    return "";
  }

  function choose(file) {
    if (!file) return;
    trouble.textContent = problem(file);
    if (trouble.textContent) return;
    show(file);
    words.focus();
  }

  function show(file) {
    if (image.src) URL.revokeObjectURL(image.src);
    form.chosenPicture = file;
    chosen.hidden = !file;
    words.required = !file;
    if (!file) { image.removeAttribute("src"); return; }
    image.src = URL.createObjectURL(file);
    about.textContent = megabytes(file.size);
  }

  input.addEventListener("change", () => { choose(input.files[0]); input.value = ""; });
  remove.addEventListener("click", () => { show(null); words.focus(); });
  form.addEventListener("sent", () => show(null));
  document.querySelector(".picture-button").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    input.click();
  });
  words.addEventListener("paste", (event) => {
    const file = [...event.clipboardData.files].find((each) => each.type.startsWith("image/"));
    if (!file || event.clipboardData.types.includes("text/plain")) return; // words copied with a picture of them are words
    event.preventDefault();
    choose(file);
  });
  // Dropped anywhere on the conversation; the browser must not open the file in place of the page.
  const pane = form.closest(".pane-chat");
  pane.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    form.classList.add("dropping");
  });
  for (const name of ["dragleave", "drop"]) pane.addEventListener(name, () => form.classList.remove("dropping"));
  pane.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    choose(event.dataTransfer.files[0]);
  });
})();
