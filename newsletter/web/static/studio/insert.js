// The insert row: what each button puts around the chosen words, or in their place.

const PARTS = {
  heading: ["\n## ", "Heading", "\n"],
  bold: ["**", "bold", "**"],
  link: ["[", "words", "](https://)"],
  list: ["\n- ", "item", "\n"],
  figure: ["\n![", "what is to be seen", '](figures/name.png "Caption")\n'],
  footnote: ["[^1]\n\n[^1]: ", "note", "\n"],
  tag: ["{{ subscriber.name | default(\"", "reader", "\") }}"],
};

export function insertRow(row, editor) {
  row.hidden = false;
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
