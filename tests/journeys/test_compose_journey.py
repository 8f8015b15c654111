"""An editor composes an issue from nothing in a real browser, sends a test of it, and then sends it."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from newsletter.web.studio.app import studio_app

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


Serve = Callable[[Any], str]


@pytest.fixture
def studio(
    newsletter: Any, monkeypatch: pytest.MonkeyPatch, serve: Serve
) -> Callable[[float], str]:
    """Starts the studio in this process, with so many seconds in which a send can be taken back; its address."""
    for key, value in newsletter.environment.items():
        if key.startswith("NEWSLETTER__"):
            monkeypatch.setenv(key, value)
    return lambda held: serve(studio_app(newsletter.root, held=held))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    yield context.new_page()
    context.close()


def parsed(data: bytes) -> Any:
    return email.message_from_bytes(data, policy=email.policy.default)


def test_from_nothing_to_a_test_and_to_a_list(
    newsletter: Any,
    people: Any,
    sink: Any,
    studio: Callable[[float], str],
    page: Page,
    tmp_path: Path,
) -> None:
    people(3)
    (newsletter.root / "issues" / "first.md").unlink()
    page.goto(studio(1.0))
    form = page.locator("form[action='/issues-do/new']")
    form.locator("[name=slug]").fill("2026-12")
    form.locator("[name=title]").fill("The Orchard in December")
    form.get_by_role("button").click()
    page.wait_for_selector("body[data-ready]")
    issue = newsletter.root / "issues" / "2026-12"
    article = next(issue.glob("01-*/01-*.md"))

    # a new article, by its title
    page.locator("details.parts summary").click()
    page.locator("details.parts form").first.locator("[name=title]").fill("Frost in the valley")
    page.get_by_role("button", name="Begin it").click()
    expect(page.locator("#outline")).to_contain_text("Frost in the valley")
    page.wait_for_selector("body[data-ready]")
    written = issue / page.locator("#writing").get_attribute("data-file", timeout=5000)  # type: ignore[operator]
    assert written.name == "02-frost-in-the-valley.md"

    # a word, a picture by the button, its words for those who cannot see it
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+End")
    page.keyboard.type('Dear {{ subscriber.name | default("reader") }}, it was cold.')
    Image.new("RGB", (1600, 900), "#99aabb").save(tmp_path / "valley.png")
    page.locator("#picture").set_input_files(str(tmp_path / "valley.png"))
    expect(page.locator("#hint")).to_contain_text("Say what the picture shows", timeout=20_000)
    page.keyboard.type("The valley, white")
    expect(page.locator("#saved")).to_contain_text("Saved", timeout=20_000)
    assert "![The valley, white](figures/valley.png" in written.read_text()
    assert (written.parent / "figures" / "valley.png").is_file()

    # the front matter by its form; the preview has it all
    page.locator("#matter summary").click()
    page.locator("[name=key-subtitle]").fill("Minus twelve")
    page.get_by_role("button", name="Write these").click()
    frame = page.frame_locator("#frame")
    expect(frame.locator("body")).to_contain_text("Minus twelve", timeout=20_000)
    expect(frame.locator("body")).to_contain_text("Dear reader, it was cold.")
    assert "subtitle: Minus twelve" in written.read_text()

    # the order, by keyboard
    page.locator(f"#outline li[data-row='{written.parent.name}/{written.name}'] a").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#outline li.article .title").first).to_have_text(
        "Frost in the valley", timeout=20_000
    )
    assert not article.exists()

    # a test to one, seen as another; then the list
    page.get_by_role("link", name="Send …").click()
    page.locator("[name=to]").fill("editor@example.com")
    page.locator("[name=as]").fill("p001")
    page.get_by_role("option", name="p001@example.com").click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("status").first).to_contain_text("editor@example.com")
    (to, data) = sink.accepted[0]
    test = parsed(data)
    assert to == "editor@example.com"
    assert test["subject"].startswith("[Test] ")
    assert "Dear p001, it was cold." in test.get_body(("plain",)).get_content()
    assert "/unsubscribe/preview" in test.get_body(("html",)).get_content()

    button = page.locator("form.confirm button")
    page.locator("[name=count]").fill("2")
    expect(button).to_be_disabled()
    page.locator("[name=count]").fill("3")
    button.click()
    expect(page.locator(".progress")).to_contain_text("Sent: weekly", timeout=30_000)
    assert sorted(sink.recipients[1:]) == [f"p00{n}@example.com" for n in range(3)]
    (books,) = newsletter.json("status")["campaigns"]
    assert books["books"]["balanced"]
    assert books["books"]["states"] == {"accepted": 3}


def test_what_is_held_can_be_taken_back(
    newsletter: Any, people: Any, sink: Any, studio: Callable[[float], str], page: Page
) -> None:
    people(2)
    page.goto(f"{studio(120.0)}/studio/first/send")
    page.locator("[name=count]").fill("2")
    page.locator("form.confirm button").click()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("status").first).to_contain_text("nothing was sent")
    assert sink.accepted == []
    (campaign,) = newsletter.json("status")["campaigns"]
    assert (campaign["status"], campaign["reason"]) == ("cancelled", "it was taken back")
    assert campaign["books"]["prepared"] == campaign["books"]["candidates"] == 0
