// What htmx does on our pages: which answers are put in, what stays as somebody has it, and how trouble is told.
// The pages say what asks for what (hx-…); without this, and without a script at all, they are forms and links.

import { t } from "./words.js";

window.htmx?.registerExtension("studio", {
  /** A part that is put in anew takes over what the server says, except what is open or closed by hand. */
  htmx_before_morph_attr(element, { attrName, newValue }) {
    if (attrName === "open" && element.localName === "details") return false;
    // What was chosen by hand no longer follows its attribute by itself.
    if (attrName === "selected" || attrName === "checked") element[attrName] = newValue !== null;
    return true;
  },
});

/** Says what went wrong, at the foot of the window, until something goes right. */
function tell(words) {
  quiet();
  const line = document.createElement("p");
  line.id = "trouble";
  line.role = "alert";
  document.body.append(line);
  line.textContent = words;
}

const quiet = () => document.getElementById("trouble")?.remove();

/** The words of a whole page that tells an error. */
function told(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const words = [...page.querySelectorAll("main > h1, main > p")].map((one) => one.textContent.trim());
  return words.slice(0, 2).filter(Boolean).join(". ") || t("The studio could not do that.");
}

document.addEventListener("htmx:config:request", (event) => {
  const { sourceEvent, request } = event.detail.ctx;
  if (sourceEvent?.type === "every" && document.hidden) event.preventDefault(); // nobody looks
  if (!request.form?.matches(".filters")) return;
  for (const name of [...request.body.keys()]) if (request.body.get(name) === "") request.body.delete(name);
});

document.addEventListener("htmx:before:swap", (event) => {
  const { response, text } = event.detail.ctx;
  if (!response) return;
  const there = new URL(response.raw.url);
  if (response.raw.redirected && there.pathname !== location.pathname) {
    event.preventDefault();
    location.assign(there); // another page now: a login, or a step before
  } else if (response.status >= 400 && response.status !== 409) {
    event.preventDefault();
    tell(told(text));
  } else {
    quiet();
  }
});

// A refusal is shown where it was asked for; the address stays that of the page.
document.addEventListener("htmx:before:history:update", (event) => {
  if (event.detail.response?.status >= 400) event.preventDefault();
});

document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx) tell(t("The studio does not answer."));
});
