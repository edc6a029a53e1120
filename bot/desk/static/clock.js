"use strict";
// Clocks of promises count down, and waiting times up, without loading anything: <time data-due data-warn data-now>,
// <time data-since>. The page's time is the dealer's, which need not be the browser's; it only moves forward, and a
// line of the queue may have been drawn some time ago.
(() => {
  const WORDS = {
    zh: { left: "还剩 {}", late: "已超时 {}", units: ["天", "小时", "分钟"], just: "刚刚", short: ["天", "小时", "分钟"] },
    en: { left: "{} left", late: "{} late", units: ["d", "h", "min"], just: "now", short: ["d", "h", "min"] },
  };
  const words = WORDS[document.documentElement.lang.startsWith("en") ? "en" : "zh"];
  const seen = new WeakSet();
  let ahead = -Infinity;

  const parts = (minutes) => [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];

  function span(minutes) {
    const [days, hours, rest] = parts(minutes);
    const shown = days ? [[days, 0], [hours, 1]] : hours ? [[hours, 1], [rest, 2]] : [[rest, 2]];
    return shown.filter(([count], place) => count || !place).map(([count, unit]) => `${count} ${words.units[unit]}`).join(" ");
  }

  function since(minutes) {
    const first = parts(minutes).findIndex((count) => count > 0);
    return minutes < 1 ? words.just : `${parts(minutes)[first]} ${words.short[first]}`;
  }

  function show(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function tick() {
    for (const element of document.querySelectorAll("[data-now]")) {
      if (!seen.has(element)) ahead = Math.max(ahead, Date.parse(element.dataset.now) - Date.now());
      seen.add(element);
    }
    const now = Date.now() + ahead;
    for (const clock of document.querySelectorAll("time[data-due]")) {
      const left = (Date.parse(clock.dataset.due || clock.dateTime) - now) / 60000;
      const state = left <= 0 ? "late" : clock.dataset.warn && Date.parse(clock.dataset.warn) <= now ? "warn" : "ok";
      for (const each of ["ok", "warn", "late"]) clock.classList.toggle(each, each === state);
      const late = left <= 0;
      show(clock, words[late ? "late" : "left"].replace("{}", span(late ? Math.max(1, Math.floor(-left)) : Math.ceil(left))));
    }
    for (const each of document.querySelectorAll("time[data-since]")) {
      show(each, since(Math.max(0, Math.floor((now - Date.parse(each.dataset.since)) / 60000))));
    }
  }

  document.addEventListener("DOMContentLoaded", tick);
  document.addEventListener("htmx:load", tick);
  setInterval(tick, 15000);
})();
