// What of a page cannot be read, or whose focus ring cannot be seen: texts that something cuts or covers, and rings that
// a box cuts which scrolls. What is shortened on purpose (an ellipsis, a line clamp) or scrolls is no fault.
() => {
  const found = [];
  const name = (one) => [one.localName, one.id && `#${one.id}`, ...[...one.classList].map((kind) => `.${kind}`)].join("");
  const scrolls = (value) => value === "auto" || value === "scroll";
  const aside = (one) => one && (getComputedStyle(one).clipPath !== "none" || aside(one.parentElement)); // for ears alone
  const hidden = (one) => one.closest(".cm-editor, noscript, script, style, option, textarea") !== null || aside(one);
  const boxes = function* (one) {
    for (let box = one; box && box !== document.body; box = box.parentElement) {
      const style = getComputedStyle(box);
      const { left, top } = box.getBoundingClientRect();
      if (style.overflowX !== "visible" || style.overflowY !== "visible") {
        const [x, y] = [left + box.clientLeft, top + box.clientTop];
        yield { box, style, left: x, top: y, right: x + box.clientWidth, bottom: y + box.clientHeight };
      }
      if (style.position === "fixed") return;
    }
  };
  const inSight = (one, x, y) => x >= 0 && y >= 0 && x < innerWidth && y < innerHeight && [...boxes(one)].every((box) => x > box.left && x < box.right && y > box.top && y < box.bottom);

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { currentNode: text } = texts;
    const one = text.parentElement;
    if (!text.textContent.trim() || hidden(one) || !one.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const line of range.getClientRects()) {
      const cut = [...boxes(one)].find((box) => line.right > box.right + 1.5 || line.left < box.left - 1.5 || line.bottom > box.bottom + 2.5 || line.top < box.top - 2.5);
      if (cut && ![cut.style.overflowX, cut.style.overflowY].some(scrolls) && cut.style.textOverflow !== "ellipsis" && cut.style.webkitLineClamp === "none")
        found.push(`${name(cut.box)} cuts “${text.textContent.trim().slice(0, 40)}”`);
      for (const x of [line.left + 2, (line.left + line.right) / 2, line.right - 2]) {
        const y = (line.top + line.bottom) / 2;
        if (line.width < 4 || !inSight(one, x, y)) continue;
        const over = document.elementFromPoint(x, y);
        if (over && !one.contains(over) && !over.contains(one) && !one.closest("label")?.contains(over))
          found.push(`${name(over)} covers “${text.textContent.trim().slice(0, 40)}” of ${name(one)}`);
      }
    }
  }
  for (const one of document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")) {
    if (hidden(one) || one.disabled || !one.checkVisibility({ visibilityProperty: true }) || getComputedStyle(one).opacity === "0") continue;
    one.focus({ focusVisible: true });
    const { outlineStyle, outlineWidth, outlineOffset } = getComputedStyle(one);
    const more = parseFloat(outlineWidth) + parseFloat(outlineOffset);
    if (document.activeElement !== one || outlineStyle === "none" || more <= 0) continue;
    const { left, right, top, bottom } = one.getBoundingClientRect();
    const window = { style: { overflowX: "hidden", overflowY: "visible" }, left: 0, right: innerWidth };
    for (const { box, style, ...edge } of [...boxes(one.parentElement), window]) {
      const sideways = style.overflowX !== "visible" && (left - more < edge.left - 0.5 || right + more > edge.right + 0.5);
      const upright = style.overflowY !== "visible" && (top - more < edge.top - 0.5 || bottom + more > edge.bottom + 0.5);
      if (sideways || upright) found.push(`${box ? name(box) : "the window"} cuts the ring of ${name(one)} “${one.textContent.trim().slice(0, 30)}”`);
    }
  }
  return [...new Set(found)];
};
