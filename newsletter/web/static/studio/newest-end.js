// <newest-end>: around a chart that may be wider than its place. It begins at its newest end.

customElements.define(
  "newest-end",
  class extends HTMLElement {
    connectedCallback() {
      this.scrollLeft = this.scrollWidth;
    }
  },
);
