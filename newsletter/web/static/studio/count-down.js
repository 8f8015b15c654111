// <count-down>60</count-down>: seconds, until there are none. A fresh number from the server is gone on from.

customElements.define(
  "count-down",
  class extends HTMLElement {
    connectedCallback() {
      this.clock = setInterval(() => (this.textContent = Math.max(0, Number(this.textContent) - 1)), 1000);
    }

    disconnectedCallback() {
      clearInterval(this.clock);
    }
  },
);
