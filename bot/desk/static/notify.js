// Tells the agent what waits, also in another window: a browser notification and a sound, both from the "alert" event
// on <body> with {id, kind, urgency, number, agent, title, url}. The bell asks for permission and mutes; it is
// remembered in this browser.
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

  function inLanguage(alert) {
    const words = document.querySelector(`#alert-words [data-kind="${CSS.escape(alert.kind)}"]`)?.textContent;
    return [words ?? alert.title, alert.number].filter(Boolean).join(" ");
  }

  function notification(alert, title) {
    try {
      const shown = new Notification(title, { tag: `desk-${alert.id ?? alert.url}`, icon: "/desk/static/icon.svg" });
      shown.onclick = () => {
        window.focus();
        if (alert.url) location.assign(alert.url);
        shown.close();
      };
    } catch { /* phones show notifications from installed pages only */ }
  }

  document.body.addEventListener("alert", (event) => {
    const alert = event.detail;
    if (alert.agent && alert.agent !== document.body.dataset.agent) return;
    if (!document.hasFocus()) document.title = `(${++unseen}) ${pageTitle}`;
    if (isMuted()) return;
    first(alert.id, () => {
      sound(alert.urgency);
      if (allowed() && !document.hasFocus()) notification(alert, inLanguage(alert));
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
