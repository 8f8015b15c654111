// <width-grip>: the edge of the previewed page, behind its frame. Moves by pointer and by arrow keys; when it is let go, an
// event "width" tells whole pixels.

customElements.define(
  "width-grip",
  class extends HTMLElement {
    connectedCallback() {
      for (const name of ["pointerdown", "pointermove", "pointerup", "keydown"]) this.addEventListener(name, this);
    }

    get frame() {
      return this.parentElement.querySelector("iframe");
    }

    handleEvent(event) {
      const { left, width } = this.frame.getBoundingClientRect();
      if (event.type === "pointerdown") {
        this.setPointerCapture(event.pointerId);
        document.body.classList.add("dragging"); // the frame would take the pointer
      }
      if (event.type === "pointermove" && this.hasPointerCapture(event.pointerId)) {
        this.#to(2 * (event.clientX - (left + width / 2))); // the page stands in the middle
      }
      if (event.type === "pointerup") {
        document.body.classList.remove("dragging");
        this.#tell();
      }
      const step = event.type === "keydown" && { ArrowLeft: -8, ArrowRight: 8 }[event.key];
      if (!step) return;
      event.preventDefault();
      this.#to(width + step);
      this.#tell();
    }

    #to(width) {
      this.frame.width = Math.round(Math.min(2000, Math.max(280, width)));
    }

    #tell() {
      this.dispatchEvent(new CustomEvent("width", { bubbles: true, detail: Number(this.frame.width) }));
    }
  },
);
