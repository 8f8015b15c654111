"""Choosing as whom a mail is read, in a real browser, with the keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from newsletter.publication import load_publication
from newsletter.subscribers.tokens import make_key_file
from newsletter.web.studio.app import studio_app
from newsletter.workflow import subscribers
from newsletter.workflow.importing import import_file
from tests.web.axe import barriers

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def address(orchard: Path, serve: Callable[[Any], str]) -> str:
    publication = load_publication(orchard, {})
    make_key_file(orchard / "subscribers" / "secret.key")
    people = orchard / "people.csv"
    people.write_text(
        "email,name\n" + "".join(f"p{n:02}@example.com,Reader {n}\n" for n in range(30))
    )
    import_file(publication, people, "weekly", apply=True, consent="signed up at the desk")
    subscribers.add(publication, "eve@example.com", "weekly", name="<img src=x onerror=alert(1)>")
    return f"{serve(studio_app(orchard))}/studio/2026-05"


@pytest.fixture(params=[("desktop", 1440, 900), ("phone", 390, 844)], ids=lambda one: one[0])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    _, width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    yield page
    context.close()
    assert complaints == []


def opened(page: Page, address: str) -> None:
    page.goto(f"{address}?pane=preview")
    page.wait_for_selector("body[data-ready]")
    page.locator("#as summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Search all subscribers")).to_be_focused()


def chosen(page: Page, begins: str) -> None:
    """The list of before is as long as the one that is waited for: only its words tell them apart."""
    found = page.locator("[role=option][aria-selected=true]")
    expect(found).to_have_text(re.compile(rf"^\s*{re.escape(begins)}"))


def test_somebody_is_typed_walked_to_and_chosen_and_the_mail_follows(
    page: Page, address: str
) -> None:
    opened(page, address)
    page.keyboard.type("reader 2")
    chosen(page, "Reader 2 ")
    expect(page.locator("[role=option]")).to_have_count(12)
    page.keyboard.press("ArrowDown")
    chosen(page, "Reader 12")
    page.keyboard.press("Enter")
    page.frame_locator("#frame").get_by_text("Dear Reader 12,").wait_for()
    assert re.search(r"person=\d+&find=reader\+2", page.url)
    expect(page.locator("#as summary")).to_contain_text("2 of 12")
    expect(page.locator("#as summary")).to_be_focused()
    page.get_by_role("link", name="Next person").focus()
    page.keyboard.press("Enter")
    page.frame_locator("#frame").get_by_text("Dear Reader 20,").wait_for()
    expect(page.get_by_role("link", name="Next person")).to_be_focused()
    page.get_by_role("link", name="Previous person").click()
    page.frame_locator("#frame").get_by_text("Dear Reader 12,").wait_for()


def test_the_list_goes_on_at_its_ends_and_escape_goes_back(page: Page, address: str) -> None:
    opened(page, address)
    page.keyboard.type("example.com")
    expect(page.locator("[role=option]")).to_have_count(12)
    expect(page.locator("[data-turn=after]")).to_be_visible()
    page.keyboard.press("PageDown")
    expect(page.locator("[data-turn=before]")).to_be_visible()
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-turn=before]")).to_have_count(0)
    expect(page.locator("[role=option]").last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#as")).not_to_have_attribute("open", "")
    expect(page.locator("#as summary")).to_be_focused()


def test_nothing_in_the_open_list_is_a_barrier_that_axe_knows(page: Page, address: str) -> None:
    opened(page, address)
    page.keyboard.type("example")
    expect(page.locator("[role=option]")).to_have_count(12)
    assert barriers(page, iframes=False) == []


def test_what_is_composed_is_searched_for_when_it_is_done(page: Page, address: str) -> None:
    opened(page, address)
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if "/people?" in request.url else None
    )
    client = page.context.new_cdp_session(page)
    client.send("Input.imeSetComposition", {"text": "rea", "selectionStart": 3, "selectionEnd": 3})
    page.wait_for_timeout(500)
    assert asked == []
    client.send("Input.insertText", {"text": "reader 7"})
    expect(page.locator("[role=option]")).to_have_count(3)
    assert len(asked) == 1


def test_a_test_mail_is_seen_as_somebody_who_was_searched_for(page: Page, address: str) -> None:
    page.goto(f"{address}/send")
    field = page.locator("[name=as]")
    field.click()
    expect(page.get_by_role("option", name="Anybody")).to_be_visible()
    field.press_sequentially("reader 13")
    expect(page.locator("[role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(field).to_have_value("Reader 13 · p13@example.com")
    assert page.locator("[name=person]").input_value().isdigit()
    expect(page.locator(".as-field .people")).to_be_hidden()
    page.keyboard.press("Backspace")
    assert page.locator("[name=person]").input_value() == ""


def test_what_was_typed_before_the_script_was_there_is_searched_for(
    page: Page, address: str
) -> None:
    late: list[Any] = []
    page.route("**/person-picker.js*", lambda route: late.append(route))
    page.goto(f"{address}/send", wait_until="commit")
    field = page.locator("[name=as]")
    field.fill("reader 13")
    while not late:  # the script is asked for once the page was read
        page.wait_for_timeout(20)
    late[0].continue_()
    expect(page.get_by_role("option", name="p13@example.com")).to_be_visible()
