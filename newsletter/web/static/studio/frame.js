// The preview's frame, seen from outside: new renderings go in by message, clicked blocks come out.

export class Preview {
  /** `clicked` gets the file and line of a block that was clicked. */
  constructor(stage, clicked) {
    this.stage = stage;
    this.mark = "";
    addEventListener("message", ({ source, data }) => {
      const frame = this.frame;
      if (!frame || source !== frame.contentWindow) return;
      if (data.kind === "ready") this.post({ kind: "mark", mark: this.mark, move: true });
      if (data.kind === "place") this.#clicked(data.text, clicked);
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
      return;
    }
    const sheet = this.stage.querySelector("[data-sheet]");
    const freshSheet = fresh.querySelector("[data-sheet]");
    if (!frame && sheet && freshSheet && this.stage.dataset.view === fresh.dataset.view) {
      if (sheet.innerHTML !== freshSheet.innerHTML) sheet.innerHTML = freshSheet.innerHTML;
      return;
    }
    this.stage.className = fresh.className;
    Object.assign(this.stage.dataset, fresh.dataset);
    this.stage.innerHTML = fresh.innerHTML;
  }

  /** Brings a rendering into the frame. */
  update(html) {
    this.rendered = (this.rendered ?? 0) + 1;
    this.post({ kind: "document", html, version: this.rendered, mark: this.mark, move: false });
  }

  /** Marks the block that stands on a line of the source, and brings it into sight. */
  follow(file, line) {
    let best = "";
    for (const [where, number, text] of this.places) {
      if (where === file && number <= line) best = text;
      if (where === file && number > line && best) break;
    }
    if (best === this.mark) return;
    this.mark = best;
    this.post({ kind: "mark", mark: best, move: true });
  }

  get places() {
    return JSON.parse(document.getElementById("places").textContent);
  }

  #clicked(text, clicked) {
    const near = text.slice(0, 20);
    const places = this.places;
    // Titles stand twice in an issue: the later one is the article's own.
    const found =
      places.findLast(([, , key]) => key === text) ??
      (near.length > 5 ? places.find(([, , key]) => key.startsWith(near)) : undefined);
    if (found) clicked(found[0], found[1]);
  }
}
