"""How long an editor waits, in a real Chromium: from a key, and from its save, to the preview laid out.

    .venv/bin/python bench/preview.py                  on the real sample where it is, else the repository's
    .venv/bin/python bench/preview.py --issue DIR

The issue is copied, the studio started as its command, one character typed at a time into its largest
file. “Laid out” is when the frame has taken the new mail in and measured it. Then the print view is
opened after a change, until its first page is a picture.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WATCH = """() => {
  window.seen = {};
  const plain = window.fetch;
  window.fetch = async (...asked) => {
    if (asked[1]?.method === "PUT") window.seen.saved = performance.now();
    return plain(...asked);
  };
  document.addEventListener("keydown", () => (window.seen.key = performance.now()), true);
  addEventListener("message", ({ data }) => {
    if (data.kind === "shown") window.seen.shown = performance.now();
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
                _measure(found.group(), largest.relative_to(issue).as_posix(), options.runs)
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


def _measure(address: str, file: str, runs: int) -> None:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{address}?file={file}")
        page.wait_for_selector("body[data-ready]")
        page.wait_for_timeout(2000)
        page.evaluate(WATCH)
        page.locator(".cm-content").focus()
        page.keyboard.press("Control+End")
        typed = [_one(page) for _ in range(runs + 1)][1:]
        _print("key to layout", [key for key, _ in typed])
        _print("save to layout", [save for _, save in typed])
        print(f"first printed page after a change  {_first_page(page):6.0f} ms")
        chromium.close()


def _one(page: Page) -> tuple[float, float]:
    """One character; milliseconds from its key and from its save to the layout."""
    page.evaluate("window.seen = {}")
    page.keyboard.type("字")
    page.keyboard.press("Shift")  # a composed character has no key of its own
    for _ in range(500):
        seen = page.evaluate("window.seen")
        if "shown" in seen and "saved" in seen:
            break
        page.wait_for_timeout(20)
    else:
        raise SystemExit("the preview never followed")
    page.wait_for_timeout(700)
    return seen["shown"] - seen["key"], seen["shown"] - seen["saved"]


def _first_page(page: Page) -> float:
    began = page.evaluate("performance.now()")
    page.get_by_role("link", name="Print", exact=True).click()
    for _ in range(2000):
        if page.evaluate("Boolean(document.querySelector('.pages img')?.naturalWidth)"):
            break
        page.wait_for_timeout(10)
    return float(page.evaluate("performance.now()") - began)


def _print(name: str, times: list[float]) -> None:
    ranked = statistics.quantiles(times, n=20)
    print(f"{name:34} {statistics.median(times):6.0f} ms median  {ranked[18]:6.0f} ms 95 %")


if __name__ == "__main__":
    raise SystemExit(main())
