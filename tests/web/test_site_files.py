"""The small files at the root: robots.txt, the sitemap, security.txt; and what the feeds are served as."""

from __future__ import annotations

import asyncio
import datetime
import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from starlette.testclient import TestClient

from newsletter.problems import ContentError
from newsletter.publication import load_publication, with_settings
from newsletter.settings import SecuritySettings
from newsletter.web.public import public_app
from newsletter.workflow.publish import publish
from newsletter.workflow.site_files import security_txt

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def test_robots_may_read_the_archive_and_no_personal_page(public: TestClient) -> None:
    answer = public.get("/robots.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    lines = answer.text.splitlines()
    assert lines[0] == "User-agent: *"
    barred = [line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow")]
    assert barred == ["/api/", "/c/", "/confirm/", "/preferences/", "/subscribe", "/unsubscribe/"]
    assert "Sitemap: https://orchard.example.com/sitemap.xml" in lines


def test_the_sitemap_names_the_archive_and_each_issue_with_its_date(
    public: TestClient, orchard: Path
) -> None:
    def pages() -> dict[str, str]:
        found = etree.fromstring(public.get("/sitemap.xml").content)
        assert found.tag == f"{SITEMAP}urlset"
        return {
            one.findtext(f"{SITEMAP}loc"): one.findtext(f"{SITEMAP}lastmod") or ""
            for one in found.findall(f"{SITEMAP}url")
        }

    assert list(pages()) == ["https://orchard.example.com/issues/"]
    publish(load_publication(orchard, {}), "2026-05")
    now = pages()
    assert list(now)[1:] == ["https://orchard.example.com/issues/2026-05/"]
    assert datetime.datetime.fromisoformat(now["https://orchard.example.com/issues/2026-05/"])
    same = (orchard / "published" / "issues" / "sitemap.xml").read_bytes()
    assert public.get("/sitemap.xml").content == same, "a static host has the same"


def test_security_txt_says_whom_to_tell_and_is_not_out_of_date(public: TestClient) -> None:
    answer = public.get("/.well-known/security.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == "mailto:editor@orchard.example.com"
    assert fields["Canonical"] == "https://orchard.example.com/.well-known/security.txt"
    assert fields["Preferred-Languages"] == "en"
    expires = datetime.datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%SZ")
    left = expires.replace(tzinfo=datetime.UTC) - datetime.datetime.now(datetime.UTC)
    assert datetime.timedelta(days=178) < left < datetime.timedelta(days=365)


def test_security_txt_says_what_the_settings_say(orchard: Path) -> None:
    security = SecuritySettings(
        contact="https://orchard.example.com/report", policy="https://orchard.example.com/policy"
    )
    publication = with_settings(
        load_publication(orchard, {}), security=security, language="zh-Hans"
    )
    text = security_txt(publication, datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.UTC))
    assert text == (
        "Contact: https://orchard.example.com/report\nExpires: 2026-10-28T00:00:00Z\n"
        "Preferred-Languages: zh, en\n"
        "Canonical: https://orchard.example.com/.well-known/security.txt\n"
        "Policy: https://orchard.example.com/policy\n"
    )


@pytest.mark.parametrize(
    ("key", "value"), [("CONTACT", "ring me"), ("POLICY", "http://example.com")]
)
def test_a_contact_that_is_none_is_told(orchard: Path, key: str, value: str) -> None:
    with pytest.raises(ContentError) as caught:
        load_publication(orchard, {f"NEWSLETTER__SECURITY__{key}": value})
    assert caught.value.problems[0].code == "settings-value"


def test_feeds_are_served_as_what_they_are(orchard: Path) -> None:
    publication = load_publication(orchard, {})
    names = ("feed.xml", "atom.xml", "feed.json")
    with TestClient(public_app(publication), base_url="https://orchard.example.com") as client:
        early = [client.get(f"/{name}") for name in names]
        publish(publication, "2026-05")
        kinds = {name: client.get(f"/{name}").headers["content-type"] for name in names}
        page = client.get("/issues/").text
        image = re.search(r'og:image" content="https://orchard\.example\.com([^"]+)"', page)
        assert image
        card = client.get(image[1])
    assert kinds == {
        "feed.xml": "application/rss+xml; charset=utf-8",
        "atom.xml": "application/atom+xml; charset=utf-8",
        "feed.json": "application/feed+json; charset=utf-8",
    }
    assert [one.headers["content-type"] for one in early] == list(kinds.values())
    assert not any("2026-05" in one.text for one in early), "nothing was published yet"
    assert (card.status_code, card.headers["content-type"]) == (200, "image/png")


def test_packing_a_page_holds_up_nobody_else(
    orchard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = load_publication(orchard, {})
    publish(publication, "2026-05")
    in_the_loop: list[bool] = []

    def watched(data: bytes, *given: int, **named: int) -> bytes:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            in_the_loop.append(False)
        else:
            in_the_loop.append(True)
        return compress(data, *given, **named)

    compress = gzip.compress
    monkeypatch.setattr(gzip, "compress", watched)
    with TestClient(public_app(publication), base_url="https://orchard.example.com") as client:
        asked = {"accept-encoding": "gzip"}
        for _ in range(2):
            answer = client.get("/issues/2026-05/", headers=asked)
            assert answer.headers["content-encoding"] == "gzip"
    assert in_the_loop == [False], "packed in a thread, and once"


def test_text_goes_out_packed_to_whoever_takes_it_and_pictures_do_not(orchard: Path) -> None:
    publication = load_publication(orchard, {})
    publish(publication, "2026-05")
    with TestClient(public_app(publication), base_url="https://orchard.example.com") as client:

        def get(path: str, **headers: str) -> Any:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return client.get(f"/issues/2026-05/{path}", headers=named)

        plain, packed = get("", accept_encoding="identity"), get("", accept_encoding="br, gzip")
        assert packed.content == plain.content
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"
        assert int(packed.headers["content-length"]) < len(plain.content) / 2
        for name in ("content-type", "cache-control", "content-security-policy", "vary"):
            assert packed.headers[name] == plain.headers[name], name
        assert packed.headers["vary"] == "Accept-Encoding"
        for other in (
            get("", accept_encoding="gzip;q=0, br"),
            get("", accept_encoding="gzip", range="bytes=0-99"),
            get("card.png", accept_encoding="gzip"),
        ):
            assert "content-encoding" not in other.headers
        for known in (packed.headers["etag"], plain.headers["etag"]):
            assert get("", accept_encoding="gzip", if_none_match=known).status_code == 304
