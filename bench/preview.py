"""How long an editor waits, in a real Chromium: from a key, and from a file's save, to the preview laid out.

    .venv/bin/python bench/preview.py                  on the real sample where it is, else the repository's
    .venv/bin/python bench/preview.py --issue DIR

The issue is copied, the studio started as its command, one character typed at a time into its largest
file, then one after the other as a person types, the saves and checks of before under way; then the file is written by another program, one paragraph longer each time. “Laid out” is when the
frame has taken the new mail in and measured it. Then the print view is opened after a change, until its
page in view is a picture, and looked at in the other number of columns.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WATCH = """() => {
  window.seen = {};
  window.every = { keys: [], shown: [] };
  const now = () => performance.timeOrigin + performance.now();
  document.addEventListener("keydown", () => {
    window.seen.key ??= now();
    window.every.keys.push(now());
  }, true);
  addEventListener("message", ({ data }) => {
    if (data.kind !== "shown") return;
    window.seen.shown ??= now();
    window.every.shown.push(now());
  });
}"""


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copy2(ROOT / "newsletter.toml", root)
        issue = root / "issues" / "issue"
        shutil.copytree(options.issue, issue)
        largest = max(issue.rglob("*.md"), key=lambda path: path.stat().st_size)
        command = [sys.executable, "-u", "-m", "newsletter", "--publication", str(root)]
        with subprocess.Popen(
            [*command, "studio", "issue", "--port", "0", "--no-open"],
            stdout=subprocess.PIPE,
            text=True,
        ) as studio:
            try:
                assert studio.stdout is not None
                found = re.search(r"http://\S+", studio.stdout.readline())
                assert found is not None
                _measure(found.group(), issue, largest, options.runs)
            finally:
                studio.terminate()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the studio's preview.")
    sample = ROOT.parent / "shared" / "samples" / "shengwu-2024-04-30"
    default = sample if sample.is_dir() else ROOT / "issues" / "2026-10-zh"
    parser.add_argument("--issue", type=Path, default=default)
    parser.add_argument("--runs", type=int, default=25)
    return parser.parse_args()


def _measure(address: str, issue: Path, largest: Path, runs: int) -> None:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.goto(f"{page.url.partition('?')[0]}?file={largest.relative_to(issue).as_posix()}")
        page.wait_for_selector("body[data-ready]")
        page.wait_for_timeout(2000)
        page.evaluate(WATCH)
        page.locator(".cm-content").focus()
        page.keyboard.press("Control+End")
        _print("key to layout", [_key(page) for _ in range(runs + 1)][1:])
        _print("key to layout, typing on", _typing(page, 2 * runs))
        _print("save to layout", [_save(page, largest) for _ in range(runs + 1)][1:])
        cold, warm, other, typed = _first_page(page, largest)
        print(f"printed page in view, opened first   {cold:6.0f} ms")
        print(f"printed page in view, after a change  {warm:6.0f} ms")
        print(f"printed page in view, in two columns  {other:6.0f} ms")
        print(f"printed page in view, after a key    {typed:6.0f} ms, median of 7")
        chromium.close()


def _key(page: Page) -> float:
    """One character; milliseconds from its key to the layout."""
    page.evaluate("window.seen = {}")
    page.keyboard.press("a")
    seen = _shown(page)
    return float(seen["shown"] - seen["key"])


def _typing(page: Page, keys: int) -> list[float]:
    """Characters as a person types them, saves and checks under way meanwhile; from each key to the next layout."""
    page.evaluate("window.every = { keys: [], shown: [] }")
    for number in range(keys):
        page.keyboard.press("abcde"[number % 5])
        page.wait_for_timeout(120)
    page.wait_for_timeout(1500)
    seen: dict[str, list[float]] = page.evaluate("window.every")
    return [next(shown for shown in seen["shown"] if shown > key) - key for key in seen["keys"]]


def _save(page: Page, file: Path) -> float:
    """One paragraph more, written by another program; milliseconds from the write to the layout."""
    page.evaluate("window.seen = {}")
    text = file.read_text(encoding="utf-8") + "\n再来一段，写在文件里。\n"
    began = time.time() * 1000
    file.write_text(text, encoding="utf-8")
    return float(_shown(page)["shown"] - began)


def _shown(page: Page) -> dict[str, float]:
    for _ in range(1000):
        seen: dict[str, float] = page.evaluate("window.seen")
        if "shown" in seen:
            break
        page.wait_for_timeout(20)
    else:
        raise SystemExit("the preview never followed")
    page.wait_for_timeout(1200)  # until the save and the checks behind it are done
    return seen


def _first_page(page: Page, file: Path) -> tuple[float, float, float, float]:
    """Until a page in view is a picture: opened for the first time, after one paragraph more, in two columns."""
    began = page.evaluate("performance.now()")
    page.get_by_role("link", name="Print", exact=True).click()
    _picture(page, "")
    cold = page.evaluate("performance.now()") - began
    page.wait_for_timeout(4000)  # until nothing of earlier changes is laid out any more
    first = _picture(page, "")
    began = page.evaluate("performance.now()")
    file.write_text(file.read_text(encoding="utf-8") + "\n又来一段。\n", encoding="utf-8")
    _picture(page, first)
    warm = page.evaluate("performance.now()") - began
    page.wait_for_timeout(4000)
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+End")
    keys = []
    for _ in range(7):
        page.wait_for_timeout(1500)
        before = _picture(page, "")
        began = page.evaluate("performance.now()")
        page.keyboard.type("又")
        _picture(page, before)
        keys.append(page.evaluate("performance.now()") - began)
    page.wait_for_timeout(16_000)  # they are looked at for a while
    one = _picture(page, "")
    began = page.evaluate("performance.now()")
    page.get_by_role("link", name="Two columns", exact=True).click()
    _picture(page, one)
    other = page.evaluate("performance.now()") - began
    return float(cold), float(warm), float(other), float(statistics.median(keys))


def _picture(page: Page, before: str) -> str:
    """The address of the first picture of a page in view, once it is another one and there."""
    for _ in range(2000):
        shown: str = page.evaluate(
            """() => {
              const all = document.querySelector("printed-pages");
              const inView = (one) => {
                const { top, bottom } = one.getBoundingClientRect();
                return bottom > 0 && top < innerHeight;
              };
              const there = (one) => one.complete && one.naturalWidth && inView(one);
              const one = [...(all?.pages ?? [])].map((item) => item.querySelector("img")).find(there);
              return one?.currentSrc ?? "";
            }"""
        )
        if shown and shown != before:
            return shown
        page.wait_for_timeout(10)
    raise SystemExit("no printed page came")


def _print(name: str, times: list[float]) -> None:
    ranked = statistics.quantiles(times, n=20)
    print(
        f"{name:34} {min(times):6.0f} ms least  {statistics.median(times):6.0f} ms median"
        f"  {ranked[18]:6.0f} ms 95 %"
    )


if __name__ == "__main__":
    raise SystemExit(main())
