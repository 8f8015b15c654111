// A conflict, shown above the text: both sides, and three ways on. Nothing is written until one is taken. The cursor
// stays where it is: whoever types goes on typing, and no key of that presses a button here.

import { t } from "./words.js";

/** `decide(side)` gets "keep_mine" or "take_file"; `mine()` gives what is typed by then. */
export function showConflict(place, conflict, mine, decide) {
  const words = conflict.gone
    ? [
        element("h2", t("%(file)s is gone", { file: conflict.file })),
        element("p", t("Another program deleted or renamed it. Nothing is written until you choose.")),
      ]
    : [
        element("h2", t("%(file)s was changed here and on disk", { file: conflict.file })),
        element("p", t("These places were changed in both; everything else is merged. Nothing is written until you choose.")),
        ...sides(conflict.regions),
      ];
  place.replaceChildren(...words, ways(conflict, mine, decide));
  place.hidden = false;
}

function sides(regions) {
  let line = 1;
  const shown = [];
  for (const region of regions) {
    if (region.agreed) {
      line += region.agreed;
      continue;
    }
    const row = element("div", "", "sides");
    for (const [name, side] of [[t("Yours"), "mine"], [t("In the file"), "theirs"]]) {
      const column = element("div");
      column.append(element("h3", name), element("pre", region[side].join("\n"), side));
      row.append(column);
    }
    shown.push(element("h3", t("Line %(n)s", { n: line })), row);
    line += region.theirs.length;
  }
  return shown;
}

function ways(conflict, mine, decide) {
  const row = element("div", "", "ways");
  const way = (name, act, kind = "") => {
    const button = element("button", name, kind);
    button.type = "button";
    button.addEventListener("click", () => act(button));
    row.append(button);
  };
  way(conflict.gone ? t("Write it again") : t("Keep mine"), () => decide("keep_mine"), "primary");
  way(conflict.gone ? t("Let it go") : t("Take the file"), () => decide("take_file"));
  way(t("Copy mine"), async (button) => {
    await navigator.clipboard.writeText(mine());
    button.textContent = t("Copied");
  });
  return row;
}

function element(name, text = "", kind = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}
