// The studio's screen. The address holds every choice; a link to another choice of the same issue is taken
// over in place: the page is asked for anew, and what differs is put in. Typing is never disturbed by it.

import "./pane-splitter.js";
import "./width-grip.js";
import { showConflict } from "./conflict.js";
import { makeEditor } from "./editor.js";
import { Preview } from "./frame.js";
import { insertRow } from "./insert.js";
import { Live } from "./live.js";
import { composing } from "./composing.js";
import "./outline-filter.js";
import "./person-picker.js";
import { Saving } from "./saving.js";
import { t } from "./words.js";

const CALM = 400; // milliseconds without a key that are a rest
const LONGEST = 2000; // milliseconds for which outline and findings are put off at most
const RESTS = 3000; // milliseconds without a key before a page may be loaded anew
const AWAY = 1000; // milliseconds after which a file that is gone was not just put aside by a program that writes it
const CARET = "newsletter-caret"; // where the cursor was when the page was loaded anew
const form = document.getElementById("writing");
let clip = null;
const clipped = (place) => {
  clip = place ?? null;
  showClip();
};
const preview = new Preview(document.getElementById("stage"), { clicked: jump, clipped, left: () => leave() });
let editor = null;
let saving = null;

// ---------------------------------------------------------------- the screen

let typedAt = -Infinity;
let putOff = 0;
let calm = 0;

/** Asks for the page anew and takes over what differs; what somebody types in stays. The last asked for wins. */
async function refresh() {
  const there = new URL(location.href);
  if (form && !there.searchParams.get("file")) there.searchParams.set("file", form.dataset.file); // no other file by itself
  const address = there.pathname + there.search;
  const headers = { "x-live": "1", "x-order": form?.dataset.order ?? "" };
  if (window.htmx) await htmx.ajax("GET", address, { target: "body", swap: "innerMorph", headers });
  else anew(); // nothing was laid for browsers here
}

let waiting = 0;
let pressedAt = -Infinity;
for (const kind of ["keydown", "input"]) addEventListener(kind, () => (pressedAt = performance.now()), true);

/** Loads the page anew, but never under somebody's hands: what is typed is saved first, and a while without a key. */
function anew() {
  clearTimeout(waiting);
  const rest = pressedAt + RESTS - performance.now();
  if (rest <= 0 && (saving?.clean ?? true) && !editor?.composing()) {
    if (editor?.focused()) sessionStorage.setItem(CARET, editor.caret());
    location.reload();
  } else waiting = setTimeout(anew, Math.max(rest, CALM));
}

/** Files changed. While somebody types here, the preview is what counts: the rest follows when the hands rest. */
function changed() {
  clearTimeout(calm);
  const now = performance.now();
  const rest = CALM - (now - typedAt);
  if (rest <= 0 || (putOff && now - putOff > LONGEST)) {
    putOff = 0;
    refresh();
    return;
  }
  putOff ||= now;
  calm = setTimeout(changed, rest);
}

// What the preview and the editor hold is not put in by htmx: they take over themselves what a fresh page says of them.
const takers = {
  stage: (fresh) => preview.take(fresh),
  writing: (fresh) => takeFile(fresh),
};
let morph = null;

window.htmx?.registerExtension("screen", {
  init: (htmx) => (morph = htmx.morph),
  htmx_before_morph_node(place, { newNode }) {
    if (!(place.id in takers) || place.id !== newNode.id) return true;
    takers[place.id](newNode);
    return false;
  },
});

document.addEventListener("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
  if (ctx.target !== document.body || ctx.response.status >= 400) return;
  clearTimeout(waiting); // whatever was to be left is there again
  const fresh = tasks[0].fragment.firstElementChild;
  Object.assign(document.body.dataset, { ...fresh.dataset });
  if (Boolean(form) !== Boolean(fresh.querySelector("#writing"))) anew();
  if (ctx.response.raw.redirected) history.replaceState(null, "", ctx.response.raw.url); // somebody at random is somebody now
});
document.addEventListener("htmx:after:swap", () => {
  showView();
  see();
  editor?.problems(JSON.parse(document.getElementById("here").textContent));
});
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.target === document.body) document.body.dispatchEvent(new Event("looked")); // what git says is asked for anew
});
document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  if (ctx.response?.status === 404) anew(); // the issue is gone: its page says so
});

/** On a phone the views are a row that is longer than the screen. */
function showView() {
  const [rail, view] = [document.querySelector(".rail"), document.querySelector(".rail [aria-current]")];
  if (rail && view) rail.scrollLeft = view.offsetLeft - (rail.clientWidth - view.offsetWidth) / 2;
}

/** Where Gmail cuts, as a dashed line in the text, when that is open. */
function showClip() {
  editor?.clip(clip && clip[0] === form?.dataset.file ? clip[1] : 0);
}

let seen = "";

/** Tells the server what the frame shows, when that is another thing than before. */
function see() {
  const stage = document.getElementById("stage");
  const { slug, view, scheme, images, person, columns, paper } = stage.dataset;
  const now = [slug, view, scheme, images, person, columns, paper].join(" ");
  if (now === seen) return;
  seen = now;
  link.see({ slug, view, scheme, person, columns, paper });
}

const GONE = "missing"; // the version of a file that is not there
let away = 0;

function takeFile(fresh) {
  if (!saving) return;
  const line = Number(new URLSearchParams(location.search).get("line") ?? 0);
  const matter = document.getElementById("matter-fields");
  const freshMatter = fresh.querySelector("#matter-fields");
  if (matter && freshMatter) morph(matter, freshMatter, true);
  form.action = fresh.action;
  const asked = new URLSearchParams(location.search).get("file") || form.dataset.file;
  const { was, file } = fresh.dataset;
  if (was && was === asked) renamed(fresh);
  if (file === form.dataset.file) {
    form.dataset.order = saving.order = fresh.dataset.order;
    clearTimeout(away);
    away = 0;
    saving.outdated(fresh.dataset.version);
    return;
  }
  const letGo = saving.version === GONE && saving.clean;
  if (asked === form.dataset.file && !form.dataset.refusal && !letGo) {
    // The open file is gone: its text stays, and somebody decides.
    away ||= setTimeout(() => {
      away = 0;
      if (asked === form.dataset.file) saving.outdated(GONE);
    }, AWAY);
    return;
  }
  if (letGo) history.replaceState(null, "", fresh.dataset.here);
  if (fresh.dataset.refusal || form.dataset.refusal) {
    anew(); // a file that cannot be edited has another page
    return;
  }
  if (!saving.clean && !saving.conflict && !saving.failed) {
    saving.save().then(refresh); // words of the file before are on their way
    return;
  }
  Object.assign(form.dataset, { ...fresh.dataset });
  morph(form.querySelector(".picker"), fresh.querySelector(".picker"), true);
  const area = fresh.querySelector("#text");
  saving.close();
  editor.open(area.value, area.getAttribute("aria-label"), area.lang);
  say("", "");
  begin(fresh.querySelector("[name=base]").value);
  showClip();
  foldMatter(line);
  editor.goto(line);
  where();
}

/** The open file has another name by now: it goes on under that, with what is typed in it. */
function renamed(fresh) {
  const { slug } = document.getElementById("stage").dataset;
  const { was, file, place, url, order } = fresh.dataset;
  const there = new URL(location.href);
  there.searchParams.set("file", file);
  history.replaceState(null, "", there);
  if (form.dataset.file !== was) return;
  Object.assign(form.dataset, { file, place, url });
  morph(form.querySelector(".picker"), fresh.querySelector(".picker"), true);
  const area = fresh.querySelector("#text");
  editor.rename(area.getAttribute("aria-label"), area.lang);
  link.forget(slug, was);
  saving.renamed({ place, url, order });
  if (!saving.conflict) settled();
}

// The front matter is a form above the text; as text it is folded until it is asked for, or led to.
const matterShown = () => document.getElementById("matter-text").getAttribute("aria-pressed") === "true";

function showMatter(on) {
  document.getElementById("matter-text").setAttribute("aria-pressed", on);
  editor.fold(!on);
}

function foldMatter(line) {
  const button = document.getElementById("matter-text");
  button.hidden = !editor.matter();
  if (!button.hidden) showMatter(matterShown() || (line > 1 && line <= editor.matter()));
}

async function go(address) {
  const there = new URL(address, location.href);
  const file = there.searchParams.get("file");
  const other = file !== null && file !== form?.dataset.file;
  if (other && saving && !saving.clean) await saving.save();
  if (there.href !== location.href) history.pushState(null, "", there);
  if (other && innerWidth < 900) document.body.dataset.pane = "write";
  if (!other && editor && there.searchParams.has("line")) editor.goto(Number(there.searchParams.get("line")));
  await refresh();
}

function jump(file, line) {
  const there = new URL(location.href);
  there.searchParams.set("file", file);
  there.searchParams.set("line", line);
  there.searchParams.set("pane", "write");
  go(there.href);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-go]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  go(link.href);
});
document.addEventListener("click", (event) => {
  const one = event.target.closest("[data-with]");
  if (!one) return;
  const there = new URL(location.href); // as it is chosen now, but for this
  for (const [name, value] of new URLSearchParams(one.dataset.with)) there.searchParams.set(name, value);
  go(there.href);
});
const leave = () => document.querySelector(".rail [aria-current]")?.focus();
document.addEventListener("click", (event) => {
  if (!event.target.closest(".past")) return;
  event.preventDefault();
  leave();
});
document.addEventListener("change", (event) => {
  if (event.target.id === "files") go(event.target.value);
});
addEventListener("popstate", async () => {
  if (saving && !saving.clean) await saving.save();
  refresh();
});

// ---------------------------------------------------------------- the text

function say(kind, words) {
  const sign = document.getElementById("saved");
  sign.className = `saved ${kind}`;
  if (sign.textContent !== words) sign.textContent = sign.title = words;
}

function told(what, detail) {
  if (what === "typed") {
    typedAt = performance.now();
    if (!saving.conflict) say("busy", t("Typing …"));
    if (!editor.composing()) link.draft(document.getElementById("stage").dataset.slug, form.dataset.file, editor.text());
  }
  if (what === "failed") say("failed", t("Not saved: %(why)s. Retrying", { why: detail }));
  if (what === "saved") {
    say("good", t("Saved %(at)s", { at: detail }));
  }
  if (what === "taken") refresh();
  if (what === "conflict") {
    say("failed", t("Not saved: changed on disk too"));
    form.classList.add("disputed");
    showConflict(document.getElementById("conflict"), detail, editor.text, decide);
  }
}

async function decide(side) {
  await saving.decide(side);
  if (saving.conflict) return; // there is another one by now, and it is shown
  settled();
  editor.focus();
  if (saving.version === GONE) refresh();
}

/** No conflict is shown any more. */
function settled() {
  document.getElementById("conflict").hidden = true;
  form.classList.remove("disputed");
}

function begin(base) {
  settled();
  const { place, url, order, version, refusal } = form.dataset;
  saving.open({ place, url, order, version, base, readonly: Boolean(refusal) });
}

const number = (count) => count.toLocaleString(document.documentElement.lang);

function where() {
  const { line, column, lines } = editor.position();
  const length = editor.text().replace(/\s/g, "").length;
  document.getElementById("where").textContent = `${line}:${column}`;
  document.getElementById("extent").textContent =
    t("%(n)s lines", { n: number(lines) }) + " · " + t("%(n)s characters", { n: number(length) });
  preview.follow(form.dataset.file, line);
}

async function write() {
  const area = form.querySelector("#text");
  const nonce = document.getElementById("main").nonce;
  editor = await makeEditor(document.getElementById("field"), area, nonce);
  saving = new Saving(editor, told);
  begin(form.querySelector("[name=base]").value);
  if (!form.dataset.refusal) insertRow(document.getElementById("helpers"), editor);
  editor.problems(JSON.parse(document.getElementById("here").textContent));
  editor.onMove(where);
  showClip();
  foldMatter(Number(form.dataset.line));
  editor.goto(Number(form.dataset.line));
  const caret = sessionStorage.getItem(CARET);
  sessionStorage.removeItem(CARET);
  if (caret !== null) editor.focus(Number(caret));
  where();
  document.getElementById("matter-text").addEventListener("click", () => showMatter(!matterShown()));
  document.addEventListener("compositionend", () => setTimeout(() => saving.behind && saving.save()));
  addEventListener("beforeunload", (event) => {
    if (saving.clean || saving.readonly) return;
    saving.journal();
    event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => saving.clean || saving.save());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    saving.save();
  });
  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      saving.save();
    }
  });
  document.body.dataset.ready = "yes";
}

const link = new Live(document.getElementById("live"), {
  rendering: (html) => preview.update(html),
  changed,
  pages: (version) => preview.pages(version),
});
if (form) await write();
showView();
see();
document.getElementById("stage").addEventListener("width", (event) => {
  const there = new URL(location.href);
  there.searchParams.set("width", event.detail);
  go(there.href);
});
composing({
  settle: async () => saving && !saving.clean && (await saving.save()),
  refresh,
  open: go,
  editor: () => editor,
  file: () => form?.dataset.file ?? "",
});
addEventListener("keydown", (event) => {
  const writing = event.target.closest?.("input,textarea,select,.cm-content");
  if (!/^[0-9]$/.test(event.key) || event.ctrlKey || event.metaKey || (writing && !event.altKey)) return;
  const view = document.querySelector(`.rail a[data-key="${event.key}"]`);
  if (!view) return;
  event.preventDefault();
  go(view.href);
});
