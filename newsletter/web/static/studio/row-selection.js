// <row-selection>: around a table whose rows have boxes. One box ticks them all, and the words beside the buttons say
// how many are ticked; while none is, they say what the buttons mean then.

import { t } from "./words.js";

customElements.define(
  "row-selection",
  class extends HTMLElement {
    connectedCallback() {
      this.addEventListener("change", this);
      document.addEventListener("htmx:after:swap", this);
      addEventListener("pageshow", this); // boxes that are ticked still, on the way back
      this.#count();
    }

    disconnectedCallback() {
      document.removeEventListener("htmx:after:swap", this);
      removeEventListener("pageshow", this);
    }

    get #boxes() {
      return [...this.querySelectorAll('input[name="id"]')];
    }

    handleEvent({ target }) {
      if (target.matches?.("[data-all]")) for (const box of this.#boxes) box.checked = target.checked;
      this.#count();
    }

    #count() {
      const boxes = this.#boxes;
      const chosen = boxes.filter((one) => one.checked).length;
      const words = this.querySelector(".selected");
      if (words) words.textContent = chosen ? t("%(n)s selected", { n: chosen }) : words.dataset.all;
      const all = this.querySelector("[data-all]");
      if (!all) return;
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
  },
);
