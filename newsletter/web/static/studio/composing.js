// What is done with one click besides typing: forms that stay on the page, fixes, moving parts, pictures.

import "./outline-order.js";
import "./ways-out.js";
import { t } from "./words.js";

/** `settle()` resolves when what is typed is saved; `refresh()` shows the screen anew, `open(address)` another choice. */
export function composing({ settle, refresh, open, editor, file }) {
  // A line of its own under the text: how the save stands must not wipe it away before it is read.
  let fading = 0;
  const tell = (words) => {
    document.getElementById("moved").textContent = words;
    const line = document.getElementById("hint");
    if (!line) return;
    line.textContent = words;
    clearTimeout(fading);
    fading = setTimeout(() => (line.textContent = ""), 12_000);
  };

  async function post(url, body) {
    await settle();
    const answer = await fetch(url, { method: "POST", headers: { accept: "application/json" }, body });
    const told = await answer.json().catch(() => ({ ok: false, message: answer.statusText }));
    if (!told.ok) tell([told.message, told.hint].filter(Boolean).join(" "));
    return told;
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-post]");
    if (!form) return;
    event.preventDefault();
    const done = await post(form.action, new FormData(form, event.submitter ?? undefined));
    if (!done.ok) return;
    if (form.dataset.post === "go" && "file" in done) {
      form.reset();
      form.closest("details").open = false;
      awaited = done.file;
      await go(done.file);
      write();
      return;
    }
    // What was done with goes; whoever works with the keyboard stays in the list, and whoever writes by now goes on.
    const rows = form.closest(".rows");
    const here = form.contains(document.activeElement);
    form.closest("details")?.removeAttribute("open");
    if (here) document.activeElement.blur();
    await refresh();
    if (here && document.activeElement === document.body) rows?.focus();
  });

  // What was begun waits to be written: the cursor goes there when it is open.
  let awaited = "";
  function write() {
    if (!awaited || file() !== awaited) return;
    awaited = "";
    editor().focus(editor().text().length);
  }
  document.addEventListener("htmx:after:swap", write);

  function go(name) {
    const there = new URL(location.href);
    there.searchParams.delete("line");
    there.searchParams.delete("file");
    if (!name) return location.assign(there); // what was open was put away
    there.searchParams.set("file", name);
    return open(there.href);
  }

  // A fix is shown as two lines before it is made; the second press makes it.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fix]");
    if (!button) return;
    const shown = button.closest("li").querySelector(".fix");
    if (!shown.hidden) return;
    event.preventDefault();
    shown.hidden = false;
    button.textContent = t("Apply");
    button.closest("li").setAttribute("hx-morph-skip", ""); // what is looked at stays as it is
    const cancel = document.createElement("button");
    Object.assign(cancel, { type: "button", textContent: t("Cancel") });
    cancel.dataset.unfix = "";
    button.after(cancel);
  });
  document.addEventListener("click", (event) => {
    const cancel = event.target.closest("[data-unfix]");
    if (!cancel) return;
    const row = cancel.closest("li");
    const button = row.querySelector("[data-fix]");
    row.querySelector(".fix").hidden = true;
    row.removeAttribute("hx-morph-skip");
    button.textContent = t("Fix");
    cancel.remove();
    button.focus();
  });
  document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("li.finding");
    if (!row || event.target.closest("input,textarea,select") || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { f: "[data-fix]", s: ".silence summary" }[event.key];
    const found = act && row.querySelector(act);
    if (!found) return;
    event.preventDefault();
    found.click();
    found.focus();
  });

  // ------------------------------------------------------------ the order

  const outline = document.querySelector("outline-order");
  outline.addEventListener("order", async ({ detail: { what, after, words } }) => {
    const body = new FormData();
    body.set("what", what);
    body.set("after", after);
    const done = await post(outline.dataset.move, body);
    if (!done.ok) return;
    tell(words);
    const { activeElement } = document;
    const here = activeElement === document.body || outline.contains(activeElement);
    await refresh();
    if (!here) return; // who writes by now goes on
    held = done.moved[what] ?? what;
    outline.focusRow(held);
  });

  // The page may be put in more than once after a move: the row that was moved keeps the focus until another place has it.
  let held = "";
  const letGo = ({ target }) => outline.contains(target) || (held = "");
  for (const kind of ["focusin", "pointerdown"]) document.addEventListener(kind, letGo);
  document.addEventListener("htmx:after:swap", () => {
    if (held && document.activeElement === document.body) outline.focusRow(held);
  });

  // ------------------------------------------------------------ pictures

  const picker = document.getElementById("picture");
  const field = document.getElementById("field");

  async function lay(picture) {
    const body = new FormData();
    body.set("to", file());
    body.set("picture", picture, picture.name || "picture.png");
    tell(t("Laying the picture …"));
    const done = await post(picker.dataset.url, body);
    if (!done.ok) return;
    editor().block("![", t("what is to be seen"), `](${encodeURI(done.address)} "")`);
    tell(t("Say what the picture shows, for those who cannot see it."));
  }

  const pictures = (transfer) => [...(transfer?.files ?? [])].filter((one) => one.type.startsWith("image/"));
  document.querySelector("[data-picture]")?.addEventListener("click", () => picker.click());
  picker?.addEventListener("change", async () => {
    for (const one of picker.files) await lay(one);
    picker.value = "";
  });
  field?.addEventListener(
    "paste",
    async (event) => {
      const found = pictures(event.clipboardData);
      if (!found.length) return;
      event.preventDefault();
      event.stopPropagation();
      for (const one of found) await lay(one);
    },
    true,
  );
  field?.addEventListener(
    "drop",
    async (event) => {
      const found = pictures(event.dataTransfer);
      if (!found.length) return;
      event.preventDefault();
      event.stopPropagation();
      for (const one of found) await lay(one);
    },
    true,
  );
}
