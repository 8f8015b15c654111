// The printed pages: facing each other above, small in a strip below. Which are seen is marked in the strip and told
// in the tools; the page with the cursor's block is ringed in both. Place and pictures stay while pages are laid out
// anew. Without this script the strip's links still lead to their pages.

import { t } from "./words.js";

const PAUSE = 150; // milliseconds before the cursor's page is asked for
const left = new Map(); // the page at which each issue was left in this window

class PrintedPages extends HTMLElement {
  connectedCallback() {
    this.seen = [];
    this.cursor = 0;
    this.addEventListener("scroll", (event) => event.target === this.scroller && this.#soon(), true);
    this.addEventListener("click", (event) => this.#clicked(event));
    for (const kind of ["wheel", "touchmove", "keydown", "pointerdown", "click"])
      this.addEventListener(kind, () => (this.lead = false), { passive: true }); // who looks round is not led away
    this.addEventListener("keydown", (event) => this.#pressed(event));
    this.sizes = new ResizeObserver(() => this.#soon());
    this.sizes.observe(this);
    const asked = Number(/^#page-(\d+)$/.exec(location.hash)?.[1] ?? left.get(location.pathname) ?? 0);
    this.placed = Boolean(asked);
    if (asked) requestAnimationFrame(() => this.show(asked));
    this.#soon();
  }

  disconnectedCallback() {
    clearTimeout(this.finding);
    this.sizes.disconnect();
    if (this.seen.length) left.set(location.pathname, this.seen[0]);
  }

  get scroller() {
    return this.querySelector("ol.pages");
  }

  get pages() {
    return [...(this.scroller?.children ?? [])];
  }

  /** The numbers of the pages that are looked at, the cursor's first. */
  get looked() {
    return new Set([this.cursor, ...this.seen]);
  }

  get links() {
    return [...this.querySelectorAll(".strip a")];
  }

  /** Brings a page to the top. */
  show(number) {
    const page = this.pages[number - 1];
    if (page) this.scroller.scrollTop = page.offsetTop - 12;
  }

  /** The same pages in another version: each picture stays until its new one is there. */
  version(version) {
    const other = (address) => address.replace(/\bv=[0-9a-f]*/g, `v=${version}`);
    for (const list of [this.pages, this.links]) {
      for (const [item] of inTurn(list, this.looked)) {
        const picture = item.querySelector("img");
        if (picture.srcset) picture.srcset = other(picture.srcset);
        picture.src = other(picture.getAttribute("src"));
      }
    }
    if (this.scroller) this.dataset.version = version;
    this.removeAttribute("aria-busy");
    this.#find();
  }

  /** What a fresh answer of the server shows here. */
  take(fresh) {
    if ("waiting" in fresh.dataset && this.scroller) {
      this.setAttribute("aria-busy", "true"); // what was looked at before stays meanwhile
      return;
    }
    const [was, is] = [this.scroller, fresh.querySelector("ol.pages")];
    const other = this.dataset.look !== fresh.dataset.look;
    const part = this.pages.length ? ((this.seen[0] ?? 1) - 1) / this.pages.length : 0;
    this.removeAttribute("aria-busy");
    for (const name of ["waiting", "version", "look", "of"]) {
      if (name in fresh.dataset) this.dataset[name] = fresh.dataset[name];
      else delete this.dataset[name];
    }
    if (!was || !is) {
      if (this.innerHTML !== fresh.innerHTML) this.innerHTML = fresh.innerHTML;
    } else {
      bring(was, is, this.looked);
      bring(this.querySelector(".strip ol"), fresh.querySelector(".strip ol"), new Set());
    }
    if (was && is && other) {
      const atCursor = this.seen.includes(this.cursor);
      this.show(Math.round(part * this.pages.length) + 1);
      if (atCursor) Object.assign(this, { cursor: 0, lead: true }); // to where it is in the other layout
    }
    this.#mark();
  }

  /** Rings the page of the block at the cursor, by its first words and those behind it. */
  find(words, next) {
    this.lead ||= words !== this.words?.words; // only who moves the cursor is led to its page
    this.words = { words, next };
    this.#find();
  }

  #find() {
    clearTimeout(this.finding);
    const { version, of } = this.dataset;
    if (!version || !this.words?.words) return;
    this.finding = setTimeout(async () => {
      const asked = new URLSearchParams({ v: version, ...this.words });
      const answer = await fetch(`${of}?${asked}`).catch(() => null);
      if (!answer?.ok || this.dataset.version !== version) return;
      this.#ring((await answer.json()).page);
    }, PAUSE);
  }

  #ring(number) {
    for (const list of [this.pages, this.links])
      list.forEach((one, index) => one.classList.toggle("here", index === number - 1));
    const words = number ? t("The cursor is on page %(n)s", { n: number }) : "";
    const status = this.querySelector("[role=status]");
    if (status && status.textContent !== words) status.textContent = words;
    const button = this.querySelector(".to-cursor");
    if (button) {
      button.hidden = !number;
      button.lastElementChild.textContent = number;
      button.title = words;
    }
    if (!number) return;
    const moved = this.lead && number !== this.cursor && !this.seen.includes(number);
    Object.assign(this, { cursor: number, lead: false });
    if (moved && !this.placed) this.show(number);
    this.placed = false;
  }

  #soon() {
    cancelAnimationFrame(this.marking);
    this.marking = requestAnimationFrame(() => this.#mark());
  }

  /** Marks the row of pages at the middle of what is seen. */
  #mark() {
    const { pages, links, scroller } = this;
    if (!pages.length) return;
    const middle = scroller.scrollTop + scroller.clientHeight / 2;
    const away = (page) => Math.max(0, page.offsetTop - middle, middle - page.offsetTop - page.offsetHeight);
    const atEnd = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 2;
    const least = Math.min(...pages.map(away));
    const nearest = scroller.scrollTop < 2 ? pages[0] : atEnd ? pages.at(-1) : pages.find((page) => away(page) === least);
    this.seen = pages.flatMap((page, index) => (page.offsetTop === nearest.offsetTop ? [index + 1] : []));
    const inside = links.includes(document.activeElement);
    links.forEach((link, index) => {
      const seen = this.seen.includes(index + 1);
      if (seen) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      if (!inside) link.tabIndex = index + 1 === this.seen[0] ? 0 : -1;
    });
    this.#reach(links[this.seen[0] - 1]);
    const [n, m, all] = [this.seen[0], this.seen.at(-1), pages.length];
    const told = document.getElementById("pages-seen");
    const words =
      n === m ? t("Page %(n)s of %(all)s", { n, all }) : t("Pages %(n)s–%(m)s of %(all)s", { n, m, all });
    if (told && told.textContent !== words) told.textContent = words;
  }

  /** Moves the strip, and nothing around it, until a link of it is seen. */
  #reach(link) {
    const strip = this.querySelector(".strip ol");
    const [inner, outer] = [link.parentElement.getBoundingClientRect(), strip.getBoundingClientRect()];
    if (inner.left < outer.left) strip.scrollLeft -= outer.left - inner.left + 12;
    if (inner.right > outer.right) strip.scrollLeft += inner.right - outer.right + 12;
  }

  #clicked(event) {
    if (event.target.closest(".to-cursor")) this.show(this.cursor);
    const link = event.target.closest(".strip a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    history.replaceState(null, "", link.getAttribute("href"));
    this.show(this.links.indexOf(link) + 1);
  }

  #pressed(event) {
    const { links } = this;
    const at = links.indexOf(document.activeElement);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: links.length - 1 }[event.key];
    if (at < 0 || to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const link = links[Math.max(0, Math.min(links.length - 1, to))];
    for (const one of links) one.tabIndex = one === link ? 0 : -1;
    link.focus({ preventScroll: true });
    this.#reach(link);
  }
}

/** Items with their places, those that are looked at first: what is asked for first is there first. The others wait
 * until somebody comes near them. */
function inTurn(items, looked) {
  const placed = [...items].map((item, index) => [item, index]);
  for (const [item, index] of placed) {
    const picture = item.querySelector("img");
    const near = looked.has(index + 1);
    picture.fetchPriority = near ? "high" : "low";
    picture.loading = near ? "eager" : "lazy";
  }
  const [now, later] = [true, false].map((near) => placed.filter(([, index]) => looked.has(index + 1) === near));
  return [...now, ...later];
}

/** Takes items over one by one, so that no picture is blank before its new one is there. */
function bring(was, is, looked) {
  while (was.children.length > is.children.length) was.lastElementChild.remove();
  for (const [item, index] of inTurn(was.children, looked)) {
    const [old, picture] = [item, is.children[index]].map((one) => one.querySelector("img"));
    for (const name of ["srcset", "src", "width", "height"]) {
      const value = picture.getAttribute(name);
      if (value !== null && old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
  }
  for (const fresh of [...is.children].slice(was.children.length)) was.append(document.importNode(fresh, true));
}

customElements.define("printed-pages", PrintedPages);
