// <pane-splitter pane="contents">: between two panes; moves by pointer and by arrow keys, back to usual by a double click.
// The sizes are kept in this browser.

const KEPT = "newsletter-studio-sizes";

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch {
    return {}; // nothing is kept here
  }
}

customElements.define(
  "pane-splitter",
  class extends HTMLElement {
    connectedCallback() {
      for (const name of ["pointerdown", "pointermove", "pointerup", "dblclick", "keydown"]) this.addEventListener(name, this);
      this.#lay(kept()[this.pane]);
    }

    get pane() {
      return this.getAttribute("pane");
    }

    get upright() {
      return this.getAttribute("aria-orientation") === "vertical";
    }

    get #place() {
      return document.querySelector(`.${this.pane}`).getBoundingClientRect();
    }

    handleEvent(event) {
      if (event.type === "pointerdown") {
        this.setPointerCapture(event.pointerId);
        document.body.classList.add("dragging");
      }
      if (event.type === "pointermove" && this.hasPointerCapture(event.pointerId)) {
        this.#set(this.upright ? event.clientX - this.#place.left : this.#place.bottom - event.clientY);
      }
      if (event.type === "pointerup") document.body.classList.remove("dragging");
      if (event.type === "dblclick") this.#keep(undefined);
      const step = event.type === "keydown" && { ArrowLeft: -16, ArrowRight: 16, ArrowUp: 16, ArrowDown: -16 }[event.key];
      if (!step) return;
      event.preventDefault();
      this.#set((this.upright ? this.#place.width : this.#place.height) + step);
    }

    #set(size) {
      this.#keep(Math.round(Math.min(this.ariaValueMax, Math.max(this.ariaValueMin, size))));
    }

    #keep(size) {
      localStorage.setItem(KEPT, JSON.stringify({ ...kept(), [this.pane]: size }));
      this.#lay(size);
    }

    #lay(size) {
      if (size) this.ariaValueNow = size;
      if (size) document.body.style.setProperty(`--${this.pane}`, `${size}px`);
      else document.body.style.removeProperty(`--${this.pane}`);
    }
  },
);
