"""A reader's way with a real browser, a real server and a real SMTP server; and a scanner that opens every link."""

from __future__ import annotations

import email
import re
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any

import httpx2
import pytest
from lxml import html
from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-US")
    yield context.new_page()
    context.close()


@pytest.fixture
def served(newsletter: Any) -> Iterator[str]:
    """`newsletter serve` on a free port, which is also where the mails' links lead."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    newsletter.environment["NEWSLETTER__BASE_URL"] = f"http://127.0.0.1:{port}"
    process = newsletter.start("serve", "--port", str(port))
    line = process.stdout.readline()
    assert str(port) in line, line
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.communicate(timeout=30)


def _mails(sink: Any) -> list[EmailMessage]:
    return [email.message_from_bytes(data, policy=default) for _, data in sink.accepted]  # type: ignore[misc]


def _part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def _links(mail: EmailMessage) -> set[str]:
    """Every address that is anywhere in a mail: header, text, links and pictures of the html."""
    plain = f"{mail['list-unsubscribe'] or ''}\n{_part(mail, 'plain')}"
    found = re.findall(r"https?://[^\s<>)]+", plain)
    parsed = html.document_fromstring(_part(mail, "html"))
    found += [one for one in parsed.xpath("//@href | //@src") if one.startswith("http")]
    return {one.rstrip(".,") for one in found}


def _sign_up(page: Page, served: str, address: str) -> None:
    page.goto(f"{served}/subscribe")
    page.get_by_label("Email address").fill(address)
    page.get_by_label("Name").fill("Walter")
    page.wait_for_timeout(2100)  # nobody is faster than two seconds
    page.get_by_role("button", name="Subscribe").click()
    page.get_by_role("heading", name="One more step").wait_for()


def test_from_the_form_to_the_first_issue_and_out_again(
    newsletter: Any, sink: Any, served: str, page: Page
) -> None:
    newsletter("lists", "create", "weekly", "--title", "The weekly letter", "--public")
    _sign_up(page, served, "walter@example.com")
    newsletter.wait_for(lambda: bool(sink.accepted))
    (asked,) = _mails(sink)
    link = re.search(rf"{served}/confirm/\S+", _part(asked, "plain"))
    assert link
    page.goto(link.group())
    page.get_by_role("button", name="Yes, subscribe me").click()
    page.get_by_role("heading", name="You are subscribed").wait_for()

    newsletter("send", "first", "--list", "weekly", "--confirm-count", "1")
    mail = _mails(sink)[1]
    unsubscribe = str(mail["list-unsubscribe"]).strip("<>")
    assert unsubscribe.startswith(served)
    answer = httpx2.post(unsubscribe, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    result = newsletter("send", "first", "--list", "weekly", "--again", "--confirm-count", "0")
    assert "unsubscribed" in result
    assert len(sink.accepted) == 2


def test_a_reader_pauses_takes_their_data_and_is_erased(
    newsletter: Any, sink: Any, served: str, page: Page
) -> None:
    newsletter("lists", "create", "weekly", "--title", "The weekly letter", "--public")
    _sign_up(page, served, "walter@example.com")
    newsletter.wait_for(lambda: bool(sink.accepted))
    link = re.search(rf"{served}/confirm/\S+", _part(_mails(sink)[0], "plain"))
    assert link
    page.goto(link.group())
    page.get_by_role("button", name="Yes, subscribe me").click()
    page.get_by_role("link", name="Your settings").click()
    page.get_by_role("button", name="Pause for 30 days").click()
    page.get_by_text("No mail comes until").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert '"name": "Walter"' in download.value.path().read_text(encoding="utf-8")
    page.get_by_label("Yes, erase everything about me").check()
    page.get_by_role("button", name="Erase my data").click()
    page.get_by_role("heading", name="Erased").wait_for()
    assert newsletter.json("lists", "show", "weekly")["total"] == 0


@contextmanager
def _unchanged(newsletter: Any) -> Iterator[None]:
    """The whole database is the same afterwards, but for the sign of life of servers."""

    def dumped() -> list[str]:
        path = newsletter.root / "subscribers" / "newsletter.db"
        with closing(sqlite3.connect(path)) as database:
            tables = database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            )
            # The index of words is made of the people by triggers, and its own tables cannot be dumped.
            names = [
                name
                for (name,) in tables
                if name != "workers" and not name.startswith(("subscribers_te", "sqlite_"))
            ]
            return [
                f"{name}: {row}"
                for name in names
                for row in database.execute(f'SELECT * FROM "{name}"')
            ]

    before = dumped()
    yield
    assert dumped() == before
    assert len(before) > 10


def test_a_scanner_that_opens_every_link_and_runs_scripts_changes_nothing(
    newsletter: Any,
    sink: Any,
    served: str,
    page: Page,
    people: Callable[..., list[str]],
) -> None:
    people(1)
    newsletter("lists", "create", "weekly", "--public")
    newsletter("send", "first", "--list", "weekly", "--confirm-count", "1")
    _sign_up(page, served, "walter@example.com")
    _sign_up(page, served, "p000@example.com")
    newsletter.wait_for(lambda: len(sink.accepted) == 3)
    issue, *system = _mails(sink)
    links = set().union(*(_links(mail) for mail in (issue, *system)))
    kinds = {re.sub(r"^.*?//[^/]+/([a-z]+).*", r"\1", link) for link in links}
    assert {"unsubscribe", "confirm", "preferences", "issues"} <= kinds

    with _unchanged(newsletter), httpx2.Client() as client:
        for link in sorted(links):
            assert link.startswith(served)
            for method in ("HEAD", "OPTIONS", "GET"):
                client.request(method, link, headers={"User-Agent": "link-scanner/1.0"})
            _opened(page, link)
            inner = page.eval_on_selector_all("a[href]", "links => links.map(a => a.href)")
            for further in {one for one in inner if one.startswith(served)}:
                client.get(further, follow_redirects=True)
    statuses = newsletter.json("lists", "show", "weekly")["counts"]
    assert statuses == {"confirmed": 1, "pending": 1}


def _opened(page: Page, link: str) -> None:
    """As a scanner with a whole browser does: the page loads, its scripts run, the mouse moves over it."""
    answer = page.goto(link, wait_until="load")
    assert answer is not None
    assert answer.status == 200, link
    page.mouse.move(100, 100)
    page.wait_for_timeout(150)
