// <typed-count wanted="1284">: around the field of a form in which a number, or an address, is typed to confirm it. The
// form's button waits for it; 1284, 1,284 and 1 284 are the same.

const plain = (text, number) => (number ? text.replace(/[\s,.'’]/g, "") : text.trim().toLowerCase());

customElements.define(
  "typed-count",
  class extends HTMLElement {
    connectedCallback() {
      this.addEventListener("input", this);
      document.addEventListener("htmx:after:swap", this); // the number may be another one now
      this.handleEvent();
    }

    disconnectedCallback() {
      document.removeEventListener("htmx:after:swap", this);
    }

    handleEvent() {
      const field = this.querySelector("input");
      const button = [...(field?.form?.elements ?? [])].find((one) => one.type === "submit");
      const wanted = this.getAttribute("wanted");
      const number = /^\d+$/.test(wanted);
      if (button) button.disabled = plain(field.value, number) !== plain(wanted, number);
    }
  },
);
