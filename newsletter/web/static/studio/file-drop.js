// <file-drop>: around a file's field. What is dropped on it, or chosen in it, is sent at once.

customElements.define(
  "file-drop",
  class extends HTMLElement {
    connectedCallback() {
      for (const name of ["dragover", "dragleave", "drop", "change"]) this.addEventListener(name, this);
    }

    handleEvent(event) {
      const field = this.querySelector('input[type="file"]');
      if (event.type !== "change") {
        event.preventDefault();
        this.classList.toggle("over", event.type === "dragover");
      }
      if (event.type === "drop") field.files = event.dataTransfer.files;
      if (["drop", "change"].includes(event.type) && field.files.length) field.form.requestSubmit();
    }
  },
);
