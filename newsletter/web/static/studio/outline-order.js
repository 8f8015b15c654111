// <outline-order>: around the outline, whose rows are dragged, or moved by Alt+↑ and Alt+↓. It asks for a new order by an
// event "order" with what goes after which; whoever listens makes it.

import { t } from "./words.js";

const rowOf = (event) => event.target.closest?.("li[data-row]");

customElements.define(
  "outline-order",
  class extends HTMLElement {
    connectedCallback() {
      for (const name of ["dragstart", "dragover", "dragend", "drop", "keydown"]) this.addEventListener(name, this);
    }

    get rows() {
      return [...this.querySelectorAll("li[data-row]")];
    }

    handleEvent(event) {
      const row = rowOf(event);
      if (event.type === "keydown") this.#key(event, row);
      if (event.type === "dragstart") {
        this.dragged = row;
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", row.dataset.row);
      }
      if (event.type === "dragend") {
        this.dragged = null;
        for (const one of this.rows) one.classList.remove("drop");
      }
      if (!this.dragged || !row || row === this.dragged || !["dragover", "drop"].includes(event.type)) return;
      event.preventDefault();
      if (event.type === "drop") this.#ask(this.dragged, row, t("Moved"));
      else for (const one of this.rows) one.classList.toggle("drop", one === row);
    }

    #key(event, row) {
      if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key) || !row?.draggable) return;
      event.preventDefault();
      const sections = row.classList.contains("section");
      const others = this.rows.filter((one) => !sections || one.classList.contains("section") || !one.draggable);
      const at = others.indexOf(row);
      const behind = event.key === "ArrowUp" ? others[at - 2] : others[at + 1];
      if (behind) this.#ask(row, behind, event.key === "ArrowUp" ? t("Moved up") : t("Moved down"));
    }

    #ask(row, after, words) {
      const detail = { what: row.dataset.row, after: after.dataset.row, words };
      this.dispatchEvent(new CustomEvent("order", { detail }));
    }

    /** Takes the focus to a row, which may stand elsewhere by now. */
    focusRow(name) {
      this.querySelector(`li[data-row="${CSS.escape(name)}"] a`)?.focus();
    }
  },
);
