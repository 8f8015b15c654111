// One WebSocket for this window: it brings new renderings into the frame and says when to ask for the page anew.

export class Live {
  /** `rendering(html)` gets what the frame is to show, `changed()` is called when files changed, `pages(version)`
   *  when the printed pages were laid out anew. */
  constructor(sign, { rendering, changed, pages }) {
    this.sign = sign;
    this.pages = pages;
    this.rendering = rendering;
    this.changed = changed;
    this.html = null;
    this.wait = 500;
    this.busy = false;
    this.next = null;
    this.#connect();
    document.addEventListener("visibilitychange", () => this.#send({ kind: "visible", on: !document.hidden }));
  }

  get open() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** What the frame shows from now on. */
  see(seen) {
    this.seen = { kind: "see", ...seen };
    this.html = null;
    this.#send(this.seen);
  }

  /** What is being typed: one text at a time is on its way, the latest wins. */
  draft(slug, file, text) {
    if (!this.open) return;
    const message = { kind: "draft", slug, file, text };
    if (this.busy) {
      this.next = message;
      return;
    }
    this.busy = true;
    this.#send(message);
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.#ready(), 2000); // an answer got lost, or nothing of it is shown
  }

  /** Nothing is being typed under this name any more. */
  forget(slug, file) {
    this.next = null;
    this.#send({ kind: "draft", slug, file, text: null });
  }

  #ready() {
    clearTimeout(this.patience);
    this.busy = false;
    const { next } = this;
    this.next = null;
    if (next) this.draft(next.slug, next.file, next.text);
  }

  #send(message) {
    if (this.open) this.socket.send(JSON.stringify(message));
  }

  #say(state, words) {
    this.sign.className = `live ${state}`;
    this.sign.textContent = words;
  }

  #connect() {
    const socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/live");
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.#say("on", this.sign.dataset.on);
      if (this.missed) this.changed();
      else this.#send({ kind: "since", changes: Number(this.sign.dataset.changes) });
      this.missed = false;
      this.wait = 500;
      this.html = null;
      if (this.seen) this.#send(this.seen);
      if (document.hidden) this.#send({ kind: "visible", on: false });
    });
    socket.addEventListener("message", ({ data }) => this.#heard(JSON.parse(data)));
    socket.addEventListener("close", () => {
      this.missed = true;
      this.busy = false;
      this.next = null;
      this.#say("off", this.sign.dataset.off);
      setTimeout(() => this.#connect(), this.wait);
      this.wait = Math.min(this.wait * 2, 8000);
    });
  }

  #heard(message) {
    if (message.kind === "changed") this.changed();
    if (message.kind === "pages") this.pages(message.version);
    if (message.kind === "whole") this.html = message.html;
    if (message.kind === "patch" && this.html !== null) {
      const { at, drop, put } = message;
      this.html = this.html.slice(0, at) + put + this.html.slice(at + drop);
    }
    if (message.kind === "whole" || message.kind === "patch") this.rendering(this.html);
    if (message.kind !== "changed" && message.kind !== "pages") this.#ready();
  }
}
