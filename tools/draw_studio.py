"""Draws docs/studio-light.png, -dark, -clip, -english, -phone, -send and -subscribers: the studio in a browser, as it is.

Needs Debian's chromium: `.venv/bin/python tools/draw_studio.py`. The Chinese screens show the real sample where it lies
beside the checkout, else the repository's Chinese issue. The people, and the server that the English issue is sent to, are
those of tools/drawn_people.py. Look at them beside the drawings before they are committed. Names of pictures as arguments
draw those alone.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from drawn_people import mail_server, members, newcomers
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT.parent / "shared" / "samples" / "shengwu-2024-04-30"
DOCS = ROOT / "docs"
ENGLISH, CHINESE = "2026-11-en", "2026-10-zh"
GROUND, GAP = "#cfd6d9", 24
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PEOPLE, LIST = 1400, "monthly"
WHOLE = "-whole"
"""Behind the name of an issue: the same, longer than what Gmail shows."""
SHORTENED = "01-international/04-kidney-disease.md"
ABOVE_THE_CUT = """() => {
  const { top } = document.getElementById("studio-clip").getBoundingClientRect();
  const all = [...document.querySelectorAll("p")].filter((one) => one.textContent.trim().length > 20);
  return all.findLast((one) => one.getBoundingClientRect().bottom <= top + 1);
}"""
PACE, SENDING = "50", 20_000
"""Messages a second, and after how many milliseconds of it the sending is drawn."""


def main() -> int:
    chromium = shutil.which("chromium")
    if chromium is None:
        print("needs chromium", file=sys.stderr)
        return 1
    real = SAMPLE.is_dir()
    slug = SAMPLE.name.partition("-")[2] if real else CHINESE
    file = "02-domestic/03-organoids.md" if real else "01-research/01-car-t.md"
    wanted = set(sys.argv[1:]) or {
        "light",
        "dark",
        "clip",
        "english",
        "phone",
        "send",
        "subscribers",
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        _studio(Path(folder), slug) as address,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        at = _Shots(browser, address)
        if "light" in wanted:
            at.shoot("light", f"{slug}?file={file}&line=40&width=600", DESKTOP)
        if "dark" in wanted:
            at.shoot("dark", f"{slug}?file={file}&line=40&view=print", DESKTOP, "dark")
        if "clip" in wanted and real:
            _save("clip", _opened(at.cut(slug + WHOLE, DESKTOP)))
        if "english" in wanted:
            at.shoot("english", f"{ENGLISH}?drawer=history&line=28", DESKTOP)
        if "phone" in wanted:
            phones = (
                at.taken(f"{ENGLISH}?pane=write&line=28", PHONE),
                at.taken(f"{ENGLISH}?pane=preview&line=28", PHONE),
                at.taken(f"{slug}?pane=write&drawer=problems&line=40&lang=zh-Hans", PHONE, "dark"),
            )
            _save("phone", _joined([_opened(one) for one in phones]))
        if "subscribers" in wanted:
            _save("subscribers", _opened(_importing(at.page(DESKTOP), at.base)))
        if "send" in wanted:
            with _sending(Path(folder)):
                page = at.page(DESKTOP)
                page.wait_for_timeout(SENDING)
                page.goto(f"{at.base}/studio/{ENGLISH}/send")
                page.wait_for_timeout(1500)
                _save("send", _opened(page.screenshot()))
        browser.close()
    return 0


def _importing(page: Page, base: str) -> bytes:
    """The subscribers, two of them chosen, and a file that is being brought in beside."""
    page.goto(f"{base}/subscribers/import")
    page.set_input_files(
        "#bring input[type=file]",
        {"name": "会员名单-2024.csv", "mimeType": "text/csv", "buffer": newcomers()},
    )
    page.get_by_role("button", name="Dry run").wait_for()
    for row in (1, 4):
        page.locator("tbody input[type=checkbox]").nth(row).check()
    page.mouse.click(5, 5)
    page.wait_for_timeout(1000)
    return page.screenshot()


def _bring_people(root: Path) -> None:
    """They came over a year, not all today: what happened to each is put back to the day of joining."""
    file = root / "members.csv"
    file.write_bytes(members(PEOPLE))
    _newsletter(root, "subscribers", "import", str(file), "--list", LIST, "--apply")
    with contextlib.closing(sqlite3.connect(root / "subscribers" / "newsletter.db")) as books:
        books.execute(
            "UPDATE events SET at = (SELECT created FROM subscribers"
            " WHERE subscribers.id = events.subscriber_id) WHERE subscriber_id IS NOT NULL"
        )
        books.commit()
    key = root / "subscribers" / "secret.key"
    if not key.exists():
        key.touch(0o600)
        key.write_text(secrets.token_hex(32), encoding="ascii")


@contextmanager
def _sending(root: Path) -> Iterator[None]:
    """The English issue on its way to everybody."""
    with mail_server() as port:
        settings = {
            "NEWSLETTER__SMTP__HOST": "127.0.0.1",
            "NEWSLETTER__SMTP__PORT": str(port),
            "NEWSLETTER__DELIVERY__RATE": PACE,
        }
        told = _newsletter(root, "subscribers", "list", "--list", LIST, "--json").splitlines()
        count = sum(json.loads(line)["status"] == "confirmed" for line in told)
        command = [sys.executable, "-m", "newsletter", "--publication", str(root), "send"]
        with subprocess.Popen(
            [*command, ENGLISH, "--list", LIST, "--confirm-count", str(count)],
            env=os.environ | settings,
            stdout=subprocess.DEVNULL,
        ) as process:
            try:
                yield
            finally:
                process.terminate()


def _newsletter(root: Path, *words: str) -> str:
    command = [sys.executable, "-m", "newsletter", "--publication", str(root), *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


class _Shots:
    """A browser that has the studio's token."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser = browser
        self.base = address.partition("/studio/")[0]
        context = browser.new_context()
        context.new_page().goto(address)
        self._kept = context.storage_state()
        context.close()

    def taken(self, what: str, size: Any, scheme: Any = "light") -> bytes:
        page = self.page(size, scheme)
        page.goto(f"{self.base}/studio/{what}")
        page.wait_for_selector("body[data-ready]")
        page.wait_for_timeout(4000)  # pictures, and the mail at its line
        shot = page.screenshot()
        page.context.close()
        return shot

    def cut(self, slug: str, size: Any) -> bytes:
        """Where Gmail cuts: the cursor in the last paragraph that it shows."""
        page = self.page(size)
        page.goto(f"{self.base}/studio/{slug}?width=600")
        page.wait_for_selector("body[data-ready]")
        frame = next(one for one in page.frames if "/frame/" in one.url)
        frame.wait_for_selector("#studio-clip", state="attached")
        page.wait_for_timeout(2000)
        above = frame.evaluate_handle(ABOVE_THE_CUT).as_element()
        assert above is not None
        above.click()
        page.wait_for_selector(".cm-clip")
        page.wait_for_timeout(2000)
        frame.evaluate("document.getElementById('studio-clip').scrollIntoView({block: 'center'})")
        page.wait_for_timeout(1000)
        shot = page.screenshot()
        page.context.close()
        return shot

    def page(self, size: Any, scheme: Any = "light") -> Page:
        """An empty window, of whoever has the studio's token."""
        context = self._browser.new_context(
            viewport=size, color_scheme=scheme, storage_state=self._kept, locale="en-US"
        )
        return context.new_page()

    def shoot(self, name: str, what: str, size: Any, scheme: Any = "light") -> None:
        _save(name, _opened(self.taken(what, size, scheme)))


@contextmanager
def _studio(root: Path, slug: str) -> Iterator[str]:
    """The studio on a copy of the publication, with a history."""
    shutil.copy2(ROOT / "newsletter.toml", root)
    shutil.copytree(ROOT / "issues", root / "issues")
    if SAMPLE.is_dir():
        shutil.copytree(SAMPLE, root / "issues" / slug)
    if SAMPLE.is_dir():
        _lengthen(root / "issues" / slug, root / "issues" / (slug + WHOLE))
    who = ["-c", "user.name=Ada Holm", "-c", "user.email=ada@news.example.com"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "The issue as it was set"]):
        subprocess.run(["git", *who, *words], cwd=root, check=True)
    _bring_people(root)
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


def _lengthen(issue: Path, whole: Path) -> None:
    """The same issue with all but one article in full, so that it ends behind what Gmail shows."""
    shutil.copytree(issue, whole)
    for name, shown in (("issue.md", "full"), (SHORTENED, "digest")):
        text = (whole / name).read_text(encoding="utf-8")
        (whole / name).write_text(text.replace("---\n", f"---\nemail: {shown}\n", 1), "utf-8")


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
