"""The archive page and the feed of what is published."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from email.utils import parsedate_to_datetime

from lxml import etree, html

from newsletter.editions.archive import render_archive
from newsletter.editions.feeds import FEED_LENGTH
from newsletter.model.issue import Article, Issue, Medium, Section, Treatment
from newsletter.problems import Source
from newsletter.publication import Publication

S = Source("issue.md", 1)
ATOM = "{http://www.w3.org/2005/Atom}"


def _issue(slug: str, date: datetime.date | None, title: str = "A & B") -> Issue:
    article = Article(S, "a", "s-a", "An <article>", ())
    return Issue(
        S,
        slug,
        title,
        "en",
        date=date,
        preheader='Dear {{ subscriber.name | default("reader") }}',
        sections=(Section(S, "s", "S", articles=(article,)),),
    )


ISSUES = [
    _issue("2024-03", datetime.date(2024, 3, 31)),
    _issue("undated", None),
    _issue("2024-04", datetime.date(2024, 4, 30)),
]


def test_the_archive_shows_every_issue_the_newest_first(publication: Publication) -> None:
    files = {file.path: file.data for file in render_archive(publication, ISSUES)}
    page = html.document_fromstring(files["index.html"].decode())
    assert page.xpath("//article//*[@class='title']/a/@href") == [
        "2024-04/",
        "2024-03/",
        "undated/",
    ]
    assert page.xpath("//h1/text()") == [publication.name]
    assert page.xpath("//section[not(.//h2)]") == [], "issues without a date have no heading"
    assert "style.css" in files


def test_the_feed_is_well_formed_and_dated_by_the_issues(publication: Publication) -> None:
    feed = etree.fromstring(render_archive(publication, ISSUES)[2].data)
    items = feed.findall("channel/item")
    assert [item.findtext("link") for item in items] == [
        "https://news.example.com/issues/2024-04/",
        "https://news.example.com/issues/2024-03/",
        "https://news.example.com/issues/undated/",
    ]
    published = parsedate_to_datetime(items[0].findtext("pubDate") or "")
    assert published == datetime.datetime(2024, 4, 30, tzinfo=datetime.UTC)
    assert items[2].find("pubDate") is None
    assert (items[0].findtext("title") or "").startswith("A & B")
    shown = html.fragment_fromstring(items[0].findtext("description") or "", "div")
    assert [one.text_content() for one in shown] == ["Dear reader", "An <article>"]
    assert shown.xpath(".//a/@href") == ["https://news.example.com/issues/2024-04/#s-a"]


def test_an_issue_that_is_published_before_its_date_is_not_of_the_future(
    publication: Publication,
) -> None:
    at = {
        "2024-04": datetime.datetime(2024, 4, 12, 9, tzinfo=datetime.UTC),
        "2024-03": datetime.datetime(2024, 5, 1, 9, tzinfo=datetime.UTC),
        "undated": datetime.datetime(2024, 2, 1, 9, tzinfo=datetime.UTC),
    }
    files = {one.path: one.data for one in render_archive(publication, ISSUES, published=at)}
    dates = ["2024-04-12T09:00:00+00:00", "2024-03-31T00:00:00+00:00", "2024-02-01T09:00:00+00:00"]
    assert [one["date_published"] for one in json.loads(files["feed.json"])["items"]] == dates
    atom = etree.fromstring(files["atom.xml"])
    assert [one.text for one in atom.findall(f"{ATOM}entry/{ATOM}updated")] == dates
    assert atom.findtext(f"{ATOM}updated") == dates[0]


def test_an_entry_says_which_issue_it_is_and_holds_no_advertisement(
    publication: Publication,
) -> None:
    numbered = replace(_issue("2024-04", None, publication.name), number="2024-04")
    (section,) = numbered.sections
    seller = Article(S, "ad", "ad-a", "Buy", ())
    hidden = replace(section.articles[0], anchor="s-b", title="Hidden")
    hidden = replace(hidden, treatments={Medium.WEB: Treatment.OMIT})
    issue = replace(
        numbered,
        sections=(
            replace(section, articles=(*section.articles, hidden)),
            Section(S, "ad", "From our sponsor", kind="sponsor", articles=(seller,)),
        ),
    )
    files = {file.path: file.data for file in render_archive(publication, [issue])}
    (item,) = json.loads(files["feed.json"])["items"]
    assert item["title"] == f"{publication.name} · No. 4, 2024"
    assert html.fragment_fromstring(item["content_html"], "div").xpath(".//li//text()") == [
        "An <article>"
    ]
    assert item["image"] == "https://news.example.com/issues/2024-04/card.png"
    page = html.document_fromstring(files["index.html"].decode()).text_content()
    assert "An <article>" in page
    assert "Buy" not in page
    assert "Hidden" not in page
    (entry,) = etree.fromstring(files["atom.xml"]).findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == item["title"]


def test_the_feed_holds_the_newest_and_the_archive_all(publication: Publication) -> None:
    first = datetime.date(2020, 1, 1)
    issues = [
        _issue(f"i{n:03}", first + datetime.timedelta(days=n)) for n in range(FEED_LENGTH + 5)
    ]
    page, _, feed, atom, items = render_archive(publication, issues)
    assert len(etree.fromstring(feed.data).findall("channel/item")) == FEED_LENGTH
    assert len(etree.fromstring(atom.data).findall(f"{ATOM}entry")) == FEED_LENGTH
    assert len(json.loads(items.data)["items"]) == FEED_LENGTH
    assert len(html.document_fromstring(page.data.decode()).xpath("//article")) == FEED_LENGTH + 5


def test_the_archive_shows_the_covers_that_there_are(publication: Publication) -> None:
    with_one = render_archive(publication, ISSUES, frozenset({ISSUES[0].slug}))[0].data.decode()
    page = html.document_fromstring(with_one)
    assert page.xpath("//a[@class='cover']/img/@src") == [f"{ISSUES[0].slug}/cover.jpg"]
    assert len(with_one.encode()) < 60_000


def test_an_archive_of_several_years_leads_to_each(publication: Publication) -> None:
    def years(*issues: Issue) -> list[str]:
        page = html.document_fromstring(render_archive(publication, issues)[0].data.decode())
        return [str(address) for address in page.xpath("//nav[@class='years']/a/@href")]

    old = [_issue(f"{year}-05", datetime.date(year, 5, 31)) for year in (2022, 2021)]
    assert years(*ISSUES) == [], "one year, and issues without a date"
    assert years(*ISSUES, *old) == ["#year-2024", "#year-2022", "#year-2021"]


def test_before_the_first_issue_the_archive_says_so(publication: Publication) -> None:
    page = html.document_fromstring(render_archive(publication, [])[0].data.decode())
    assert "还没有发布过任何一期。" in page.text_content()


def test_atom_and_json_feed_tell_the_same_as_rss(publication: Publication) -> None:
    files = {file.path: file.data for file in render_archive(publication, ISSUES)}
    atom = etree.fromstring(files["atom.xml"])
    feed = json.loads(files["feed.json"])
    addresses = ["2024-04", "2024-03", "undated"]
    whole = [f"https://news.example.com/issues/{slug}/" for slug in addresses]
    assert [entry.findtext(f"{ATOM}id") for entry in atom.findall(f"{ATOM}entry")] == whole
    assert [item["id"] for item in feed["items"]] == whole
    assert atom.findtext(f"{ATOM}updated") == "2024-04-30T00:00:00+00:00"
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["items"][0]["date_published"] == "2024-04-30T00:00:00+00:00"
    assert "date_published" not in feed["items"][2]
    link = f'<a href="{whole[0]}#s-a">An &lt;article&gt;</a>'
    shown = f"<p>Dear reader</p><ul><li>{link}</li></ul>"
    assert feed["items"][0]["content_html"] == shown
    assert atom.findtext(f"{ATOM}entry/{ATOM}content") == shown


def test_older_issues_stand_by_year(publication: Publication) -> None:
    issues = [_issue(f"y{year}", datetime.date(year, 5, 1)) for year in (2022, 2023, 2024)]
    page = html.document_fromstring(render_archive(publication, issues)[0].data.decode())
    assert page.xpath("//section//h2/text()") == ["2023", "2022"]
    assert page.xpath("//article[@class='newest']//a/@href")[0] == "y2024/"
