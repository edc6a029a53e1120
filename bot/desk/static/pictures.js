// A picture for the customer: chosen, pasted or dropped; a photograph is made small enough to be sent from a phone's line.
// It waits as form.chosenPicture; form.preparing ends when it is what will be sent.
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

  const most = Number(input.dataset.most);
  const [longest, quality, small] = [2048, 0.85, 5e5]; // pixels, of JPEG, bytes that are sent as they are

  function problem(file) {
    if (form.classList.contains("noting")) return input.dataset.noting;
    return input.accept.split(",").includes(file.type) ? "" : input.dataset.kind;
  }

  function choose(file) {
    if (!file) return;
    trouble.textContent = problem(file);
    if (trouble.textContent) return;
    show(file);
    words.focus();
    form.preparing = shrunk(file).catch(() => file).then((picture) => { // what cannot be drawn is for the server to judge
      if (form.chosenPicture !== file) return; // another one has been chosen meanwhile, or none
      const large = picture.size > most;
      if (large) trouble.textContent = input.dataset.large.replace("{}", megabytes(file.size));
      if (large || picture !== file) show(large ? null : picture);
    });
  }

  // The photograph upright, at most so long, without the camera's notes on where it was taken.
  async function shrunk(file) {
    if (file.size <= Math.min(small, most)) return file;
    const photo = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, longest / Math.max(photo.width, photo.height));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.round(photo.width * scale), Math.round(photo.height * scale)];
    const paper = canvas.getContext("2d");
    paper.imageSmoothingQuality = "high";
    paper.fillStyle = "white"; // behind what is transparent, which JPEG does not know
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(photo, 0, 0, canvas.width, canvas.height);
    photo.close();
    const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
    return made && made.size < file.size ? new File([made], `${file.name}.jpg`, { type: "image/jpeg" }) : file;
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
