// The subscriber manager: what asks for a part anew stands in its pages (hx-…), what moves by itself in elements.

import "./file-drop.js";
import "./newest-end.js";
import "./row-selection.js";
import "./typed-count.js";

// A form that is under way is not sent twice.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.defaultPrevented || !button || event.target.method !== "post") return;
  setTimeout(() => {
    button.disabled = true;
    button.dataset.sent = "";
  });
});
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[data-sent]")) button.disabled = false;
});
