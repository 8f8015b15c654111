// Brings what is typed into the file: within a second, one save at a time, and never over somebody else's
// change. Until the file holds it, the text also lies in this browser, so that a crash loses nothing.

import { t } from "./words.js";

const PAUSE = 350; // milliseconds without a key before a save
const AT_PAGES = 80; // the same while printed pages are looked at, which are made of what is in the file
const LONGEST = 800; // milliseconds after the first key before a save all the same
const AGAIN = 2000; // milliseconds before a save that failed is tried again
const MOST_UNHEARD = 40; // texts kept of which nobody knows whether they were written

export class Saving {
  /** `tell` hears ("typed" | "saving" | "saved" | "failed" | "conflict" | "taken", detail). */
  constructor(editor, tell) {
    this.editor = editor;
    this.tell = tell;
    editor.onChange(() => this.typed());
  }

  /** Begins with a file as the server gave it, and with what an earlier window left unsaved of it. */
  open({ place, url, order, version, base, readonly }) {
    clearTimeout(this.timer);
    Object.assign(this, { url, order, version, readonly, base, first: 0 });
    Object.assign(this, { behind: false, conflict: null, failed: false, unheard: [] });
    this.place = `newsletter-draft:${place}`;
    const left = readonly ? null : this.left();
    if (left && left.text !== this.editor.text()) {
      this.base = left.base;
      this.version = left.version;
      this.unheard = left.unheard ?? [];
      this.editor.replace(left.text);
    }
    if (!readonly && !this.clean) this.schedule();
  }

  /** The file has another name by now; what is typed is still of it. */
  renamed({ place, url, order }) {
    localStorage.removeItem(this.place);
    Object.assign(this, { url, order, place: `newsletter-draft:${place}` });
    if (this.conflict?.gone) Object.assign(this, { conflict: null, behind: true }); // it was only called otherwise
    if (this.clean && !this.behind) return;
    this.journal();
    Promise.resolve(this.running).then(() => (this.clean && !this.behind) || this.save());
  }

  /** The file's text leaves the editor: nothing that changes there from now on is its own. */
  close() {
    clearTimeout(this.timer);
    this.readonly = true;
  }

  get clean() {
    return !this.conflict && this.editor.text() === this.base;
  }

  typed() {
    if (this.readonly || this.editor.text() === this.base) return;
    this.journal();
    this.tell("typed");
    this.schedule();
  }

  schedule(wait = document.querySelector("printed-pages") ? AT_PAGES : PAUSE) {
    const now = performance.now();
    this.first ||= now;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), Math.max(0, Math.min(wait, this.first + LONGEST - now)));
  }

  /** The file on disk has another version now: take it over, merged with what is typed. */
  outdated(version) {
    if (this.readonly || this.conflict || this.running || version === this.version) return;
    this.behind = true;
    this.save();
  }

  /** Resolves when nothing is under way; tells how it went. */
  save() {
    if (this.running) {
      this.more = true;
      return this.running;
    }
    this.running = this.#saves().finally(() => (this.running = null));
    return this.running;
  }

  async #saves() {
    do {
      this.more = false;
      clearTimeout(this.timer);
      this.first = 0;
      if (this.readonly || this.conflict || (this.clean && !this.behind)) return;
      if (!(await this.#once())) return;
    } while (this.more || (this.behind && !this.editor.composing()));
  }

  async #once() {
    const { url, order, version, base } = this;
    const text = this.editor.text();
    this.tell("saving");
    let answer = null;
    let told;
    try {
      const came = await fetch(url, {
        method: "PUT",
        headers: { "if-match": `"${version}"`, "x-order": order, "content-type": "application/json" },
        body: JSON.stringify({ text, base }),
      });
      told = await came.json().catch((error) => (came.ok || came.status === 409 ? Promise.reject(error) : {}));
      answer = came;
    } catch {
      // no server, or none any more in the middle of its answer: tried again below
    }
    if (url !== this.url) return false; // another file is open by now; the journal keeps this one
    if (answer?.ok) {
      this.#took(text, told);
      return true;
    }
    if (answer?.status === 409 && this.unheard.includes(told.theirs)) {
      // Nobody else wrote the file: it is this window's own save, whose answer never came.
      Object.assign(this, { base: told.theirs, version: told.version, unheard: [], more: true });
      return true;
    }
    if (answer?.status === 409) {
      this.conflict = { ...told, mine: text };
      this.failed = false;
      this.tell("conflict", told);
      return false;
    }
    if (!answer) {
      this.unheard.push(text);
      if (this.unheard.length > MOST_UNHEARD) this.unheard.splice(1, 1); // the first may be the one that was on its way
      this.journal();
    }
    this.failed = true;
    const why = answer && (told.message ?? t("refused (%(status)s)", { status: answer.status }));
    this.tell("failed", why ?? t("no answer"));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), AGAIN);
    return false;
  }

  #took(sent, { text, version, at }) {
    const now = this.editor.text();
    Object.assign(this, { failed: false, unheard: [] });
    if (text === sent) {
      Object.assign(this, { base: sent, version, behind: false });
    } else if (now === sent && !this.editor.composing()) {
      Object.assign(this, { base: text, version, behind: false });
      this.editor.replace(text);
      this.tell("taken");
    } else {
      // Words came in meanwhile: the next save carries them, and the server merges once more.
      Object.assign(this, { base: sent, version: "behind", behind: true });
    }
    if (this.clean) {
      localStorage.removeItem(this.place);
      this.tell("saved", at);
    } else {
      this.journal();
      this.schedule();
    }
  }

  /** Ends a conflict for one `side`: "keep_mine" or "take_file". What was typed since it was shown counts too. */
  async decide(side) {
    while (this.conflict && this.conflict.mine !== this.editor.text()) {
      this.conflict = null;
      await this.save();
    }
    if (!this.conflict) return; // it went away, or there is no answer: the next try shows it again
    const { version, theirs, [side]: text } = this.conflict;
    Object.assign(this, { conflict: null, base: theirs, version, behind: true });
    this.editor.replace(text);
    await this.save();
  }

  journal() {
    const { base, version, unheard } = this;
    const text = this.editor.text();
    const ends = unheard.length > 1 ? [unheard[0], unheard.at(-1)] : unheard; // a browser keeps little
    try {
      localStorage.setItem(this.place, JSON.stringify({ base, version, text, unheard: ends }));
    } catch {
      // The browser keeps nothing; the server's journal still does.
    }
  }

  left() {
    try {
      return JSON.parse(localStorage.getItem(this.place));
    } catch {
      return null;
    }
  }
}
