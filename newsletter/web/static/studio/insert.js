// The insert row: what each button puts around the chosen words, or in their place; a note at the end of the text.

import { t } from "./words.js";

const PARTS = {
  heading: ["\n## ", t("Heading"), "\n"],
  bold: ["**", t("bold"), "**"],
  link: ["[", t("words"), "](https://)"],
  list: ["\n- ", t("item"), "\n"],
  reference: ["[", "1", "]"],
  tag: ["{{ subscriber.name | default(\"", t("reader"), "\") }}"],
};

export function insertRow(row, editor) {
  row.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    if (button.dataset.insert !== "footnote") {
      editor.insert(...PARTS[button.dataset.insert]);
      return;
    }
    let number = 1;
    while (editor.text().includes(`[^${number}]`)) number++;
    editor.note(`[^${number}]`, `[^${number}]: `, t("note"));
  });
}
