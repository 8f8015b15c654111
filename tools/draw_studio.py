"""Draws docs/studio-light.png, -dark, -english and -phone: the studio's screen in a real browser, as it is now.

Needs Debian's chromium: `.venv/bin/python tools/draw_studio.py`. The Chinese screens show the real sample where it lies
beside the checkout, else the repository's Chinese issue. Look at them beside the drawings before they are committed.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT.parent / "shared" / "samples" / "shengwu-2024-04-30"
DOCS = ROOT / "docs"
ENGLISH, CHINESE = "2026-11-en", "2026-10-zh"
GROUND, GAP = "#cfd6d9", 24
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


def main() -> int:
    chromium = shutil.which("chromium")
    if chromium is None:
        print("needs chromium", file=sys.stderr)
        return 1
    real = SAMPLE.is_dir()
    slug = SAMPLE.name.partition("-")[2] if real else CHINESE
    file = "02-domestic/03-organoids.md" if real else "01-research/01-car-t.md"
    with (
        tempfile.TemporaryDirectory() as folder,
        _studio(Path(folder), slug) as address,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        at = _Shots(browser, address)
        at.shoot("light", f"{slug}?file={file}&line=40&width=600", DESKTOP)
        at.shoot("dark", f"{slug}?file={file}&line=40&view=print", DESKTOP, "dark")
        at.shoot("english", f"{ENGLISH}?drawer=history&line=28", DESKTOP)
        phones = (
            at.taken(f"{ENGLISH}?pane=write&line=28", PHONE),
            at.taken(f"{ENGLISH}?pane=preview&line=28", PHONE),
            at.taken(f"{slug}?pane=write&drawer=problems&line=40&lang=zh-Hans", PHONE, "dark"),
        )
        browser.close()
    _save("phone", _joined([_opened(one) for one in phones]))
    return 0


class _Shots:
    """A browser that has the studio's token."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser = browser
        self._base = address.partition("/studio/")[0]
        context = browser.new_context()
        context.new_page().goto(address)
        self._kept = context.storage_state()
        context.close()

    def taken(self, what: str, size: Any, scheme: Any = "light") -> bytes:
        context = self._browser.new_context(
            viewport=size, color_scheme=scheme, storage_state=self._kept, locale="en-US"
        )
        page = context.new_page()
        page.goto(f"{self._base}/studio/{what}")
        page.wait_for_selector("body[data-ready]")
        page.wait_for_timeout(2500)  # pictures, and the mail at its line
        shot = page.screenshot()
        context.close()
        return shot

    def shoot(self, name: str, what: str, size: Any, scheme: Any = "light") -> None:
        _save(name, _opened(self.taken(what, size, scheme)))


@contextmanager
def _studio(root: Path, slug: str) -> Iterator[str]:
    """The studio on a copy of the publication, with a history."""
    shutil.copy2(ROOT / "newsletter.toml", root)
    shutil.copytree(ROOT / "issues", root / "issues")
    if SAMPLE.is_dir():
        shutil.copytree(SAMPLE, root / "issues" / slug)
    who = ["-c", "user.name=Ada Holm", "-c", "user.email=ada@news.example.com"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "The issue as it was set"]):
        subprocess.run(["git", *who, *words], cwd=root, check=True)
    command = [sys.executable, "-u", "-m", "newsletter", "--publication", str(root)]
    with subprocess.Popen(
        [*command, "studio", slug, "--port", "0", "--no-open"], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found is not None
            yield found.group()
        finally:
            process.terminate()


def _opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def _joined(panels: list[Image.Image]) -> Image.Image:
    width = sum(panel.width for panel in panels) + GAP * (len(panels) + 1)
    whole = Image.new("RGB", (width, panels[0].height + 2 * GAP), GROUND)
    at = GAP
    for panel in panels:
        whole.paste(panel, (at, GAP))
        at += panel.width + GAP
    return whole


def _save(name: str, image: Image.Image) -> None:
    target = DOCS / f"studio-{name}.png"
    image.save(target, optimize=True)
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    sys.exit(main())
