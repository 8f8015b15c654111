"""Every page that readers see, in a browser: no barrier that axe knows, nothing beside the page, small, no script that
holds it up; in English and Chinese, light and dark."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from lxml import html
from playwright.sync_api import Browser

from newsletter.publication import Publication, load_publication, with_settings
from newsletter.store import sign_ups
from newsletter.store.engine import open_store
from newsletter.store.events import now
from newsletter.subscribers.tokens import Grant, Kind, load_key, make_key_file, signed_token
from newsletter.web.public import public_app
from newsletter.workflow import importing, lists
from newsletter.workflow.publish import publish
from tests.web.axe import barriers

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
BUDGET = 60_000


@dataclass
class Site:
    address: str
    publication: Publication
    pages: dict[str, str]


@pytest.fixture(params=["en", "zh-Hans"])
def site(orchard: Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    make_key_file(orchard / "subscribers" / "secret.key")
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    publication = with_settings(
        load_publication(orchard, {}), language=request.param, base_url=address
    )
    pages = _pages(publication)
    config = uvicorn.Config(
        public_app(publication), log_level="warning", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    yield Site(address, publication, pages)
    server.should_exit = True
    thread.join()


def _pages(publication: Publication) -> dict[str, str]:
    """Every page by a name, with something on each."""
    lists.make_list(publication, "weekly", title="The weekly letter", public=True)
    lists.make_list(publication, "monthly", title="The monthly letter", public=True)
    people = publication.root / "people.csv"
    people.write_text(
        "email,name,status\nada@example.com,Ada,confirmed\nbob@example.com,,unsubscribed\n"
    )
    importing.import_file(publication, people, "weekly", apply=True)
    publish(publication, "2026-05")
    with open_store(publication) as store, store.writing() as connection:
        asked = sign_ups.SignUp(0, 1, now(), (1, 2), "Ada", "", "yes", "")
        number = sign_ups.keep_sign_up(connection, asked, now())
        done = sign_ups.keep_sign_up(connection, asked, now())
        sign_ups.confirm_sign_up(connection, done, now())
    key = load_key(publication)

    def token(kind: Kind, list_id: int, about: int) -> str:
        return signed_token(key, kind, Grant(list_id, about))

    return {
        "archive": "/issues/",
        "issue": "/issues/2026-05/",
        "subscribe": "/subscribe",
        "confirm": f"/confirm/{token(Kind.CONFIRM, 0, number)}",
        "confirmed": f"/confirm/{token(Kind.CONFIRM, 0, done)}",
        "expired": "/confirm/nonsense",
        "preferences": f"/preferences/{token(Kind.PREFERENCES, 0, 1)}",
        "unsubscribe": f"/unsubscribe/{token(Kind.UNSUBSCRIBE, 1, 1)}",
        "unsubscribed": f"/unsubscribe/{token(Kind.UNSUBSCRIBE, 1, 2)}",
        "missing": "/nothing",
    }


def test_no_page_has_a_barrier_that_axe_knows(browser: Browser, site: Site) -> None:
    found: list[str] = []
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    for name, path in site.pages.items():
        page.goto(site.address + path)
        spoken = page.evaluate("document.documentElement.lang")
        assert spoken == site.publication.settings.language
        for width, height in ((1280, 900), (375, 812)):
            page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                found += [f"{name}, {scheme}, at {width}: {one}" for one in barriers(page)]
            wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            found += [f"{name} at {width}: it scrolls sideways"] * wide
    context.close()
    found += [text for text in complaints if "404" not in text]
    assert found == []


def test_the_archive_and_an_issue_are_small_and_no_script_holds_them_up(
    browser: Browser, site: Site
) -> None:
    for name in ("archive", "issue", "subscribe", "preferences"):
        context = browser.new_context()
        page = context.new_page()
        sizes: dict[str, int] = {}
        page.on("response", lambda answer, sizes=sizes: sizes.update(_size(answer)))  # type: ignore[misc]
        page.goto(site.address + site.pages[name], wait_until="networkidle")
        assert sum(sizes.values()) < BUDGET, (name, sizes)
        assert all(address.startswith((site.address, "data:")) for address in sizes)
        parsed = html.document_fromstring(page.content())
        blocking = [
            script.get("src")
            for script in parsed.xpath("//script[@src]")
            if not {"defer", "async"} & set(script.keys()) and script.get("type") != "module"
        ]
        assert blocking == []
        context.close()


def _size(answer: object) -> dict[str, int]:
    kind = answer.headers.get("content-type", "")  # type: ignore[attr-defined]
    if kind.startswith("image/"):
        return {}
    return {answer.url: len(answer.body())}  # type: ignore[attr-defined]


def test_every_page_can_be_read_and_used_without_a_script(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for name, path in site.pages.items():
        page.goto(site.address + path)
        assert page.locator("h1").count() == 1, name
        assert page.locator("h1").inner_text().strip(), name
    page.goto(site.address + site.pages["unsubscribe"])
    page.locator("main button").first.click()
    assert page.locator("h1").inner_text()
    assert page.locator("main button").count() == 0
    context.close()
