// Complaints follow what customers write: the board takes up new ones, an open one what was added and the answers.
"use strict";

(() => {
  let waits = null;

  function refresh(elements) {
    for (const each of elements) if (each) htmx.trigger(each, "refresh");
  }

  document.body.addEventListener("conversation", (event) => {
    const shown = document.getElementById("complaint")?.dataset.conversation;
    const board = document.getElementById("board");
    if (shown === String(event.detail.id)) {
      refresh(["complaint-answers", "complaint-state", "complaint-chat", "complaint-log"].map((id) => document.getElementById(id)));
    } else if (board && !waits) { // much is written; what is filed is seen some seconds later
      waits = setTimeout(() => { waits = null; refresh([board]); }, 3000);
    }
  });
})();
