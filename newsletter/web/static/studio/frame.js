// The preview's frame, seen from outside: new renderings go in by message, clicked blocks come out.

import { fitted } from "./fit.js";
import "./pages.js";

const NUMBERED = 14; // characters at most that an edition puts before a caption: “Figure 12”, “图 3”
const numbered = (text, words) => {
  const at = text.indexOf(words);
  return at > 0 && at <= NUMBERED;
};

export class Preview {
  /** `clicked` gets the file and line of a block that was clicked, `clipped` those of the block that Gmail cuts behind;
   *  `left` is called when the keyboard leaves the frame by Escape. */
  constructor(stage, { clicked, clipped, left }) {
    this.stage = stage;
    this.mark = "";
    this.behind = 0;
    this.fit = fitted(stage);
    addEventListener("message", ({ source, data }) => {
      const frame = this.frame;
      if (!frame || source !== frame.contentWindow) return;
      if (data.kind === "ready") this.post({ kind: "mark", mark: this.mark, behind: this.behind, move: true });
      const place = ["place", "clip"].includes(data.kind) ? this.#place(data.text, data.behind) : null;
      if (data.kind === "place" && place) clicked(place[0], place[1]);
      if (data.kind === "clip") clipped(place);
      if (data.kind === "leave") left();
      if (data.kind === "shown") this.stage.dataset.shown = data.version;
    });
  }

  get frame() {
    return this.stage.querySelector("iframe");
  }

  post(message) {
    this.frame?.contentWindow.postMessage(message, "*"); // the frame has no origin that could be named
  }

  /** Takes over the stage of a fresh page: in place where it is the same view, else whole. */
  take(fresh) {
    const frame = this.frame;
    const other = fresh.querySelector("iframe");
    if (frame && other && frame.getAttribute("src") === other.getAttribute("src")) {
      frame.width = other.width;
      this.fit();
      return;
    }
    const sheet = this.stage.querySelector("[data-sheet]");
    const freshSheet = fresh.querySelector("[data-sheet]");
    const same = !frame && sheet && freshSheet && this.stage.dataset.view === fresh.dataset.view;
    if (same && sheet.className === freshSheet.className) {
      Object.assign(this.stage.dataset, fresh.dataset);
      if (sheet.take) sheet.take(freshSheet);
      else if (sheet.innerHTML !== freshSheet.innerHTML) sheet.innerHTML = freshSheet.innerHTML;
      this.ring();
      return;
    }
    this.stage.className = fresh.className;
    Object.assign(this.stage.dataset, fresh.dataset);
    this.stage.innerHTML = fresh.innerHTML;
    this.fit();
    this.ring();
  }

  /** Brings a rendering into the frame. */
  update(html) {
    this.rendered = (this.rendered ?? 0) + 1;
    this.post({ kind: "document", html, version: this.rendered, mark: this.mark, behind: this.behind, move: false });
  }

  /** Printed pages of another version. */
  pages(version) {
    this.stage.querySelector("printed-pages")?.version(version);
  }

  /** Rings the printed page on which the cursor's block stands. */
  ring() {
    this.stage.querySelector("printed-pages")?.find(this.mark, this.next ?? "");
  }

  /** Marks the block that stands on a line of the source, and brings it into sight. */
  follow(file, line) {
    const places = this.places;
    let best = -1;
    for (const [at, [where, number]] of places.entries()) {
      if (where === file && number <= line) best = at;
      if (where === file && number > line && best >= 0) break;
    }
    const mark = best < 0 ? "" : places[best][2];
    // The same words may stand twice: which of them is told by how many come behind.
    const behind = places.slice(best + 1).filter(([, , key]) => key === mark).length;
    const next = places.slice(best + 1).find(([where, , key]) => where === file && key.length > 15)?.[2] ?? "";
    this.next = next;
    if (mark === this.mark && behind === this.behind) return;
    Object.assign(this, { mark, behind });
    this.post({ kind: "mark", mark, behind, move: true });
    this.ring();
  }

  get places() {
    return JSON.parse(document.getElementById("places").textContent);
  }

  /** Where a block of the frame was written: `behind` blocks with the same words come after it. */
  #place(text, behind) {
    const near = text.slice(0, 20);
    const places = this.places;
    const same = places.filter(([, , key]) => key === text);
    // Titles stand in the contents too, before their own place.
    return (
      same.at(-1 - behind) ??
      same[0] ??
      (near.length > 5 ? places.find(([, , key]) => key.startsWith(near)) : undefined) ??
      places.find(([, , key]) => key.length > 5 && numbered(text, key.slice(0, 20)))
    );
  }
}
