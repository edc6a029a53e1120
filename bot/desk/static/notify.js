// Tells the agent what waits, also in another window: a browser notification and a sound, both from the "alert" event
// on <body> with {id, kind, urgency, title, about, url, open, toast}, in the agent's language. The bell asks for
// permission and mutes; it is remembered in this browser. What is of this agent alone is shown on the page too.
"use strict";

(() => {
  const bell = document.getElementById("bell");
  const MUTED = "desk-muted";
  let audio = null;
  let unseen = 0;
  const pageTitle = document.title;

  function isMuted() {
    return localStorage.getItem(MUTED) === "1";
  }

  function allowed() {
    return "Notification" in window && Notification.permission === "granted";
  }

  function show() {
    if (!bell) return;
    const state = isMuted() ? "muted" : "Notification" in window && Notification.permission === "default" ? "asks" : "on";
    bell.dataset.state = state;
    bell.setAttribute("aria-pressed", String(state === "on"));
    bell.title = bell.dataset[state];
    bell.setAttribute("aria-label", bell.title);
  }

  // Browsers let a page sound only after somebody has touched it.
  function wakeSound() {
    const Kind = window.AudioContext ?? window.webkitAudioContext;
    if (!audio && Kind) audio = new Kind();
    if (audio?.state === "suspended") audio.resume().catch(() => {});
  }
  for (const name of ["pointerdown", "keydown"]) addEventListener(name, wakeSound, { passive: true });

  function tone(frequency, start, length) {
    const voice = audio.createOscillator();
    const loudness = audio.createGain();
    voice.frequency.value = frequency;
    loudness.gain.setValueAtTime(0.0001, start);
    loudness.gain.exponentialRampToValueAtTime(0.25, start + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, start + length);
    voice.connect(loudness).connect(audio.destination);
    voice.start(start);
    voice.stop(start + length);
  }

  function sound(urgency) {
    document.body.dataset.sounded = urgency;
    if (audio?.state !== "running") return;
    const notes = urgency === "danger" ? [880, 660, 880, 660] : urgency === "complaint" ? [740, 740] : [587, 880];
    notes.forEach((frequency, place) => tone(frequency, audio.currentTime + place * 0.18, 0.3));
    if (urgency === "danger") navigator.vibrate?.([200, 100, 200]);
  }

  // Several pages of one browser hear the same alert at about the same time; the first one tells it.
  function first(id, tell) {
    if (!id || !navigator.locks) return tell();
    navigator.locks.request(`desk-alert-${id}`, { ifAvailable: true }, (lock) => {
      if (!lock) return;
      tell();
      return new Promise((free) => setTimeout(free, 5000));
    });
  }

  function notification(alert) {
    try {
      const more = { body: alert.about, tag: `desk-${alert.id ?? alert.url}`, icon: "/desk/static/icon.svg" };
      const shown = new Notification(alert.title, more);
      shown.onclick = () => {
        window.focus();
        if (alert.url) location.assign(alert.url);
        shown.close();
      };
    } catch { /* phones show notifications from installed pages only */ }
  }

  // What is told on the page itself: what an action has done, for a while, with a way back; and what is for this agent
  // alone, until it is read.
  const toasts = document.createElement("div");
  toasts.className = "toasts";
  toasts.setAttribute("role", "status");
  document.body.append(toasts);

  function toast(kind, words, { small, url, open, post, undo, seconds }) {
    const shown = document.createElement("div");
    shown.className = `toast ${kind}`;
    const text = document.createElement("p");
    text.textContent = words;
    const close = document.createElement("button");
    Object.assign(close, { type: "button", className: "button-plain", textContent: "×", onclick: () => shown.remove() });
    close.setAttribute("aria-label", document.body.dataset.close);
    shown.append(text, close);
    if (small) {
      const more = document.createElement("p");
      Object.assign(more, { className: "small muted", textContent: small });
      shown.append(more);
    }
    if (url && url !== location.pathname) {
      const link = document.createElement("a");
      Object.assign(link, { href: url, textContent: open });
      shown.append(link);
    }
    if (post) {
      const back = document.createElement("button");
      const go = () => { shown.remove(); htmx.ajax("POST", post, { swap: "none" }); };
      Object.assign(back, { type: "button", className: "button-plain toast-undo", textContent: undo, onclick: go });
      shown.append(back);
    }
    toasts.append(shown);
    if (toasts.children.length > 4) toasts.firstElementChild.remove();
    if (seconds) setTimeout(() => shown.remove(), seconds * 1000);
  }

  document.body.addEventListener("said", ({ detail }) => toast("done", detail.words, { ...detail, seconds: detail.post ? 20 : 8 }));

  document.body.addEventListener("alert", (event) => {
    const alert = event.detail;
    if (alert.toast) toast(alert.urgency, alert.title, { small: alert.about, url: alert.url, open: alert.open });
    if (!document.hasFocus()) document.title = `(${++unseen}) ${pageTitle}`;
    if (isMuted()) return;
    first(alert.id, () => {
      sound(alert.urgency);
      if (allowed() && !document.hasFocus()) notification(alert);
    });
  });

  addEventListener("focus", () => {
    unseen = 0;
    document.title = pageTitle;
  });

  bell?.addEventListener("click", async () => {
    wakeSound();
    if (!isMuted() && "Notification" in window && Notification.permission === "default") {
      await Notification.requestPermission();
    } else {
      localStorage.setItem(MUTED, isMuted() ? "0" : "1");
    }
    show();
    if (!isMuted()) sound("normal");
  });
  addEventListener("storage", show);
  show();
})();
