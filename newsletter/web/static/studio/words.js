// What the scripts say, in the language of the page. English is written where it is said: t("Saved %(at)s", { at }).

const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}");

export function t(text, values = {}) {
  return (words[text] ?? text).replace(/%\((\w+)\)s/g, (whole, name) => values[name] ?? whole);
}
