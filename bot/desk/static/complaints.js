// A complaint's page: what the customer writes in the chat appears among the answers to choose from.
"use strict";

document.body.addEventListener("conversation", (event) => {
  const shown = document.getElementById("complaint")?.dataset.conversation;
  const answers = document.getElementById("complaint-answers");
  if (answers && shown === String(event.detail.id)) htmx.trigger(answers, "answers");
});
