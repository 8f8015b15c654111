"""The subscriber manager in a real browser: from a file to a person's page; nothing that axe finds, nothing refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from newsletter.publication import load_publication
from newsletter.store.engine import keeping_open
from newsletter.subscribers.tokens import make_key_file
from newsletter.web.studio.app import studio_app
from newsletter.workflow import lists, subscribers
from tests.web.axe import barriers

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
AT = "/subscribers"


Serve = Callable[[Any], str]


@pytest.fixture
def address(orchard: Path, serve: Serve) -> str:
    make_key_file(orchard / "subscribers" / "secret.key")
    publication = load_publication(orchard, {})
    lists.make_list(publication, "weekly", title="The weekly letter", public=True)
    with keeping_open(publication):
        for number in range(12):
            subscribers.add(
                publication, f"p{number}@example.com", "weekly", name=f"Person {number}"
            )
    subscribers.remove(publication, "p3@example.com", "weekly")
    return serve(studio_app(orchard))


def written(folder: Path) -> Path:
    file = folder / "会员名单.csv"
    text = "邮箱,姓名,城市\nwangmin@example.com,王敏,东莞\nhlin@example.com,林浩,广州\n没有,李,\n"
    file.write_bytes(text.encode("gb18030"))
    return file


def complaints_of(page: Page) -> list[str]:
    found: list[str] = []
    page.on(
        "console",
        lambda one: found.append(one.text) if one.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def test_a_file_becomes_people_and_one_of_them_has_a_page(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    page = browser.new_context(locale="en-US").new_page()
    complaints = complaints_of(page)
    page.goto(f"{address}/")
    page.get_by_role("link", name="Subscribers").click()
    page.get_by_role("link", name="Import …").click()
    page.wait_for_selector("html.scripted input[type='file']")
    page.set_input_files('input[type="file"]', written(tmp_path))
    page.wait_for_url("**/import/*")
    expect(page.locator('input[name="encoding"]:checked')).to_have_value("gb18030")
    expect(page.get_by_text("wangmin@example.com,王敏,东莞")).to_be_visible()

    page.locator('input[name="encoding"][value="utf-8"]').check()
    expect(page.locator('select[name="map-1"]')).to_have_value("attribute")
    page.locator('select[name="map-1"]').select_option("-")
    page.locator('input[name="encoding"][value="gb18030"]').check()
    expect(page.locator('select[name="map-1"]')).to_have_value("name")
    assert "encoding=gb18030" in page.url

    page.get_by_label("Why they may be written to").fill("signed up at the fair")
    page.get_by_role("button", name="Dry run").click()
    page.get_by_role("button", name="Import 2 people").click()
    expect(page.get_by_text("Imported as number 1.")).to_be_visible()
    page.get_by_role("link", name="Show them").click()
    page.get_by_role("searchbox").press_sequentially("王")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert "q=" in page.url
    page.get_by_role("link", name="wangmin@example.com").click()
    expect(page.get_by_role("heading", name="wangmin@example.com")).to_be_visible()
    expect(page.get_by_text("“signed up at the fair”")).to_be_visible()
    expect(page.get_by_label("城市")).to_have_value("东莞")
    assert complaints == []
    page.context.close()


SCREENS = (
    AT,
    f"{AT}?q=p1&list=weekly&status=confirmed&language=en",
    f"{AT}?q=nobody-of-this-name",
    f"{AT}/1",
    f"{AT}/add",
    f"{AT}/bulk?do=suppress&list=weekly",
    f"{AT}/bulk?do=join&id=1&id=2",
    f"{AT}/import",
    f"{AT}/imports",
    f"{AT}/growth",
    f"{AT}/lists",
    f"{AT}/segments?condition=list = weekly",
    f"{AT}/segments?condition=list",
    f"{AT}/suppressions",
)


OUTLINE = {
    "type": "rule",
    "values": ["landmark-one-main", "page-has-heading-one", "region", "target-size"],
}
"""Rules that a page may break where a part of it goes: what else axe knows is asked on the wide one."""


@pytest.mark.parametrize(("scheme", "locale"), [("light", "en-US"), ("dark", "zh-CN")])
def test_no_page_has_a_barrier_that_axe_knows_and_none_is_wider_than_a_phone(
    browser: Browser, address: str, tmp_path: Path, scheme: str, locale: str
) -> None:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale=locale,
    )
    page = context.new_page()
    complaints = complaints_of(page)
    page.goto(f"{address}{AT}/import")
    page.set_input_files('input[type="file"]', written(tmp_path))
    page.wait_for_url("**/import/*")
    look = page.url.removeprefix(address)
    page.locator("button[formaction]").click()
    page.wait_for_selector('[data-running=""]')
    run = page.url.removeprefix(address)
    found: list[str] = []
    for screen in (*SCREENS, look, run):
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(f"{address}{screen}")
        found += [f"{screen} {one}" for one in barriers(page)]
        page.set_viewport_size({"width": 390, "height": 844})
        if page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
            found.append(f"{screen} is wider than a phone")
        found += [f"{screen} on a phone: {one}" for one in barriers(page, runOnly=OUTLINE)]
    context.close()
    assert "\n".join(found) == ""
    assert complaints == []


def test_a_dangerous_button_waits_for_the_number_and_a_filter_is_taken_away_by_a_click(
    browser: Browser, address: str
) -> None:
    page = browser.new_context(locale="en-US").new_page()
    complaints = complaints_of(page)
    page.goto(f"{address}{AT}?status=confirmed")
    expect(page.locator("tbody tr")).to_have_count(11)
    page.get_by_label("Select p1@example.com").check()
    page.get_by_label("Select p2@example.com").check()
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.get_by_role("button", name="Suppress …").click()
    button = page.get_by_role("button", name="Suppress", exact=True)
    expect(button).to_be_disabled()
    page.get_by_label("Why", exact=True).fill("the company closed")
    page.get_by_label("Type the number of people").fill("3")
    expect(button).to_be_disabled()
    page.get_by_label("Type the number of people").fill("2")
    button.click()
    expect(page.get_by_text("2 people suppressed.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone for 2 people.")).to_be_visible()

    page.goto(f"{address}{AT}?status=confirmed&q=p1")
    page.get_by_role("link", name="Without “p1”").click()
    expect(page.locator("tbody tr")).to_have_count(11)
    assert complaints == []
    page.context.close()


def test_the_manager_works_without_a_script(browser: Browser, address: str, tmp_path: Path) -> None:
    page = browser.new_context(locale="en-US", java_script_enabled=False).new_page()
    page.goto(f"{address}{AT}")
    page.get_by_role("searchbox").fill("p7")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto(f"{address}{AT}/import")
    page.set_input_files('input[type="file"]', written(tmp_path))
    page.get_by_role("button", name="Look at it").click()
    page.locator('input[name="encoding"][value="utf-8"]').check()
    page.get_by_role("button", name="Show it so").click()
    expect(page.locator('input[name="encoding"]:checked')).to_have_value("utf-8")
    page.locator('input[name="encoding"][value="gb18030"]').check()
    page.get_by_role("button", name="Show it so").click()
    page.get_by_role("button", name="Dry run").click()
    page.wait_for_selector("text=What would change", timeout=20_000)  # the page asks anew by itself
    page.get_by_role("button", name="Import 2 people").click()
    page.wait_for_selector("text=Imported as number 1.", timeout=20_000)
    page.context.close()
