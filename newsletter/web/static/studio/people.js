// The subscriber manager. Every page works without this: forms are forms, links are links. With it, what is
// typed or chosen in a form[data-swap] asks for the page anew and puts in what differs, by [data-live].

import { t } from "./words.js";

document.documentElement.classList.add("scripted");

let asked = 0;

/** Puts in what a fresh page has at the same places; what somebody types in stays. */
function take(fresh) {
  for (const place of document.querySelectorAll("[data-live]")) {
    const other = fresh.querySelector(`[data-live="${place.dataset.live}"]`);
    if (!other) continue;
    const focused = place.contains(document.activeElement) ? document.activeElement : null;
    for (const name of Object.keys(place.dataset)) if (!(name in other.dataset)) delete place.dataset[name];
    Object.assign(place.dataset, { ...other.dataset });
    if (place.innerHTML === other.innerHTML) continue;
    place.innerHTML = other.innerHTML;
    if (!focused) continue;
    const same = [...place.querySelectorAll(focused.tagName)].find(
      (one) => one.name === focused.name && one.getAttribute("href") === focused.getAttribute("href") && (one.type !== "radio" || one.value === focused.value),
    );
    same?.focus({ preventScroll: true });
  }
  if (fresh.title) document.title = fresh.title;
  count();
  newest();
}

/** A chart that does not fit shows its newest end. */
function newest() {
  for (const chart of document.querySelectorAll(".chart")) chart.scrollLeft = chart.scrollWidth;
}
newest();

async function ask(address, keep) {
  const mine = ++asked;
  try {
    const answer = await fetch(address, { headers: { accept: "text/html" } });
    const text = await answer.text();
    if (mine !== asked) return;
    if (answer.redirected && new URL(answer.url).pathname !== location.pathname) {
      location.href = answer.url;
      return;
    }
    take(new DOMParser().parseFromString(text, "text/html"));
    if (keep) history.replaceState(null, "", address);
  } catch (error) {
    console.info("No fresh page:", error.message); // the server is gone for a moment
  }
}

/** The address that a form leads to; what is empty is left out, so that addresses stay short. */
function addressOf(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "" && typeof value === "string") query.append(name, value);
  const text = query.toString();
  return form.getAttribute("action") + (text ? `?${text}` : "");
}

let patience = 0;
function swapSoon(form, wait) {
  clearTimeout(patience);
  patience = setTimeout(() => ask(addressOf(form), true), wait);
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.dataset.swap === "input" && event.target.type !== "checkbox") swapSoon(form, 140);
});
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && "swap" in form.dataset && event.target.type !== "search") swapSoon(form, 0);
  count();
  const all = event.target.closest("[data-all]");
  if (all) {
    for (const box of document.querySelectorAll('input[name="id"]')) box.checked = all.checked;
    count();
  }
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.swap !== undefined && (event.submitter?.formMethod || form.method) === "get") {
    event.preventDefault();
    swapSoon(form, 0);
  }
  const busy = event.submitter;
  if (!event.defaultPrevented && busy && form.method === "post") setTimeout(() => (busy.disabled = true));
});
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button:disabled:not([data-waits])")) button.disabled = false;
  check();
});

// ---------------------------------------------------------------- a selection

function count() {
  const bar = document.querySelector(".bulk");
  if (!bar) return;
  const boxes = [...document.querySelectorAll('input[name="id"]')];
  const chosen = boxes.filter((one) => one.checked).length;
  bar.dataset.selected = chosen;
  const words = bar.querySelector(".selected");
  if (words) words.textContent = chosen ? t("%(n)s selected", { n: chosen }) : words.dataset.all;
  const all = document.querySelector("[data-all]");
  if (all) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
}
count();

// ---------------------------------------------------------------- a typed count

function check() {
  const form = document.querySelector("form[data-count]");
  if (!form) return;
  const wanted = form.dataset.count;
  const typed = form.elements.count.value.trim();
  const button = document.querySelector("button[data-waits]");
  const same = /^\d+$/.test(wanted) ? typed.replace(/[\s,.'’]/g, "") === wanted : typed.toLowerCase() === wanted.toLowerCase();
  if (button) button.disabled = !same;
}
document.addEventListener("input", check);
check();

// ---------------------------------------------------------------- a file that is dropped

for (const place of document.querySelectorAll("[data-drop]")) {
  const field = place.querySelector('input[type="file"]');
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.classList.add("over");
  });
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    if (event.dataTransfer.files.length) {
      field.files = event.dataTransfer.files;
      field.form.requestSubmit();
    }
  });
  field?.addEventListener("change", () => field.files.length && field.form.requestSubmit());
}

// ---------------------------------------------------------------- what runs is followed

async function follow() {
  const running = document.querySelector("[data-running]")?.dataset.running;
  if (running && !document.hidden) await ask(location.href, false);
  setTimeout(follow, document.querySelector("[data-running='yes']") ? 700 : 2000);
}
setTimeout(follow, 500);
