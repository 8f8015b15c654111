// Inside the preview's frame, which has no origin and reaches nothing: takes new renderings into the page
// without moving what is read, marks the block of the cursor, draws where Gmail cuts, tells what was clicked.
"use strict";

(() => {
  const BLOCKS = "p,li,h1,h2,h3,h4,h5,h6,figcaption,td,th,blockquote,dt,dd,pre,caption";
  const { scheme, clip: clipWords } = document.currentScript.dataset;
  const own = document.createElement("style");
  own.textContent =
    (scheme === "inverted"
      ? "html{background:#fff;filter:invert(.9) hue-rotate(180deg)}img,svg,video{filter:invert(1) hue-rotate(180deg)}"
      : "") +
    ".studio-mark{position:relative!important}" +
    `.studio-mark::before{content:"";position:absolute;inset:2px auto 2px -12px;width:3px;background:${scheme === "dark" ? "#7cc0db" : "#1f5f7a"}}` +
    "#studio-clip{position:absolute;left:0;right:0;border-top:2px dashed #865300;pointer-events:none;z-index:9}" +
    "#studio-clip b{position:absolute;top:-12px;left:50%;transform:translateX(-50%);padding:2px 10px;border-radius:4px;background:#fbf1de;color:#865300;font:600 12px/18px system-ui,sans-serif;white-space:nowrap}" +
    "#studio-behind{position:absolute;left:0;right:0;bottom:0;background:rgba(245,246,246,.5);pointer-events:none;z-index:8}";
  let marked = null;

  const NUMBERED = 14; // characters at most that an edition puts before a caption: “Figure 12”, “图 3”
  const key = (text) => text.replace(/\s+/g, "").slice(0, 60);

  const leaves = () => [...document.querySelectorAll(BLOCKS)].filter((block) => !block.querySelector(BLOCKS));

  // Blocks with the same words are told apart by how many come behind: a title stands in the contents before
  // it stands over its article.
  function blockOf(wanted, behind) {
    const near = wanted.slice(0, 20);
    const exact = [];
    let found = null;
    let numbered = null;
    for (const block of leaves()) {
      const text = key(block.textContent);
      if (text === wanted) exact.push(block);
      if (!found && near.length > 5 && text.startsWith(near)) found = block;
      const at = numbered || near.length <= 5 ? -1 : text.indexOf(near);
      if (at > 0 && at <= NUMBERED) numbered = block;
    }
    return exact.at(-1 - behind) ?? exact[0] ?? found ?? numbered;
  }

  function placeOf(block) {
    const text = key(block.textContent);
    const same = leaves().filter((one) => key(one.textContent) === text);
    return { text, behind: Math.max(0, same.length - 1 - same.indexOf(block)) };
  }

  function mark(wanted, behind, move) {
    marked?.classList.remove("studio-mark");
    marked = wanted ? blockOf(wanted, behind) : null;
    if (!marked) return;
    marked.classList.add("studio-mark");
    const { top, bottom } = marked.getBoundingClientRect();
    if (move && (bottom < 40 || top > innerHeight - 40)) scrollBy(0, top - innerHeight / 3);
  }

  function clip() {
    document.getElementById("studio-clip")?.remove();
    document.getElementById("studio-behind")?.remove();
    const notes = document.createTreeWalker(document.body, NodeFilter.SHOW_COMMENT);
    while (notes.nextNode()) {
      if (notes.currentNode.data !== "clip") continue;
      const place = document.createRange();
      place.setStartBefore(notes.currentNode);
      place.collapse(true);
      const before = notes.currentNode.previousElementSibling ?? notes.currentNode.parentElement;
      const y = before.getBoundingClientRect().bottom + scrollY + 4;
      const line = document.createElement("div");
      line.id = "studio-clip";
      line.style.top = `${y}px`;
      const words = document.createElement("b");
      words.textContent = clipWords;
      line.append(words);
      const behind = document.createElement("div");
      behind.id = "studio-behind";
      behind.style.top = `${y}px`;
      behind.style.height = `${document.documentElement.scrollHeight - y}px`;
      document.documentElement.append(behind, line);
      const cut = notes.currentNode;
      const above = (one) => one.compareDocumentPosition(cut) & Node.DOCUMENT_POSITION_FOLLOWING;
      const leaf = leaves().findLast((one) => key(one.textContent) && above(one)); // a picture has no words of its own
      tell({ kind: "clip", ...(leaf ? placeOf(leaf) : { text: "", behind: 0 }) });
      return;
    }
    tell({ kind: "clip", text: "", behind: 0 });
  }

  // Replaces only the nodes that differ, from both ends inwards.
  function patch(old, fresh) {
    const was = [...old.childNodes];
    const is = [...fresh.childNodes];
    let head = 0;
    while (head < was.length && head < is.length && was[head].isEqualNode(is[head])) head++;
    let tail = 0;
    while (
      tail < was.length - head &&
      tail < is.length - head &&
      was[was.length - 1 - tail].isEqualNode(is[is.length - 1 - tail])
    )
      tail++;
    const gone = was.slice(head, was.length - tail);
    const come = is.slice(head, is.length - tail);
    if (gone.length === 1 && come.length === 1 && alike(gone[0], come[0])) {
      patch(gone[0], come[0]);
      return;
    }
    const pairs = gone.length === come.length && gone.every((node, index) => alike(node, come[index]));
    if (pairs) {
      gone.forEach((node, index) => {
        if (!node.isEqualNode(come[index])) patch(node, come[index]);
      });
      return;
    }
    const next = was[was.length - tail] ?? null;
    for (const node of gone) node.remove();
    for (const node of come) old.insertBefore(document.importNode(node, true), next);
  }

  const alike = (one, other) =>
    one.nodeType === Node.ELEMENT_NODE &&
    other.nodeType === Node.ELEMENT_NODE &&
    one.cloneNode(false).isEqualNode(other.cloneNode(false));

  function take(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    marked?.classList.remove("studio-mark");
    if (marked?.getAttribute("class") === "") marked.removeAttribute("class");
    marked = null;
    patch(document.body, fresh.body);
    const styles = [...document.head.querySelectorAll("style")].filter((style) => style !== own);
    fresh.head.querySelectorAll("style").forEach((style, index) => {
      if (styles[index] && styles[index].textContent !== style.textContent)
        styles[index].textContent = style.textContent;
    });
  }

  let early = null; // a rendering that came before this page was there to take it

  addEventListener("message", ({ source, data }) => {
    if (source !== parent) return;
    if (document.readyState === "loading") {
      if (data.kind === "document") early = data;
      return;
    }
    heard(data);
  });

  function heard(data) {
    if (data.kind === "document") take(data.html);
    if (data.kind === "document" || data.kind === "mark") mark(data.mark, data.behind ?? 0, data.move);
    if (data.kind === "document") clip();
    if (data.kind === "document") tell({ kind: "shown", version: data.version });
  }

  const tell = (message) => parent.postMessage(message, "*");

  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    const inside = link?.getAttribute("href").startsWith("#") ? link.getAttribute("href").slice(1) : "";
    if (inside) {
      event.preventDefault();
      document.getElementById(decodeURIComponent(inside))?.scrollIntoView();
    }
    // A figure that opens large for readers leads an editor to where it is written.
    const large = link?.classList.contains("large");
    if (large) event.preventDefault();
    if (link && !large) return;
    const block = event.target.closest?.(BLOCKS);
    if (block) tell({ kind: "place", ...placeOf(block) });
  });

  addEventListener("keydown", ({ key }) => {
    if (key === "Escape") tell({ kind: "leave" });
  });

  addEventListener("DOMContentLoaded", () => {
    document.head.append(own);
    if (early) heard(early);
    else clip();
    tell({ kind: "ready" });
  });
  // Pictures and widths move what stands below them.
  addEventListener("load", () => new ResizeObserver(clip).observe(document.body));
})();
