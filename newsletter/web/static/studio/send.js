// The send panel: what is asked for anew stands in its pages (hx-…), what moves by itself in elements.

import "./count-down.js";
import "./typed-count.js";

// Whoever names a time means it.
document.addEventListener("input", ({ target }) => {
  if (target.id === "at" && target.value) target.form.querySelector("[value=later]").checked = true;
});
