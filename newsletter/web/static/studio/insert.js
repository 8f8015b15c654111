// The insert row: what each button puts around the chosen words, or in their place.

import { t } from "./words.js";

const PARTS = {
  heading: ["\n## ", t("Heading"), "\n"],
  bold: ["**", t("bold"), "**"],
  link: ["[", t("words"), "](https://)"],
  list: ["\n- ", t("item"), "\n"],
  footnote: ["[^1]\n\n[^1]: ", t("note"), "\n"],
  reference: ["[", "1", "]"],
  tag: ["{{ subscriber.name | default(\"", t("reader"), "\") }}"],
};

export function insertRow(row, editor) {
  row.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    let [before, middle, after] = PARTS[button.dataset.insert];
    if (button.dataset.insert === "footnote") {
      let number = 1;
      while (editor.text().includes(`[^${number}]`)) number++;
      [before, after] = [before.replaceAll("1", number), after];
    }
    editor.insert(before, middle, after);
  });
}
