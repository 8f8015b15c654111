"""The feeds, by the letter of their specifications: RSS 2.0, RFC 4287, JSON Feed 1.1, sitemaps.org."""

from __future__ import annotations

import datetime
import json
import re
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import lxml.html
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


TEXTS = {
    "version",
    "title",
    "home_page_url",
    "feed_url",
    "description",
    "user_comment",
    "next_url",
    "icon",
    "favicon",
    "language",
}
OF_ITEM = {
    "id",
    "url",
    "external_url",
    "title",
    "content_html",
    "content_text",
    "summary",
    "image",
    "banner_image",
    "language",
}
"""Members of a feed and of an item whose value is a text."""
ADDRESSES = {
    "home_page_url",
    "feed_url",
    "next_url",
    "icon",
    "favicon",
    "url",
    "external_url",
    "image",
    "banner_image",
    "avatar",
}
PLAIN = {"title", "description", "summary", "user_comment", "content_text"}


def json_feed_faults(data: bytes) -> list[str]:
    """What a file breaks of version 1.1: every rule of it that says must, and what may stand where."""
    faults: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        faults.extend(f"twice: {name}" for name in names if names.count(name) > 1)
        return dict(pairs)

    def never(text: str) -> None:
        faults.append(f"no JSON: {text}")

    feed = json.loads(data.decode("utf-8"), object_pairs_hook=once, parse_constant=never)
    if data.startswith(b"\xef\xbb\xbf"):
        faults.append("a mark before the text (RFC 8259, 8.1)")
    if feed.get("version") != "https://jsonfeed.org/version/1.1" or next(iter(feed)) != "version":
        faults.append("version")
    if not feed.get("title"):
        faults.append("no title")
    if feed.get("next_url", "") == feed.get("feed_url", "?"):
        faults.append("next_url is this feed")
    if not isinstance(feed.get("expired", False), bool):
        faults.append("expired")
    faults += _members(feed, TEXTS, {"authors", "items", "expired", "hubs"}, "feed")
    faults += _authors(feed, "feed")
    for hub in feed.get("hubs", []):
        faults += [f"hub without {name}" for name in ("type", "url") if not hub.get(name)]
    if not isinstance(feed.get("items"), list):
        return [*faults, "no items"]
    for item in feed["items"]:
        faults += _item_faults(item)
    ids = [item.get("id") for item in feed["items"]]
    faults += [f"an id of two items: {one}" for one in {*ids} if ids.count(one) > 1]
    return faults


def _item_faults(item: dict[str, Any]) -> list[str]:
    at = f"item {item.get('id')}"
    dates = {"date_published", "date_modified"}
    faults = _members(item, OF_ITEM, {*dates, "authors", "tags", "attachments"}, at)
    faults += _authors(item, at)
    if not item.get("id"):
        faults.append(f"{at}: no id")
    if "content_html" not in item and "content_text" not in item:
        faults.append(f"{at}: no content")
    for name in dates & item.keys():
        if not _RFC3339.fullmatch(item[name]) or not datetime.datetime.fromisoformat(item[name]):
            faults.append(f"{at}: {name}")
    if not all(isinstance(tag, str) and tag for tag in item.get("tags", [])):
        faults.append(f"{at}: tags")
    for one in item.get("attachments", []):
        faults += [f"{at}: no {name}" for name in ("url", "mime_type") if not one.get(name)]
    faults += _html_faults(item.get("content_html", ""), at)
    return faults


def _members(held: dict[str, Any], texts: set[str], others: set[str], at: str) -> list[str]:
    faults = []
    for name, value in held.items():
        if name not in texts | others and not re.match("_[A-Za-z]", name):
            faults.append(f"{at}: an extension begins with an underscore and a letter: {name}")
        if name in texts and not (isinstance(value, str) and value):
            faults.append(f"{at}: {name} is no text: {value!r}")
        elif name in ADDRESSES and not _absolute(value):
            faults.append(f"{at}: {name} is no address: {value}")
        elif name == "language" and not _TAG.fullmatch(value):
            faults.append(f"{at}: {name} is no language: {value}")
        elif name in PLAIN and any(one < " " and one not in "\n\t" for one in value):
            faults.append(f"{at}: {name} holds what no text does")
        elif name in texts and any("\ud800" <= one <= "\udfff" for one in value):
            faults.append(f"{at}: {name} holds half a character")
    return faults


def _authors(held: dict[str, Any], at: str) -> list[str]:
    faults = []
    for author in held.get("authors", []):
        if not {"name", "url", "avatar"} & author.keys():
            faults.append(f"{at}: an author of whom nothing is known")
        faults += _members(author, {"name", "url", "avatar"}, set(), f"{at}, author")
    return faults


def _html_faults(text: str, at: str) -> list[str]:
    """Nothing that acts, nothing relative: a reader shows it on a page of its own."""
    if not text:
        return []
    faults = []
    for one in lxml.html.fragment_fromstring(text, create_parent="div").iter():
        if not isinstance(one.tag, str) or one.tag in (
            "script",
            "style",
            "iframe",
            "object",
            "form",
        ):
            faults.append(f"{at}: <{one.tag}>")
        faults += [f"{at}: {name}" for name in one.attrib if name.lower().startswith("on")]
        for name in ("href", "src"):
            if name in one.attrib and not _absolute(one.get(name)):
                faults.append(f"{at}: {name} {one.get(name)}")
    return faults


HOSTILE = (
    "</script><script>alert(1)</script>",
    "\u202eevil\u2066",
    "{{ subscriber.name }} {% raw %} {{ unsubscribe_url }}",
    "'\\\"\u2028\u2029 ]]> <!-- --> &amp; &#0; <img src=x onerror=alert(1)>",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 𠮷 " + "長" * 5000,
)


def test_json_feed_is_as_version_1_1_says(files: dict[str, bytes]) -> None:
    assert json_feed_faults(files["feed.json"]) == []
    feed = json.loads(files["feed.json"])
    assert _absolute(feed["home_page_url"])
    assert feed["feed_url"].endswith("/feed.json")
    assert {"authors", "language"} <= feed.keys()
    assert all({"url", "image", "title"} <= item.keys() for item in feed["items"])


@pytest.mark.parametrize("text", HOSTILE)
def test_json_feed_of_a_hostile_publication_breaks_no_rule(
    publication: Publication, text: str
) -> None:
    named = with_settings(publication, name=text, description=text, publisher=text)
    articles = (Article(S, "a", 's-1"><script>', text, ()), Article(S, "b", "s-2", "Two", ()))
    sections = (Section(S, "s", text, articles=articles),)
    issues = [
        Issue(S, "2024-05", text, "ar", number=text, preheader=text, sections=sections),
        Issue(S, "a&b", "Later", "sr-Latn-RS", date=datetime.date(9999, 12, 31)),
        Issue(S, "第三期", "Earlier", "zh-Hans", date=datetime.date(1, 1, 1)),
    ]
    rendered = {file.path: file.data for file in render_archive(named, issues)}
    assert json_feed_faults(rendered["feed.json"]) == []


def test_what_breaks_a_rule_of_json_feed_is_found() -> None:
    item = (
        '{"id": 1, "title": "", "content": "x", "image": "card.png", "date_published": "2024-5-1"}'
    )
    bad = (
        '{"title": "T", "version": "https://jsonfeed.org/version/1.1", "authors": [{}], "items": ['
        + item
        + "]}"
    )
    found = "\n".join(json_feed_faults(bad.encode()))
    for part in (
        "version",
        "nothing is known",
        "id is no text",
        "title is no text",
        "no content",
        "underscore",
        "image",
        "date",
    ):
        assert part in found, part
    html = '<p onclick="x">a</p><script></script><a href="/b">c</a>'
    assert len(_html_faults(html, "item")) == 3


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
