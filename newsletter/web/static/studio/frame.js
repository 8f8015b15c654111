// The preview's frame, seen from outside: new renderings go in by message, clicked blocks come out.

import { t } from "./words.js";

export class Preview {
  /** `clicked` gets the file and line of a block that was clicked, `clipped` those of the block that Gmail cuts behind. */
  constructor(stage, clicked, clipped) {
    this.stage = stage;
    this.mark = "";
    this.behind = 0;
    addEventListener("message", ({ source, data }) => {
      const frame = this.frame;
      if (!frame || source !== frame.contentWindow) return;
      if (data.kind === "ready") this.post({ kind: "mark", mark: this.mark, behind: this.behind, move: true });
      const place = ["place", "clip"].includes(data.kind) ? this.#place(data.text, data.behind) : null;
      if (data.kind === "place" && place) clicked(place[0], place[1]);
      if (data.kind === "clip") clipped(place);
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
    const same = !frame && sheet && freshSheet && this.stage.dataset.view === fresh.dataset.view;
    if (same && sheet.className === freshSheet.className) {
      if (samePages(sheet, freshSheet)) {
        Object.assign(sheet.dataset, freshSheet.dataset);
        return;
      }
      if (sheet.innerHTML !== freshSheet.innerHTML) sheet.innerHTML = freshSheet.innerHTML;
      return;
    }
    this.stage.className = fresh.className;
    Object.assign(this.stage.dataset, fresh.dataset);
    this.stage.innerHTML = fresh.innerHTML;
    this.ring();
  }

  /** Brings a rendering into the frame. */
  update(html) {
    this.rendered = (this.rendered ?? 0) + 1;
    this.post({ kind: "document", html, version: this.rendered, mark: this.mark, behind: this.behind, move: false });
  }

  /** Printed pages of another version: each picture is asked for anew; the old one stays until the new one is there. */
  pages(version) {
    for (const page of this.stage.querySelectorAll(".pages img")) {
      const other = (address) => address.replace(/\bv=[0-9a-f]*/g, `v=${version}`);
      page.srcset = other(page.srcset);
      page.src = other(page.getAttribute("src"));
    }
    const sheet = this.stage.querySelector("ol.pages");
    if (sheet) sheet.dataset.version = version;
    this.ring();
  }

  /** Rings the printed page on which the cursor's block stands, and says which it is. */
  ring(wait = 150) {
    clearTimeout(this.ringing);
    const sheet = this.stage.querySelector("ol.pages");
    const { version } = sheet?.dataset ?? {};
    if (!version || !this.mark) return;
    this.ringing = setTimeout(async () => {
      const asked = new URLSearchParams({ v: version, words: this.mark, next: this.next ?? "" });
      const answer = await fetch(`${sheet.dataset.of}?${asked}`).catch(() => null);
      if (!answer?.ok || sheet.dataset.version !== version) return;
      const { page } = await answer.json();
      [...sheet.children].forEach((one, index) => one.classList.toggle("here", index === page - 1));
      const here = document.getElementById("page-here");
      if (here) here.textContent = page ? t("The cursor is on page %(n)s", { n: page }) : "";
      sheet.children[page - 1]?.scrollIntoView({ block: "nearest" });
    }, wait);
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
    if (mark === this.mark && behind === this.behind) return;
    const next = places.slice(best + 1).find(([where, , key]) => where === file && key.length > 15)?.[2] ?? "";
    Object.assign(this, { mark, behind, next });
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
      same.at(-1 - behind) ?? same[0] ?? (near.length > 5 ? places.find(([, , key]) => key.startsWith(near)) : undefined)
    );
  }
}

/** Takes the pictures of as many printed pages over one by one, so that none is blank meanwhile. */
function samePages(sheet, fresh) {
  const [was, is] = [sheet, fresh].map((one) => [...one.querySelectorAll("img")]);
  if (!sheet.classList.contains("pages") || was.length !== is.length) return false;
  was.forEach((page, index) => {
    for (const name of ["srcset", "src"])
      if (page.getAttribute(name) !== is[index].getAttribute(name)) page.setAttribute(name, is[index].getAttribute(name));
  });
  return true;
}
