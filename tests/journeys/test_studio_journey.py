"""An editor's way in the studio as a program: start it, write, lose the server in mid-typing, go on."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()


class Studio:
    """`newsletter studio` as a process of its own."""

    def __init__(self, root: Path, port: int = 0) -> None:
        command = [sys.executable, "-u", "-m", "newsletter", "--publication", str(root)]
        self._process = subprocess.Popen(
            [*command, "studio", "may", "--port", str(port), "--no-open"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.line = self._process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/studio/may\S*", self.line)
        assert found is not None, self.line
        self.address, self.port = found.group(), int(found.group(1))

    def healthy(self) -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz") as answer:
            return bool(answer.status == 200)

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture
def article(new_publication: Path) -> Path:
    issue = new_publication / "issues" / "may" / "01-news"
    issue.mkdir(parents=True)
    (issue.parent / "issue.md").write_text("---\ntitle: May\n---\n", encoding="utf-8")
    article = issue / "01-first.md"
    article.write_text("---\ntitle: First\n---\n\nBeginning.\n", encoding="utf-8")
    return article


def test_the_server_is_killed_in_mid_typing_and_no_word_is_lost(
    new_publication: Path, article: Path, browser: Browser
) -> None:
    studio = Studio(new_publication)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        assert studio.healthy()
        page = context.new_page()
        page.goto(studio.address)
        page.wait_for_selector("body[data-ready]")
        page.locator(".cm-content").focus()
        page.keyboard.press("Control+End")
        words = [f"word{number}" for number in range(60)]
        for number, word in enumerate(words):
            page.keyboard.type(f"{word} ", delay=4)
            if number == 30:
                studio.kill()
            if number == 45:
                studio = Studio(new_publication, studio.port)
        deadline = time.monotonic() + 15
        text = ""
        while words[-1] not in text and time.monotonic() < deadline:
            time.sleep(0.05)
            text = article.read_text(encoding="utf-8")
        assert text.split("Beginning.\n")[1].split() == words
        expect(page.locator("#saved")).to_contain_text("Saved")
        page.frame_locator("#frame").get_by_text("word59").wait_for(state="attached")
    finally:
        context.close()
        studio.kill()
