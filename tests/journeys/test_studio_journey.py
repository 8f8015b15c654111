"""Editors' ways in the studio as a program: write in two scripts, beside other programs, in many windows, and lose the
server in mid-typing."""

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
from playwright.sync_api import Browser, BrowserContext, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


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
        deadline = time.monotonic() + 60
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


@pytest.fixture
def studio(new_publication: Path, article: Path) -> Iterator[Studio]:
    running = Studio(new_publication)
    yield running
    running.kill()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    yield made
    made.close()


def window(context: BrowserContext, studio: Studio) -> Page:
    page = context.new_page()
    page.goto(studio.address)
    page.wait_for_selector("body[data-ready]")
    page.get_by_text("Live", exact=True).wait_for()
    return page


def at_the_end(page: Page) -> None:
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+End")


def compose(context: BrowserContext, page: Page, spellings: list[str], chosen: str) -> None:
    """What an input method does: spellings that replace each other, then the characters that were chosen."""
    client = context.new_cdp_session(page)
    for spelling in spellings:
        at = {"selectionStart": len(spelling), "selectionEnd": len(spelling)}
        client.send("Input.imeSetComposition", {"text": spelling, **at})
        page.wait_for_timeout(60)
    client.send("Input.insertText", {"text": chosen})
    client.detach()


def wait_for(file: Path, *words: str) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        text = file.read_text(encoding="utf-8")
        if all(word in text for word in words):
            return text
        time.sleep(0.02)
    pytest.fail(f"{file.name} never had all of {words}: {file.read_text(encoding='utf-8')!r}")


def test_chinese_is_typed_through_an_input_method_wherever_it_may_stand(
    context: BrowserContext, studio: Studio, article: Path
) -> None:
    page = window(context, studio)
    at_the_end(page)
    places = ["", "\n## ", "\n\n- ", "\n\n**", "\n\n[", "\n\n| a | b |\n| - | - |\n| "]
    words = ["苹果熟了", "霜冻", "早熟品种", "今年", "果园", "数目"]
    for place, word in zip(places, words, strict=True):
        page.keyboard.type(place)
        compose(context, page, ["s", "sh", "shu", "shuang"], word)
    text = wait_for(article, *words)
    assert "shu" not in text
    body = text.split("Beginning.\n")[1]
    for place, word in zip(places, words, strict=True):
        assert f"{place.rpartition(chr(10))[2]}{word}" in body
    page.frame_locator("#frame").get_by_text("苹果熟了").last.wait_for(state="attached")


def replace(file: Path, old: str, new: str) -> None:
    """As a careful program does it: whole, and only over what it read."""
    beside = file.with_name("beside")
    while True:
        text = file.read_text(encoding="utf-8")
        beside.write_text(text.replace(old, new), encoding="utf-8")
        if file.read_text(encoding="utf-8") == text:
            beside.replace(file)
            return


def test_one_article_is_written_in_the_browser_and_on_disk_at_once(
    context: BrowserContext, studio: Studio, article: Path
) -> None:
    paragraphs = [f"Paragraph {number}." for number in range(12)]
    article.write_text("---\ntitle: First\n---\n\n" + "\n\n".join(paragraphs) + "\n", "utf-8")
    page = window(context, studio)
    at_the_end(page)
    # Another program writes the upper half while the lower one is typed; each adds words again and again.
    for number in range(6):
        page.keyboard.type(f" typed{number}", delay=15)
        replace(article, f"Paragraph {number}.", f"Paragraph {number}. disk{number}")
        page.wait_for_timeout(150)
    every = [f"{kind}{number}" for kind in ("typed", "disk") for number in range(6)]
    wait_for(article, *every)
    for word in every:
        expect(page.locator(".cm-content")).to_contain_text(word)
    assert article.read_text(encoding="utf-8").count("typed0") == 1

    # The same line in both: nothing is written until somebody chooses, and what loses is kept.
    text = article.read_text(encoding="utf-8")
    page.route("**/files/**", lambda route: route.abort())
    page.keyboard.type(" mine")
    expect(page.locator("#saved")).to_contain_text("Not saved")
    article.write_text(text.rstrip("\n") + " theirs\n", encoding="utf-8")
    page.unroute("**/files/**")
    page.get_by_role("button", name="Keep mine").wait_for()
    assert article.read_text(encoding="utf-8").rstrip().endswith(" theirs")
    page.get_by_role("button", name="Keep mine").click()
    assert wait_for(article, " mine").rstrip().endswith(" mine")
    kept = article.parents[3] / ".studio" / "kept" / "may"
    assert any(" mine" in one.read_text(encoding="utf-8") for one in kept.rglob("*.md*"))


def test_eight_windows_are_open_and_each_sees_at_once_what_is_typed_in_another(
    context: BrowserContext, studio: Studio, article: Path
) -> None:
    windows = [window(context, studio) for _ in range(8)]
    at_the_end(windows[3])
    windows[3].keyboard.type("Typed in the fourth window.")
    for page in windows:
        page.frame_locator("#frame").get_by_text("Typed in the fourth window.").last.wait_for(
            state="attached"
        )
        expect(page.locator(".cm-content")).to_contain_text("Typed in the fourth window.")
    text = wait_for(article, "Typed in the fourth window.")
    article.write_text(text + "\nWritten by another program.\n", encoding="utf-8")
    for page in windows:
        page.frame_locator("#frame").get_by_text("Written by another program.").last.wait_for(
            state="attached"
        )
        expect(page.locator(".cm-content")).to_contain_text("Written by another program.")
