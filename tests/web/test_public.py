"""Published issues are served contained and cacheable; unsubscribing is one POST, and nothing else changes anything."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from newsletter.publication import load_publication
from newsletter.web.public import public_app
from newsletter.workflow import subscribers
from newsletter.workflow.publish import publish


@pytest.fixture
def published(orchard):
    return publish(load_publication(orchard, {}), "2026-05")


def test_before_anything_is_published_the_archive_says_so(public):
    answer = public.get("/issues/")
    assert answer.status_code == 200
    assert "No issue has been published yet." in answer.text
    assert 'href="/subscribe"' in answer.text


def test_the_front_page_leads_to_the_archive(public):
    assert public.get("/").headers["location"] == "/issues/"


def test_the_archive_lists_what_is_published(public, published):
    page = public.get("/issues/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "The Orchard in May" in page.text
    assert 'href="2026-05/"' in page.text


def test_the_feed_is_served_as_rss(public, published):
    feed = public.get("/issues/feed.xml")
    assert feed.headers["content-type"] == "application/rss+xml; charset=utf-8"
    assert "https://orchard.example.com/issues/2026-05/" in feed.text
    assert public.get("/feed.xml").headers["location"] == "/issues/feed.xml"


def test_an_issue_s_address_ends_in_a_slash(public, published):
    answer = public.get("/issues/2026-05")
    assert answer.status_code == 307
    assert answer.headers["location"].endswith("/issues/2026-05/")


def test_a_page_is_asked_for_again_by_its_etag(public, published):
    page = public.get("/issues/2026-05/")
    assert "Apples after the frost" in page.text
    assert page.headers["cache-control"] == "public, no-cache"
    again = public.get("/issues/2026-05/", headers={"if-none-match": page.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_a_picture_is_kept_for_ever(public, published):
    page = public.get("/issues/2026-05/").text
    name = re.search(r"pictures/[0-9a-f]{16}\.png", page)
    assert name is not None
    picture = public.get(f"/issues/2026-05/{name.group()}")
    assert picture.headers["content-type"] == "image/png"
    assert picture.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_the_pdf_is_served_whole_and_in_parts(public, published):
    pdf = public.get("/issues/2026-05/2026-05.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert "content-security-policy" not in pdf.headers
    part = public.get("/issues/2026-05/2026-05.pdf", headers={"range": "bytes=0-3"})
    assert part.status_code == 206
    assert part.content == b"%PDF"


@pytest.mark.parametrize(
    "address",
    [
        "/issues/nothing/",
        "/issues/..%2f..%2fnewsletter.toml",
        "/issues/%2e%2e/%2e%2e/newsletter.toml",
        "/issues/2026-05/..%2f..%2frevisions%2f2026-05%2f1%2frevision.json",
        "/issues//etc/passwd",
        "/issues/2026-05/%00",
        "/issues/.lock",
        "/revisions/2026-05/1/revision.json",
        "/preview/2026-05",
    ],
)
def test_nothing_but_published_files_can_be_reached(public, published, address):
    answer = public.get(address)
    assert answer.status_code == 404
    assert "sender" not in answer.text


def test_a_link_out_of_the_folder_is_not_followed(orchard, public, published):
    (published.folder / "secret.txt").symlink_to(orchard / "newsletter.toml")
    assert public.get("/issues/2026-05/secret.txt").status_code == 404


def test_a_missing_page_speaks_the_publication_s_language(public):
    page = public.get("/issues/nothing/")
    assert "There is no page at this address." in page.text
    assert '<html lang="en"' in page.text


@pytest.mark.parametrize(
    ("method", "address", "body", "status"),
    [
        ("DELETE", "/subscribe", "", 405),
        ("POST", "/issues/", "", 405),
        ("POST", "/subscribe", "x" * 20_000, 413),
        ("POST", "/subscribe", b"email=\xff", 400),
    ],
)
def test_what_a_page_does_not_take_is_not_called_missing(public, method, address, body, status):
    answer = public.request(method, address, content=body)
    assert answer.status_code == status
    assert "<h1>That did not work</h1>" in answer.text
    assert "There is no page" not in answer.text
    assert ("allow" in answer.headers) is (status == 405)


def test_whoever_hangs_up_in_the_middle_of_a_form_is_no_failure(orchard, caplog):
    app = public_app(load_publication(orchard, {}))
    answers: list[Any] = []

    async def hang_up() -> None:
        heard = iter([{"type": "http.request", "body": b"email=", "more_body": True}])

        async def receive() -> Any:
            return next(heard, {"type": "http.disconnect"})

        async def send(message: Any) -> None:
            answers.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/subscribe",
            "query_string": b"",
            "headers": [(b"host", b"orchard.example.com")],
        }
        await app(scope, receive, send)

    asyncio.run(hang_up())
    assert answers[0]["status"] == 400
    assert caplog.records == []


def test_a_machine_may_ask_whether_the_server_is_well(public, orchard):
    subscribers.add(load_publication(orchard, {}), "walter@example.com", "weekly")
    answer = public.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert answer.headers["cache-control"] == "no-store"
    assert public.head("/healthz").status_code == 200


def test_a_server_whose_database_is_none_is_not_well(orchard):
    (orchard / "subscribers" / "newsletter.db").write_bytes(b"no database at all" * 100)
    publication = load_publication(orchard, {})
    app = public_app(publication)
    with TestClient(
        app, base_url="https://orchard.example.com", raise_server_exceptions=False
    ) as client:
        assert client.get("/healthz").status_code == 500


def test_only_known_host_names_are_answered(public):
    assert public.get("/issues/", headers={"host": "evil.example"}).status_code == 400
    assert public.get("/issues/", headers={"host": "localhost:8000"}).status_code == 200


def test_every_answer_says_how_it_may_be_used(public, published):
    for address in ("/issues/", "/issues/2026-05/", "/unsubscribe/preview", "/nothing"):
        headers = public.get(address).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "set-cookie" not in headers


def test_the_link_of_a_preview_does_nothing(public):
    for answer in (public.get("/unsubscribe/preview"), public.post("/unsubscribe/preview")):
        assert answer.status_code == 200
        assert "It does nothing" in answer.text
        assert "<form" not in answer.text
