"""Parts that are put in anew in a real browser: what is typed, chosen and focused stays, and trouble is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from newsletter.publication import load_publication
from newsletter.store.engine import keeping_open
from newsletter.subscribers.tokens import make_key_file
from newsletter.web.studio.app import studio_app
from newsletter.workflow import lists, subscribers

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
AT = "/subscribers"
Serve = Callable[[Any], str]


@pytest.fixture
def address(orchard: Path, serve: Serve) -> str:
    make_key_file(orchard / "subscribers" / "secret.key")
    publication = load_publication(orchard, {})
    for name in ("weekly", "daily"):
        lists.make_list(publication, name, title=f"The {name} letter")
    with keeping_open(publication):
        for number in range(12):
            subscribers.add(
                publication, f"p{number}@example.com", "weekly", name=f"Person {number}"
            )
    subscribers.add(publication, "q@example.com", "daily", name="Quentin")
    return serve(studio_app(orchard))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    made = context.new_page()
    made.complaints = []  # type: ignore[attr-defined]
    made.on("pageerror", lambda error: made.complaints.append(str(error)))  # type: ignore[attr-defined]
    yield made
    assert made.complaints == []  # type: ignore[attr-defined]
    context.close()


def test_filters_change_the_rows_alone_and_the_way_back_leads_through_them(
    page: Page, address: str
) -> None:
    page.goto(f"{address}{AT}")
    page.evaluate("window.stays = true")
    search = page.get_by_role("searchbox")
    search.press_sequentially("p1")
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(search).to_be_focused()
    assert page.url.endswith(f"{AT}?q=p1")
    page.get_by_role("link", name="Address").click()
    expect(page.locator("tbody tr").first).to_contain_text("p10@example.com")
    expect(page).to_have_url(f"{address}{AT}?q=p1&sort=address")
    page.get_by_role("link", name="Without “p1”").click()
    expect(page.locator("tbody tr")).to_have_count(13)
    expect(search).to_have_value("")
    page.go_back()
    expect(page).to_have_url(f"{address}{AT}?q=p1&sort=address")
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.get_by_role("searchbox")).to_have_value("p1")
    assert page.evaluate("window.stays")


def test_another_list_shows_its_growth_and_a_choice_by_hand_is_taken_back_by_its_chip(
    page: Page, address: str
) -> None:
    page.goto(f"{address}{AT}")
    expect(page.locator(".big")).to_have_text("13")
    page.locator("select[name=list]").select_option("daily")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator(".big")).to_have_text("1")
    page.get_by_role("link", name="Without List: The daily letter").click()
    expect(page.locator("tbody tr")).to_have_count(13)
    expect(page.locator("select[name=list]")).to_have_value("")
    expect(page.locator(".big")).to_have_text("13")


def test_a_tick_stays_with_its_person_when_the_rows_change(page: Page, address: str) -> None:
    page.goto(f"{address}{AT}?sort=address")
    page.get_by_label("Select p11@example.com").check()
    page.get_by_role("searchbox").press_sequentially("p1")
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.get_by_label("Select p11@example.com")).to_be_checked()
    expect(page.get_by_label("Select p10@example.com")).not_to_be_checked()
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.get_by_label("Select all on this page").check()
    expect(page.get_by_text("3 selected")).to_be_visible()


def test_a_condition_is_counted_while_it_is_typed_and_told_where_it_is_wrong(
    page: Page, address: str
) -> None:
    page.goto(f"{address}{AT}/segments")
    condition = page.locator("#try textarea")
    condition.press_sequentially("list = daily")
    expect(page.locator("#tried")).to_have_text("1 person")
    expect(condition).to_be_focused()
    condition.press_sequentially(" and")
    expect(page.locator("#tried .error")).to_be_visible()
    expect(condition).to_have_value("list = daily and")


def test_a_server_that_fails_or_is_away_is_told_and_what_is_typed_stays(
    page: Page, address: str
) -> None:
    page.goto(f"{address}{AT}")
    failing = "<!doctype html><main><h1>This page failed.</h1><p>Look there.</p></main>"
    page.route(
        "**/subscribers?*",
        lambda route: route.fulfill(status=500, body=failing, content_type="text/html"),
    )
    search = page.get_by_role("searchbox")
    search.press_sequentially("p1")
    expect(page.get_by_role("alert")).to_contain_text("This page failed.")
    expect(page.locator("tbody tr")).to_have_count(13)
    assert page.url.endswith(AT)
    page.unroute("**/subscribers?*")
    page.route("**/subscribers?*", lambda route: route.abort())
    search.press_sequentially("1")
    expect(page.get_by_role("alert")).to_have_text("The studio does not answer.")
    page.unroute("**/subscribers?*")
    search.press("Backspace")
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(search).to_have_value("p1")


def test_who_is_not_logged_in_any_more_is_led_to_the_login(page: Page, address: str) -> None:
    page.goto(f"{address}{AT}")
    page.route(
        "**/subscribers?*",
        lambda route: route.fulfill(status=303, headers={"location": "/login?next=/subscribers"}),
    )
    page.get_by_role("searchbox").press_sequentially("p1")
    page.wait_for_url("**/login?next=/subscribers")


def test_what_is_open_and_typed_in_the_send_panel_outlives_a_count(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/studio/2026-05/send?list=weekly")
    page.get_by_label("Send a test to").fill("me@example.com")
    count = page.get_by_label("Type the number of recipients to send")
    count.fill("13")
    button = page.locator("form.confirm button")
    expect(button).to_be_disabled()
    page.locator("label.check", has_text="The daily letter").locator("input").check()
    expect(page.locator(".sum")).to_contain_text("13 recipients")
    expect(page).to_have_url(f"{address}/studio/2026-05/send?list=daily&list=weekly")
    expect(page.get_by_label("Send a test to")).to_have_value("me@example.com")
    expect(count).to_have_value("13")
    expect(button).to_be_enabled()
    page.locator("label.check", has_text="The daily letter").locator("input").uncheck()
    expect(page.locator(".sum")).to_contain_text("12 recipients")
    expect(button).to_be_disabled()


def test_a_refusal_stands_in_the_send_panel_and_its_address_stays(page: Page, address: str) -> None:
    page.goto(f"{address}/studio/2026-05/send?list=weekly")
    page.evaluate("window.stays = true")
    page.get_by_label("Send a test to").fill("not an address")
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Send a test to")).to_have_value("not an address")
    assert page.url == f"{address}/studio/2026-05/send?list=weekly"
    assert page.evaluate("window.stays")


def test_the_list_of_issues_follows_the_files_and_keeps_what_is_typed(
    page: Page, address: str, orchard: Path
) -> None:
    page.goto(address)
    page.get_by_text("Live", exact=True).wait_for()
    page.locator("#issue-2026-05 .more summary").click()
    name = page.locator("#issue-2026-05").get_by_label("Copy as")
    name.fill("2026-05-for-")
    (orchard / "issues" / "2026-04.md").write_text("# The Orchard in April\n\nRain.\n", "utf-8")
    expect(page.locator("#issue-2026-04")).to_contain_text("The Orchard in April")
    expect(name).to_be_visible()
    name.press_sequentially("friends")
    expect(name).to_have_value("2026-05-for-friends")


def test_an_error_goes_when_its_cause_does(page: Page, address: str, orchard: Path) -> None:
    page.goto(f"{address}/studio/2026-06")
    expect(page.get_by_role("heading")).to_contain_text("2026-06")
    page.get_by_text("Live", exact=True).wait_for()
    (orchard / "issues" / "2026-06.md").write_text("# June\n\nSun.\n", encoding="utf-8")
    expect(page.locator(".cm-content")).to_contain_text("Sun.")


def test_a_reason_stays_with_its_finding_when_another_goes(
    page: Page, address: str, orchard: Path
) -> None:
    article = orchard / "issues" / "2026-05" / "01-fruit" / "01-apples.md"
    before = article.read_text(encoding="utf-8")
    article.write_text(f"{before}\nTODO: pears.\n\nAbout CAR- T cells.\n", encoding="utf-8")
    page.goto(f"{address}/studio/2026-05?file=01-fruit/01-apples.md")
    page.wait_for_selector("body[data-ready]")
    row = page.locator("li.finding", has_text="hyphen-space")
    row.get_by_text("Silence").first.click()
    row.get_by_label("Reason").fill("a name")
    page.get_by_role("heading", level=1).click()  # what is typed need not have the focus
    rows = page.locator("li.finding").count()
    article.write_text(f"{before}\nAbout CAR- T cells.\n", encoding="utf-8")
    expect(page.locator("li.finding")).to_have_count(rows - 1)
    expect(row.get_by_label("Reason")).to_have_value("a name")
    expect(page.locator("details.silence[open]")).to_have_count(1)


def test_a_link_of_the_screen_keeps_the_focus_and_the_way_back(page: Page, address: str) -> None:
    page.goto(f"{address}/studio/2026-05")
    page.wait_for_selector("body[data-ready]")
    page.evaluate("window.stays = true")
    sizes = page.get_by_role("link", name="Size")
    sizes.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".sizes")).to_be_visible()
    expect(sizes).to_be_focused()
    expect(sizes).to_have_attribute("aria-current", "page")
    page.go_back()
    expect(page.locator(".sizes")).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("frost")
    expect(page.locator("#outline li:visible")).to_contain_text(["Fruit", "Apples after the frost"])
    page.keyboard.press("Control+a")
    page.keyboard.type("quinces")
    expect(page.locator("#outline li:visible")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#outline li:visible")).to_have_count(3)
    expect(page.get_by_role("button", name="Find an article")).to_be_focused()
    assert page.evaluate("window.stays")


def test_panes_and_the_previewed_page_are_sized_by_keyboard_and_kept(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/studio/2026-05")
    page.wait_for_selector("body[data-ready]")
    outline = page.locator(".contents")
    wide = outline.bounding_box()
    assert wide is not None
    page.get_by_role("separator", name="Width of the outline").focus()
    page.keyboard.press("ArrowRight")
    now = outline.bounding_box()
    assert now is not None
    assert now["width"] == wide["width"] + 16
    page.get_by_role("separator", name="Width of the preview").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**width=*")
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert outline.bounding_box() == now
    page.get_by_role("separator", name="Width of the outline").dblclick()
    assert outline.bounding_box() == wide
