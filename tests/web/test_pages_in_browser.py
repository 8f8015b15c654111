"""The printed pages in a real browser: the strip, its keys, the cursor's page, places that are kept, layouts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from newsletter.web.studio.app import studio_app

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
FILE = "01-fruit/02-plums.md"
LINE = 44


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def plums(orchard: Path) -> Path:
    """An article of several pages; each of its paragraphs begins otherwise."""
    article = orchard / "issues" / "2026-05" / FILE
    words = [
        "Alder",
        "Birch",
        "Cedar",
        "Damson",
        "Elder",
        "Fig",
        "Grape",
        "Hazel",
        "Ivy",
        "Juniper",
    ]
    filler = "\n\n".join(
        f"{words[n % 10]} {words[n // 10]} beginning. " + "A long line of filling. " * 22
        for n in range(60)
    )
    article.write_text(f"---\ntitle: Plums\n---\n\n{filler}\n")
    return article


@pytest.fixture
def address(orchard: Path, plums: Path, serve: Callable[[Any], str]) -> str:
    return f"{serve(studio_app(orchard))}/studio/2026-05"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def opened(page: Page, address: str, query: str = "") -> None:
    page.goto(f"{address}?view=print&file={FILE}{query}")
    page.wait_for_selector("body[data-ready]")
    page.wait_for_selector(".strip a")


def test_a_click_in_the_strip_leads_to_its_page_and_the_address_says_so(
    page: Page, address: str
) -> None:
    opened(page, address)
    page.locator(".strip a").nth(4).click()
    expect(page.locator("#page-5")).to_be_in_viewport()
    expect(page.locator('.strip a[aria-current="true"]').first).to_have_text("4")
    expect(page.locator("#pages-seen")).to_have_text(re.compile(r"^Pages 4–5 of \d+$"))
    assert page.url.endswith("#page-5")
    page.reload()
    page.wait_for_selector(".strip a")
    expect(page.locator("#page-5")).to_be_in_viewport()


def test_the_strip_is_one_stop_of_the_keyboard_and_its_arrows_go_on(
    page: Page, address: str
) -> None:
    opened(page, address)
    expect(page.locator('.strip a[tabindex="0"]')).to_have_count(1)
    page.locator('.strip a[tabindex="0"]').focus()
    page.keyboard.press("End")
    last = page.locator(".strip a").last
    expect(last).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".strip a").nth(-2)).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(last).to_have_attribute("aria-current", "true")
    page.keyboard.press("Home")
    expect(page.locator(".strip a").first).to_be_focused()
    expect(page.locator('.strip a[tabindex="0"]')).to_have_count(1)


def test_the_page_of_the_cursor_is_ringed_and_led_back_to(page: Page, address: str) -> None:
    opened(page, address, f"&line={LINE}")
    here = page.locator(".strip li a.here")
    expect(here).to_have_count(1)
    number = here.inner_text().strip()
    assert int(number) > 2
    expect(page.locator(f"#page-{number}")).to_be_in_viewport()
    expect(page.locator("printed-pages [role=status]")).to_have_text(
        f"The cursor is on page {number}"
    )
    page.locator(".strip a").first.click()
    expect(page.locator(f"#page-{number}")).not_to_be_in_viewport()
    page.locator(".to-cursor").click()
    expect(page.locator(f"#page-{number}")).to_be_in_viewport()


def test_the_place_is_kept_while_pages_are_laid_out_anew(
    page: Page, address: str, plums: Path
) -> None:
    opened(page, address)
    page.locator(".strip a").nth(4).click()
    before = page.evaluate("document.querySelector('.pages').scrollTop")
    picture = page.locator("#page-5 img")
    shown = picture.get_attribute("src")
    assert before > 0
    assert shown
    asked: list[str] = []
    page.on("request", lambda request: asked.extend(re.findall(r"/(\d+)\.png\?w", request.url)))
    plums.write_text(plums.read_text().replace("Alder Alder", "Quince Alder"))
    expect(picture).not_to_have_attribute("src", shown, timeout=10_000)
    page.wait_for_timeout(600)
    assert page.evaluate("document.querySelector('.pages').scrollTop") == before
    expect(page.locator('.strip a[aria-current="true"]').first).to_have_text("4")
    # What is looked at comes before all else, with the cursor's page.
    assert {"4", "5"} <= set(asked[:3])


def test_another_layout_is_looked_at_in_place_and_kept_when_it_is_wanted(
    page: Page, address: str, orchard: Path
) -> None:
    opened(page, address, f"&line={LINE}")
    one = page.locator(".strip a").count()
    page.get_by_role("link", name="Two columns", exact=True).click()
    expect(page.get_by_text("The issue itself is set in one column on A4.")).to_be_visible()
    assert "columns=2" in page.url
    expect(page.locator("printed-pages[data-look='columns=2&paper=']")).to_be_visible(
        timeout=10_000
    )
    assert page.locator(".strip a").count() < one
    expect(page.locator(".strip li a.here")).to_have_count(1)
    page.get_by_role("button", name="Keep it for this issue").click()
    expect(page.get_by_text("The issue itself is set in")).to_be_hidden()
    issue = orchard / "issues" / "2026-05" / "issue.md"
    assert "layout: {columns: 2}" in issue.read_text()
    expect(page.get_by_role("link", name="Two columns", exact=True)).to_have_attribute(
        "aria-current", "true"
    )


def test_the_pages_are_left_and_found_where_they_were(page: Page, address: str) -> None:
    opened(page, address)
    page.locator(".strip a").nth(6).click()
    page.get_by_role("link", name="Text", exact=True).click()
    page.wait_for_selector("#stage.text")
    page.get_by_role("link", name="Print", exact=True).click()
    page.wait_for_selector(".strip a")
    expect(page.locator("#page-7")).to_be_in_viewport()


def test_on_a_phone_the_pages_stand_one_below_the_other(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    opened(page, address, "&pane=preview")
    first, second = (page.locator(f"#page-{n}").bounding_box() for n in (1, 2))
    assert first
    assert second
    assert first["x"] == second["x"]
    assert first["width"] > 300
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    expect(page.locator(".rail a[aria-current]")).to_be_in_viewport()
    context.close()


def test_without_scripts_the_strip_and_the_layouts_are_links(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}?view=print&columns=2")
    page.locator(".strip a").nth(4).click()
    expect(page.locator("#page-5")).to_be_in_viewport()
    page.get_by_role("button", name="Keep it for this issue").click()
    expect(page.get_by_text("The issue itself is set in")).to_have_count(0)
    context.close()
