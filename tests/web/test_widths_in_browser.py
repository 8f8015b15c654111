"""The mail is as wide as was chosen; in a pane with less room all of it is shown smaller; the lists stay whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from newsletter.web.studio.app import studio_app

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
FILE = "01-fruit/01-apples.md"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def address(orchard: Path, serve: Callable[[Any], str]) -> str:
    return f"{serve(studio_app(orchard))}/studio/2026-05"


def opened(browser: Browser, address: str, query: str, width: int, height: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(f"{address}?pane=preview&file={FILE}{query}")
    page.wait_for_selector("body[data-ready]")
    return page


def inside(page: Page) -> int:
    """How wide the mail finds its window to be."""
    frame = next(one for one in page.frames if "/frame/" in one.url)
    return int(frame.evaluate("innerWidth"))


@pytest.mark.parametrize("width", [320, 375, 414, 600, 768, 1200])
def test_the_mail_has_the_width_that_was_chosen_and_all_of_it_is_seen(
    browser: Browser, address: str, width: int
) -> None:
    page = opened(browser, address, f"&width={width}", 1440, 900)
    assert inside(page) == width
    shown, stage = (page.locator(one).bounding_box() for one in ("#frame", "#stage"))
    assert shown
    assert stage
    assert shown["x"] >= stage["x"] - 1
    assert shown["x"] + shown["width"] <= stage["x"] + stage["width"] + 1
    assert abs(shown["height"] - stage["height"]) < 2
    if width > 700:
        expect(page.locator("#scale")).to_have_text(f"{round(100 * shown['width'] / width)} %")
    else:
        expect(page.locator("#scale")).to_have_text("")
    page.close()


def test_on_a_phone_the_mail_has_the_phone_s_width_until_another_is_chosen(
    browser: Browser, address: str
) -> None:
    page = opened(browser, address, "", 390, 844)
    assert inside(page) == 390
    expect(page.locator(".widths [aria-current]")).to_have_text("Full")
    page.get_by_role("link", name="768", exact=True).click()
    expect(page.locator("#scale")).to_have_text("51 %")
    assert inside(page) == 768
    expect(page.locator(".widths [aria-current]")).to_have_text("768")
    page.close()


def test_a_mail_that_is_shown_smaller_is_clicked_where_it_is_seen(
    browser: Browser, address: str
) -> None:
    page = opened(browser, address, "&width=1200", 1440, 900)
    frame = next(one for one in page.frames if "/frame/" in one.url)
    inner = frame.get_by_text("The frost came late this year").evaluate(
        "one => [one.getBoundingClientRect().left + 40, one.getBoundingClientRect().top + 8]"
    )
    outer = page.locator("#frame").bounding_box()
    assert outer
    scale = outer["width"] / 1200
    page.mouse.click(outer["x"] + scale * inner[0], outer["y"] + scale * inner[1])
    expect(page.locator("#where")).to_have_text("5:1")
    page.close()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_a_mail_in_lists_fits_and_nothing_of_it_is_cut_twice(
    browser: Browser, address: str, width: int, height: int
) -> None:
    page = opened(browser, address, "&view=inbox", width, height)
    for place in ("phone", "narrow"):
        row = page.locator(f".mailbox.{place} .mail-row")
        assert row.evaluate("one => one.scrollWidth - one.clientWidth") <= 0
        line = page.locator(f".mailbox.{place} .line")
        assert line.evaluate("one => one.scrollWidth - one.clientWidth") <= 1
    page.close()


def test_on_a_phone_a_text_ends_its_lines_where_it_was_sent_with_them(
    browser: Browser, address: str, orchard: Path
) -> None:
    article = orchard / "issues" / "2026-05" / FILE
    article.write_text(f"---\ntitle: Apples\n---\n\n{'Apples and pears. ' * 20}\n", "utf-8")
    page = opened(browser, address, "&view=text&pane=preview", 390, 844)
    sheet = page.locator(".stage-area pre")
    lines, high = sheet.evaluate(
        """one => {
          const { paddingTop, lineHeight } = getComputedStyle(one);
          one.style.minHeight = "0";
          return [one.textContent.trimEnd().split("\\n").length, (one.offsetHeight - 2 * parseFloat(paddingTop)) / parseFloat(lineHeight)];
        }"""
    )
    assert round(high) == lines > 10
    assert sheet.evaluate("one => one.parentElement.scrollWidth") <= 390
    page.close()


def test_words_that_differ_are_marked_beside_the_save_before(
    browser: Browser, address: str, orchard: Path
) -> None:
    page = opened(browser, address, "", 1440, 900)
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("Late pears.")
    expect(page.locator("#saved.good")).to_be_visible()
    page.keyboard.press("Backspace")
    page.keyboard.type(" too.")
    expect(page.locator("#saved.good")).to_be_visible()
    page.goto(f"{address}?file={FILE}&view=compare&against=opened")
    page.wait_for_selector("body[data-ready]")
    expect(page.locator(".comparison ins").last).to_have_text("Late pears too.")
    page.close()
