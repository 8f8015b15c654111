"""What is published, for feed readers: RSS 2.0, Atom and JSON Feed with the same entries.

RSS 2.0 (rssboard.org/rss-specification) with an Atom self link; Atom (RFC 4287); JSON Feed 1.1
(jsonfeed.org/version/1.1). Dates are those of the issues, at midnight UTC; an issue that was published before its date,
or has none, has the moment of its publishing, since readers sort an entry of the future above all others until it comes.
Without either, an entry has no date in RSS and JSON, and in Atom, which needs one, the newest of the others.
Titles are plain text. One that would be taken for html (`<b>`, `&lt;`) is given as html that shows it: many readers make
html of all titles of RSS, whose `&` and `<` are numbers as its board's profile advises; Atom says which it is. An entry says which issue it is, since most publications name all alike, and what is in it, each article with a link to it.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping, Sequence
from email.utils import format_datetime
from urllib.parse import quote
from xml.parsers import expat

import jinja2
from markupsafe import Markup, escape

from newsletter.editions.plan import treatment, written_plan
from newsletter.editions.template_lines import xml_fault
from newsletter.editions.templates import render_template
from newsletter.editions.words import load_words
from newsletter.model.edition import EditionFile
from newsletter.model.issue import Issue, Medium, Treatment
from newsletter.model.merge_tags import with_defaults
from newsletter.publication import Publication

FEED_LENGTH = 30
"""Issues in the feeds; the archive page has all."""

FEEDS = (
    ("feed.xml", "application/rss+xml", "RSS"),
    ("atom.xml", "application/atom+xml", "Atom"),
    ("feed.json", "application/feed+json", "JSON Feed"),
)
"""File, media type, and what readers call it."""

_NEVER = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
"""Atom wants a date of an empty feed as well, and validators take one before 1990 for a mistake."""


def render_feeds(
    publication: Publication,
    templates: jinja2.Environment,
    newest_first: Sequence[Issue],
    published: Mapping[str, datetime.datetime],
) -> tuple[EditionFile, ...]:
    """The three feeds, for the folder above the issues' (`<base>/issues/`). `published` tells by slug when."""
    issues = newest_first[:FEED_LENGTH]
    moments = [_moment(issue, published.get(issue.slug)) for issue in issues]
    entries = [_entry(*one, publication) for one in zip(issues, moments, strict=True)]
    dates = [moment for moment in moments if moment]
    values = {
        "publication": publication.settings,
        "archive_url": archive_url(publication),
        "entries": entries,
        "updated": (max(dates) if dates else _NEVER).isoformat(),
        "title_type": _title_type,
        "title_text": _title_text,
        "rss_text": _rss_text,
    }
    xml = [
        EditionFile(name, kind, _xml_feed(publication, templates, f"{name}.j2", values))
        for name, kind, _ in FEEDS
        if name.endswith(".xml")
    ]
    return (*xml, EditionFile("feed.json", FEEDS[2][1], _json_feed(publication, entries)))


def _xml_feed(
    publication: Publication, templates: jinja2.Environment, name: str, values: dict[str, object]
) -> bytes:
    """No reader takes half a feed: one that a theme broke is a mistake in its template."""
    feed = render_template(publication, templates, name, **values)
    try:
        expat.ParserCreate().Parse(feed.encode(), True)
    except expat.ExpatError as caught:
        raise xml_fault(publication, templates, name, values, str(caught)) from caught
    return feed.encode()


def archive_url(publication: Publication) -> str:
    return f"{publication.base_url}/issues/"


def _entry(
    issue: Issue, moment: datetime.datetime | None, publication: Publication
) -> dict[str, object]:
    url = publication.issue_url(issue.slug)
    description = with_defaults(issue.preheader)
    articles = listed_articles(issue)
    titles = " · ".join(title for _, title in articles)
    return {
        "title": _title(issue, publication),
        "language": issue.language,
        "number": issue.number,
        "date": format_datetime(moment) if moment else "",
        "iso": moment.isoformat() if moment else "",
        "url": url,
        "card": f"{url}card.png",
        "summary": "\n\n".join(part for part in (description, titles) if part),
        "html": _html(description, url, articles),
    }


def _title(issue: Issue, publication: Publication) -> str:
    """Of a list of entries that are all called as the publication is, nobody could choose one."""
    if not issue.number:
        return issue.title
    number = load_words(publication, issue.language).issue_number(issue.number)
    return issue.title if number in issue.title else f"{issue.title} · {number}"


def listed_articles(issue: Issue) -> list[tuple[str, str]]:
    """Anchor and title of what the web page holds; advertisements are no articles. The anchor is empty where an issue
    was published before it was kept."""
    plan = written_plan(issue, Medium.WEB)
    return [
        (article.anchor, article.title)
        for section, article in issue.articles()
        if article.title
        and section.kind != "sponsor"
        and treatment(plan, section.anchor) is not Treatment.OMIT
        and treatment(plan, article.anchor) is not Treatment.OMIT
    ]


def _moment(issue: Issue, published: datetime.datetime | None) -> datetime.datetime | None:
    known = [published] if published else []
    if issue.date:
        known.append(datetime.datetime.combine(issue.date, datetime.time(), datetime.UTC))
    return min(known, default=None)


def _taken_for_html(text: str) -> bool:
    return bool(re.search(r"<[/!?A-Za-z]|&#?\w+;", text))


def _title_type(text: str) -> str:
    """The `type` of a text in Atom."""
    return "html" if _taken_for_html(text) else "text"


def _title_text(text: str) -> str:
    """The content of such an element."""
    return str(escape(text)) if _taken_for_html(text) else text


def _rss_text(text: str) -> Markup:
    """The same for RSS, where nothing says which it is."""
    numbered = _title_text(text).replace("&", "&#x26;").replace("<", "&#x3C;")
    return Markup(numbered.replace(">", "&#x3E;"))  # noqa: S704 - escaped just here


def _html(description: str, url: str, articles: Sequence[tuple[str, str]]) -> str:
    """What a feed reader shows of an issue: its first line and what is in it."""
    link, plain = Markup('<li><a href="{}#{}">{}</a></li>'), Markup("<li>{}</li>")
    rows = Markup("").join(
        link.format(url, quote(anchor), title) if anchor else plain.format(title)
        for anchor, title in articles
    )
    lead = Markup("<p>{}</p>").format(description) if description else Markup("")
    return str(lead + (Markup("<ul>") + rows + Markup("</ul>") if articles else Markup("")))


def _json_feed(publication: Publication, entries: Sequence[dict[str, object]]) -> bytes:
    settings = publication.settings
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": settings.name,
        "home_page_url": archive_url(publication),
        "feed_url": f"{archive_url(publication)}feed.json",
        "description": settings.description or settings.name,
        "language": settings.language,
        "authors": [{"name": settings.publisher or settings.name}],
        "items": [
            {
                "id": entry["url"],
                "url": entry["url"],
                "title": entry["title"],
                "content_html": entry["html"] or "<p></p>",
                **({"summary": entry["summary"]} if entry["summary"] else {}),
                "image": entry["card"],
                "language": entry["language"],
                **({"date_published": entry["iso"]} if entry["iso"] else {}),
            }
            for entry in entries
        ],
    }
    return (json.dumps(feed, ensure_ascii=False, indent=1) + "\n").encode()
