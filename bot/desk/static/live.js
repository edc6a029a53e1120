// One stream of server-sent events a page. Each topic becomes an event on <body> of the topic's name, for hx-trigger;
// "conversation" carries {id}, "row" a line of the queue, "counts" how many each list has, "looking" who else is in a
// conversation, "alert" a notice.
"use strict";

(() => {
  const body = document.body;
  let lost = null;
  let since = 0;

  function dispatch(name, detail) {
    body.dispatchEvent(new CustomEvent(name, { detail }));
  }

  function showLost() {
    if (lost) return;
    lost = document.createElement("div");
    lost.id = "lost";
    lost.setAttribute("role", "status");
    lost.textContent = body.dataset.lost;
    body.append(lost);
  }

  function open() {
    const source = new EventSource(body.dataset.events);
    source.onopen = () => {
      if (since) dispatch("back", {}); // what happened meanwhile is fetched by whoever shows it
      since = Date.now();
      lost?.remove();
      lost = null;
    };
    source.onerror = () => {
      if (since) setTimeout(() => source.readyState !== EventSource.OPEN && showLost(), 1500);
      if (source.readyState === EventSource.CLOSED) { // refused: signed out, or a server that restarts
        source.close();
        fetch("/desk/here", { headers: { "X-By-Itself": "1" } })
          .then((answer) => answer.redirected || answer.status === 401 ? location.reload() : setTimeout(open, 3000))
          .catch(() => { showLost(); setTimeout(open, 3000); });
      }
    };
    source.addEventListener("topic", (event) => dispatch(event.data, {}));
    for (const name of ["conversation", "row", "counts", "looking", "alert"])
      source.addEventListener(name, (event) => dispatch(name, JSON.parse(event.data)));
    window.addEventListener("pagehide", () => source.close());
  }
  open();

  // Somebody is there: noted now and then, so that the session lasts while the page is used.
  let touched = false;
  for (const name of ["keydown", "pointerdown", "scroll"]) addEventListener(name, () => { touched = true; }, { passive: true });
  setInterval(() => {
    if (touched && navigator.onLine) fetch("/desk/here").catch(() => {});
    touched = false;
  }, 60000);
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb === "get" && !event.detail.triggeringEvent?.isTrusted) event.detail.headers["X-By-Itself"] = "1";
  });
})();
