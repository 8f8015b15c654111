"""Draws docs/editions.png: real screenshots of the sample issue in all editions, side by side.

Needs Debian's chromium and a build: `newsletter build 2026-10-zh && .venv/bin/python tools/draw_readme.py`.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "2026-10-zh"
TARGET = ROOT / "docs" / "editions.png"
HEIGHT, GAP = 1000, 28
GROUND = "#dfe5e8"


def main() -> int:
    chromium = shutil.which("chromium")
    if chromium is None or not BUILD.is_dir():
        print("needs chromium, and a build: newsletter build 2026-10-zh", file=sys.stderr)
        return 1
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        panels = [
            _page(browser, "email.html", 700, "light"),
            _page(browser, "email.html", 375, "dark"),
            _page(browser, "web/index.html", 1280, "light"),
        ]
        browser.close()
    panels += _printed(pages=(0, 2))
    _joined(panels).save(TARGET, optimize=True)
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size:,} bytes")
    return 0


def _page(browser: Browser, name: str, width: int, scheme: str) -> Image.Image:
    """The top of a page, as high as all panels, at the scale that makes desktop and phone sit together."""
    height = round(HEIGHT * width / _shown(width))
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto((BUILD / name).as_uri())
    target = ROOT / "build" / f"readme-{width}.png"
    page.screenshot(path=target)
    context.close()
    with Image.open(target) as shot:
        panel = shot.convert("RGB").resize((_shown(width), HEIGHT), Image.Resampling.LANCZOS)
    target.unlink()
    return panel


def _shown(width: int) -> int:
    return {700: 500, 375: 330, 1280: 830}[width]


def _printed(pages: tuple[int, ...]) -> list[Image.Image]:
    """Printed pages, two stacked in one column."""
    pdf = pypdfium2.PdfDocument(str(BUILD / "print.pdf"))
    high = (HEIGHT - GAP) // 2
    images = []
    for number in pages:
        image = pdf[number].render(scale=1.6).to_pil().convert("RGB")
        images.append(
            image.resize((round(image.width * high / image.height), high), Image.Resampling.LANCZOS)
        )
    column = Image.new("RGB", (images[0].width, HEIGHT), GROUND)
    for place, image in enumerate(images):
        column.paste(image, (0, place * (high + GAP)))
    return [column]


def _joined(panels: list[Image.Image]) -> Image.Image:
    width = sum(panel.width for panel in panels) + GAP * (len(panels) + 1)
    sheet = Image.new("RGB", (width, HEIGHT + 2 * GAP), GROUND)
    left = GAP
    for panel in panels:
        sheet.paste(panel, (left, GAP))
        left += panel.width + GAP
    return sheet.quantize(200)


if __name__ == "__main__":
    raise SystemExit(main())
