// Choosing as whom a mail is read: a field that searches all subscribers while somebody types, and a list under it that
// the server makes. A combobox (ARIA Authoring Practices): arrows walk, at the list's ends to the next few, Enter
// chooses, Escape goes back. Around a <details> it is the studio's, whose links the screen follows; without one it is
// a field of a form. Without this script the first is a form with links, the second a field for an address.

const PAUSE = 180; // milliseconds without a key before the search goes out
let number = 0;

class PersonPicker extends HTMLElement {
  connectedCallback() {
    this.id ||= `picker-${++number}`;
    if (this.heard) return;
    this.heard = true;
    this.active = -1;
    this.addEventListener("toggle", () => this.details?.open && this.#opened(), true);
    this.addEventListener("input", (event) => event.target === this.field && !event.isComposing && this.#typed());
    this.addEventListener("compositionend", () => this.#typed());
    this.addEventListener("keydown", (event) => this.#pressed(event));
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("submit", (event) => {
      if (!this.details) return; // the form around a field is not ours
      event.preventDefault();
      this.#ask(this.field.value, "");
    });
    this.addEventListener("focusin", (event) => !this.details && event.target === this.field && this.#opened());
    this.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !this.contains(event.relatedTarget)) this.#close(false);
    });
    document.addEventListener("pointerdown", (this.outside = ({ target }) => !this.contains(target) && this.#close(false)));
    if (this.details?.open) this.#dress();
    // somebody may have been at the field before this script was there: those keys were heard by nobody
    if (this.details || !this.contains(document.activeElement)) return;
    if (this.field.value !== this.field.defaultValue) this.#typed();
    else if (document.activeElement === this.field) this.#opened();
  }

  disconnectedCallback() {
    document.removeEventListener("pointerdown", this.outside);
    this.heard = false;
  }

  get details() {
    return this.querySelector("details");
  }

  get field() {
    return this.querySelector("input[type=search]");
  }

  get found() {
    return this.querySelector(".found");
  }

  get options() {
    return [...this.querySelectorAll(".found li a")];
  }

  get open() {
    return this.details ? this.details.open : this.querySelector(".people")?.hidden === false;
  }

  #opened() {
    this.setAttribute("hx-morph-skip", ""); // who searches is not disturbed by a fresh page
    if (!this.details) {
      if (this.open) return;
      this.querySelector(".people").hidden = false;
      this.#ask(this.field.value, "");
      return;
    }
    this.#dress();
    this.field.focus();
    this.field.select();
  }

  #close(back) {
    if (!this.open) return;
    clearTimeout(this.waiting);
    this.removeAttribute("hx-morph-skip");
    if (this.details) this.details.open = false;
    else this.querySelector(".people").hidden = true;
    if (this.field.hasAttribute("role")) this.field.setAttribute("aria-expanded", "false"); // else no list has come yet
    this.field.removeAttribute("aria-activedescendant");
    if (back) (this.querySelector("summary") ?? this.field).focus();
  }

  /** Says of field and list what they are, and which person would be chosen. */
  #dress(to = -1) {
    const { field, options } = this;
    const list = this.found.querySelector("ul");
    if (!list) return;
    list.id = `${this.id}-list`;
    list.setAttribute("role", "listbox");
    options.forEach((one, index) => {
      one.parentElement.setAttribute("role", "none");
      one.setAttribute("role", "option");
      one.id = `${list.id}-${index}`;
      one.tabIndex = -1;
    });
    for (const [name, value] of [
      ["role", "combobox"],
      ["aria-autocomplete", "list"],
      ["aria-expanded", "true"],
      ["aria-controls", list.id],
    ])
      field.setAttribute(name, value);
    const current = options.findIndex((one) => one.hasAttribute("aria-current"));
    this.#walk(to >= 0 ? to : current);
  }

  #walk(to) {
    const { options } = this;
    this.active = Math.max(-1, Math.min(options.length - 1, to));
    options.forEach((one, index) => one.setAttribute("aria-selected", String(index === this.active)));
    const one = options[this.active];
    if (one) this.field.setAttribute("aria-activedescendant", one.id);
    else this.field.removeAttribute("aria-activedescendant");
    one?.scrollIntoView({ block: "nearest" });
  }

  #typed() {
    const key = this.querySelector("input[name=person]");
    if (key && !this.details) key.value = "";
    if (!this.open) this.querySelector(".people").hidden = false;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.#ask(this.field.value, ""), PAUSE);
  }

  /** The list for these words, from where `pick` says; `last` when it is entered from below. */
  async #ask(find, pick, last = false) {
    clearTimeout(this.waiting);
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    const query = new URLSearchParams(this.details ? location.search : "");
    query.set("find", this.details ? find : this.querySelector("input[name=person]").value ? "" : find);
    query.set("pick", pick);
    try {
      const answer = await fetch(`${this.dataset.of}?${query}`, { signal: asking.signal });
      if (!answer.ok) return;
      const list = await answer.text();
      if (asking.signal.aborted || !this.open) return;
      this.found.innerHTML = list; // made by our server, every name in it escaped
    } catch (error) {
      if (error.name !== "AbortError") console.info("No list:", error.message); // the server is gone for a moment
      return;
    }
    this.querySelector("[role=status]").textContent = this.found.querySelector("ul").dataset.told ?? "";
    this.#dress(last ? this.options.length - 1 : pick || find.trim() ? 0 : -1);
  }

  /** To the next few, or the few before; whether there are any. */
  #turn(side) {
    const link = this.querySelector(`[data-turn="${side}"]`);
    if (!link) return false;
    const pick = new URL(link.href).searchParams.get("pick");
    this.#ask(this.field.value, pick, side === "before");
    return true;
  }

  #pressed(event) {
    if (event.key === "Escape" && this.open) {
      event.preventDefault();
      event.stopPropagation();
      this.#close(true);
      return;
    }
    if (event.target !== this.field || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = this.options.length - 1;
    const acts = {
      ArrowDown: () => (this.active < last ? this.#walk(this.active + 1) : this.#turn("after") || this.#walk(0)),
      ArrowUp: () => (this.active > 0 ? this.#walk(this.active - 1) : this.#turn("before") || this.#walk(last)),
      PageDown: () => this.#turn("after") || this.#walk(last),
      PageUp: () => this.#turn("before") || this.#walk(0),
    };
    if (event.key in acts) {
      event.preventDefault();
      if (this.open) acts[event.key]();
      else this.#opened();
    } else if (event.key === "Enter" && this.open && this.options[this.active]) {
      event.preventDefault();
      this.options[this.active].click();
    }
  }

  #clicked(event) {
    const turn = event.target.closest("[data-turn]");
    if (turn) {
      event.preventDefault();
      this.#turn(turn.dataset.turn);
      this.field.focus();
      return;
    }
    const chosen = event.target.closest(".found li a");
    if (!chosen || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!this.details) {
      event.preventDefault();
      this.querySelector("input[name=person]").value = chosen.dataset.person;
      this.field.value = chosen.dataset.shown;
    }
    this.#close(true);
  }
}

customElements.define("person-picker", PersonPicker);
