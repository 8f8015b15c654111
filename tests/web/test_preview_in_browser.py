"""The preview in a real browser, at phone and desktop width: it fits, breaks no policy, and follows a save."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from newsletter.web.preview import preview_app

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SIZES = {"phone": (375, 812), "desktop": (1280, 860)}


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def address(orchard: Path) -> Iterator[str]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            preview_app(orchard),
            log_level="warning",
            ws="websockets-sansio",
            timeout_graceful_shutdown=2,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture(params=SIZES)
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A window, closed before the server is: else it would complain of the server's end."""
    width, height = SIZES[request.param]
    context = browser.new_context(viewport={"width": width, "height": height})
    shown = context.new_page()
    complaints: list[str] = []
    shown.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    yield shown
    context.close()
    assert complaints == []


def wide(page: Page) -> bool:
    assert page.viewport_size is not None
    return page.viewport_size["width"] > 900


def sideways(page: Page) -> int:
    """Pixels by which the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize("view", ["email", "text", "web", "print", "source"])
def test_every_view_fits_the_window(page: Page, address: str, view: str) -> None:
    page.goto(f"{address}/preview/2026-05?view={view}")
    page.get_by_text("Live", exact=True).wait_for()
    assert sideways(page) <= 0
    assert page.get_by_role("link", name="Print").is_visible()


def test_the_list_of_issues_leads_to_an_issue(page: Page, address: str) -> None:
    page.goto(address)
    assert sideways(page) <= 0
    page.get_by_role("link", name="The Orchard in May").click()
    page.wait_for_url("**/preview/2026-05")


def test_the_mail_is_beside_itself_on_a_desktop_and_alone_on_a_phone(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/preview/2026-05")
    phone, desktop = page.locator("figure.phone iframe"), page.locator("figure.desktop iframe")
    box = phone.bounding_box()
    assert box is not None
    assert 370 <= box["width"] <= 380
    assert desktop.is_visible() == wide(page)
    words = page.frame_locator("figure.phone iframe").get_by_role(
        "heading", name="Apples after the frost"
    )
    words.wait_for(state="attached")


def test_a_save_is_seen_where_the_reader_was(page: Page, address: str, orchard: Path) -> None:
    article = orchard / "issues" / "2026-05" / "01-fruit" / "01-apples.md"
    page.goto(f"{address}/preview/2026-05")
    page.get_by_text("Live", exact=True).wait_for()
    frame = page.frame_locator("figure.phone iframe")
    frame.get_by_role("heading", name="Apples after the frost").wait_for(state="attached")
    inner = next(one for one in page.frames if "/mail/" in one.url)
    inner.evaluate("scrollTo(0, 150)")
    # The watch needs a moment to begin, so the file is saved until the save is seen.
    for attempt in range(50):
        article.write_text(article.read_text() + f"\nPears ripen early, says note {attempt}.\n")
        page.wait_for_timeout(400)
        if frame.get_by_text("Pears ripen early, says note 0.").count():
            break
    else:
        pytest.fail("the save was never seen")
    inner = next(one for one in page.frames if "/mail/" in one.url)
    inner.wait_for_function("scrollY === 150")


def test_a_broken_source_keeps_the_mail_and_shows_the_problem(
    page: Page, address: str, orchard: Path
) -> None:
    article = orchard / "issues" / "2026-05" / "01-fruit" / "01-apples.md"
    page.goto(f"{address}/preview/2026-05")
    page.get_by_text("Live", exact=True).wait_for()
    good = article.read_text()
    article.write_text("---\ntitle: [broken\n---\n")
    page.get_by_text("Shown as it was before the errors").wait_for()
    assert page.locator(".problems .mark.error").first.is_visible()
    frame = page.frame_locator("figure.phone iframe")
    frame.get_by_role("heading", name="Apples after the frost").wait_for(state="attached")
    article.write_text(good)
    page.locator(".stale").wait_for(state="hidden")
