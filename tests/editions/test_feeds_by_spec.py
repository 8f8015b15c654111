"""The feeds, by the letter of their specifications: RSS 2.0, RFC 4287, JSON Feed 1.1, sitemaps.org."""

from __future__ import annotations

import datetime
import json
import re
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import pytest
from lxml import etree

from newsletter.editions.archive import render_archive
from newsletter.editions.sitemap import render_sitemap
from newsletter.model.issue import Article, Issue, Section
from newsletter.problems import Source
from newsletter.publication import Publication, with_settings

S = Source("issue.md", 1)
ATOM = "{http://www.w3.org/2005/Atom}"
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def _issue(slug: str, date: datetime.date | None, title: str) -> Issue:
    articles = tuple(Article(S, "a", f"s-{n}", f"{n} < {title} & “more”", ()) for n in range(3))
    sections = (Section(S, "s", "S", articles=articles),)
    return Issue(S, slug, title, "zh-Hans", date=date, preheader="A <b> & b", sections=sections)


ISSUES = [
    _issue("2024-04", datetime.date(2024, 4, 30), "五月 ]]> <script>alert(1)</script>"),
    _issue("第三期", datetime.date(2024, 3, 31), "A & B"),
    _issue("undated", None, "Undated"),
]


@pytest.fixture(params=[0, 3], ids=["empty", "full"])
def files(request: pytest.FixtureRequest, publication: Publication) -> dict[str, bytes]:
    named = with_settings(publication, name="Rock & Roll", description="<All> & more")
    rendered = render_archive(named, ISSUES[: request.param])
    return {file.path: file.data for file in rendered}


def _absolute(address: str | None) -> bool:
    parts = urlsplit(address or "")
    return parts.scheme in ("http", "https") and bool(parts.netloc) and (address or "").isascii()


def test_rss_is_as_its_specification_says(files: dict[str, bytes]) -> None:
    feed = etree.fromstring(files["feed.xml"])
    assert (feed.tag, feed.get("version")) == ("rss", "2.0")
    (channel,) = feed
    for needed in ("title", "link", "description"):
        assert len(channel.findall(needed)) == 1, needed
        assert channel.findtext(needed), needed
    assert _absolute(channel.findtext("link"))
    assert _TAG.fullmatch(channel.findtext("language"))
    known = {"title", "link", "description", "language", "item", f"{ATOM}link"}
    assert {one.tag for one in channel} <= known
    own = channel.find(f"{ATOM}link")
    assert (own.get("rel"), own.get("type")) == ("self", "application/rss+xml")
    assert own.get("href").endswith("/feed.xml")
    raw = files["feed.xml"].decode()
    for plain in re.findall(r"<title>(.*)</title>", raw):
        assert not re.search(r"&(?!#x)", plain), "numbers, for readers who take a title for html"
    guids = []
    for item in channel.findall("item"):
        assert {one.tag for one in item} <= {"title", "link", "guid", "pubDate", "description"}
        assert len({one.tag for one in item}) == len(item), "each once"
        assert item.findtext("title") or item.findtext("description")
        assert _absolute(item.findtext("link"))
        assert item.find("guid").get("isPermaLink") in ("true", "false")
        assert item.findtext("guid") == item.findtext("link")
        guids.append(item.findtext("guid"))
        if item.find("pubDate") is not None:
            date = item.findtext("pubDate")
            assert re.match(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d ", date)
            assert parsedate_to_datetime(date).tzinfo is not None
    assert len(guids) == len(set(guids))


def test_atom_is_as_rfc_4287_says(files: dict[str, bytes]) -> None:
    feed = etree.fromstring(files["atom.xml"])
    assert feed.tag == f"{ATOM}feed"
    links = {one.get("rel"): one for one in feed.findall(f"{ATOM}link")}
    assert _absolute(links["self"].get("href"))
    assert links["self"].get("href").endswith("/atom.xml")
    assert links["alternate"].get("type") == "text/html"
    assert feed.findtext(f"{ATOM}author/{ATOM}name"), "a feed's author stands for its entries"
    ids = []
    for one in (feed, *feed.findall(f"{ATOM}entry")):
        for needed in ("id", "title", "updated"):
            assert len(one.findall(f"{ATOM}{needed}")) == 1, needed
        assert one.findtext(f"{ATOM}title")
        assert _absolute(one.findtext(f"{ATOM}id"))
        ids.append(one.findtext(f"{ATOM}id"))
        for moment in ("updated", "published"):
            if one.find(f"{ATOM}{moment}") is not None:
                assert _RFC3339.fullmatch(one.findtext(f"{ATOM}{moment}"))
    assert len(ids) == len(set(ids))
    titles = [entry.find(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")]
    assert [one.get("type") for one in titles] == ["html", "text", "text"][: len(titles)]
    assert [one.text for one in titles[:1]] in ([], [escape(ISSUES[0].title)])
    for entry in feed.findall(f"{ATOM}entry"):
        (content,) = entry.findall(f"{ATOM}content")
        assert content.get("type") == "html"
        assert len(content) == 0, "html is escaped text"
        assert "<script" not in (content.text or "")
        assert [one.get("rel") for one in entry.findall(f"{ATOM}link")] == ["alternate"]


def test_json_feed_is_as_version_1_1_says(files: dict[str, bytes]) -> None:
    feed = json.loads(files["feed.json"])
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert isinstance(feed["title"], str)
    assert isinstance(feed["items"], list)
    known = {"version", "title", "home_page_url", "feed_url", "description", "language"}
    assert feed.keys() <= known | {"authors", "items"}
    assert _absolute(feed["home_page_url"])
    assert _absolute(feed["feed_url"])
    assert all(author["name"] for author in feed["authors"])
    assert _TAG.fullmatch(feed["language"])
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert _absolute(item["url"])
        assert _absolute(item["image"])
        assert item.get("content_html") or item.get("content_text")
        assert "<script" not in item["content_html"]
        assert _TAG.fullmatch(item["language"])
        if "date_published" in item:
            assert _RFC3339.fullmatch(item["date_published"])
    ids = [item["id"] for item in feed["items"]]
    assert len(ids) == len(set(ids))


def test_the_sitemap_is_as_its_protocol_says(publication: Publication) -> None:
    at = datetime.datetime(2026, 5, 1, 12, 30, tzinfo=datetime.UTC)
    file = render_sitemap(publication, [("第三期", at), ("a&b", at)])
    found = etree.fromstring(file.data)
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    assert [one.tag for one in found] == [f"{space}url"] * 3
    for one in found:
        assert [child.tag for child in one] == [f"{space}loc", f"{space}lastmod"]
        assert _absolute(one.findtext(f"{space}loc"))
        assert len(one.findtext(f"{space}loc")) < 2048
        assert _RFC3339.fullmatch(one.findtext(f"{space}lastmod"))
