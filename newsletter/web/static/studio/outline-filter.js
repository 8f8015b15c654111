// <outline-filter for="outline">: a field that leaves of an outline's rows those whose title or file has the words, with
// their section; of a section that has them, all. Enter opens the first, ↓ goes to the rows, Escape shows all again.

import { t } from "./words.js";

const flat = (text) => text.normalize("NFKC").toLowerCase();

customElements.define(
  "outline-filter",
  class extends HTMLElement {
    connectedCallback() {
      this.addEventListener("click", (event) => event.target.closest("button") && this.#open());
      this.addEventListener("input", () => this.#filter());
      this.addEventListener("keydown", (event) => event.isComposing || this.#pressed(event));
      this.addEventListener("focusout", ({ target }) => target === this.field && (this.field.hidden = !this.field.value.trim()));
      document.addEventListener("htmx:after:swap", () => this.#filter()); // rows are put in anew
      addEventListener("keydown", (event) => {
        if (event.key !== "/" || event.target.closest?.("input,textarea,select,.cm-content") || !this.checkVisibility()) return;
        event.preventDefault();
        this.#open();
      });
      this.button.hidden = false;
    }

    get field() {
      return this.querySelector("input");
    }

    get button() {
      return this.querySelector("button");
    }

    get rows() {
      return [...document.getElementById(this.getAttribute("for")).querySelectorAll("li[data-row]")];
    }

    #open() {
      this.field.hidden = false;
      this.field.focus();
      this.field.select();
    }

    #filter() {
      const words = flat(this.field.value).split(/\s+/).filter(Boolean);
      const has = (row) => {
        const text = flat(`${row.querySelector(".title").textContent} ${row.dataset.row}`);
        return words.every((word) => text.includes(word));
      };
      let section = null;
      let whole = false;
      let found = 0;
      for (const row of this.rows) {
        const here = has(row);
        if (row.classList.contains("section")) [section, whole] = [row, here];
        row.hidden = !here && !(whole && row.classList.contains("article"));
        if (!row.hidden && row.classList.contains("article")) found += 1;
        if (here && section) section.hidden = false;
      }
      const told = words.length ? t("%(n)s articles found", { n: found }) : "";
      if (this.querySelector("[role=status]").textContent !== told) this.querySelector("[role=status]").textContent = told;
    }

    #pressed(event) {
      if (event.target !== this.field || !["Escape", "Enter", "ArrowDown"].includes(event.key)) return;
      event.preventDefault();
      if (event.key === "Escape") {
        this.field.value = "";
        this.#filter();
        this.button.focus();
        return;
      }
      const shown = this.rows.filter((row) => !row.hidden);
      const first = shown.find((row) => row.classList.contains("article")) ?? shown[0];
      if (event.key === "Enter") first?.querySelector("a").click();
      else (shown[0] ?? this).querySelector("a")?.focus();
    }
  },
);
