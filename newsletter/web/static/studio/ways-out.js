// Escape leads back, to where one came from: out of a fix that is shown, out of a form behind a word, and on a phone out
// of the sheet with the findings.

const NARROW = 900; // pixels of a window below which the drawer is a sheet
const FORMS = "details.every-fix[open], details.silence[open]";
let came = -1; // which tab of the sheet is focused when that is closed

const kinds = () => [...document.querySelectorAll(".kinds a")];

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
  const { target } = event;
  const shown = target.closest?.("li.finding")?.querySelector("[data-unfix]");
  const form = target.closest?.(FORMS) ?? (target.closest?.(".tabs") && document.querySelector(".every-fix[open]"));
  const close = innerWidth < NARROW && target.closest?.(".bottom") && document.querySelector(".bottom .close");
  if (!form && !shown && !close) return;
  event.preventDefault();
  if (form) {
    form.open = false;
    form.querySelector("summary").focus();
  } else (shown ?? close).click();
});

document.addEventListener("click", ({ target }) => {
  if (target.closest(".bottom .close")) came = kinds().findIndex((one) => one.hasAttribute("aria-current"));
});

document.addEventListener("htmx:after:swap", () => {
  if (came >= 0 && (document.activeElement === document.body || document.activeElement.matches(".close"))) kinds()[came]?.focus();
  came = -1;
});
