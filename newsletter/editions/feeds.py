"""What is published, for feed readers: RSS 2.0, Atom and JSON Feed with the same entries.

RSS 2.0 (rssboard.org/rss-specification) with an Atom self link; Atom (RFC 4287); JSON Feed 1.1
(jsonfeed.org/version/1.1). Dates are those of the issues, at midnight UTC, so that the same issues give the same
bytes; an issue without a date has none in RSS and JSON, and in Atom, which needs one, the newest date of the others.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from email.utils import format_datetime

import jinja2
from markupsafe import Markup

from newsletter.editions.templates import render_template
from newsletter.model.edition import EditionFile
from newsletter.model.issue import Issue
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

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def render_feeds(
    publication: Publication, templates: jinja2.Environment, newest_first: Sequence[Issue]
) -> tuple[EditionFile, ...]:
    """The three feeds, for the folder above the issues' (`<base>/issues/`)."""
    issues = newest_first[:FEED_LENGTH]
    entries = [_entry(issue, publication) for issue in issues]
    dates = [moment for issue in issues if (moment := _moment(issue))]
    values = {
        "publication": publication.settings,
        "archive_url": archive_url(publication),
        "entries": entries,
        "updated": (max(dates) if dates else _EPOCH).isoformat(),
    }
    xml = [
        EditionFile(
            name, kind, render_template(publication, templates, f"{name}.j2", **values).encode()
        )
        for name, kind, _ in FEEDS
        if name.endswith(".xml")
    ]
    return (*xml, EditionFile("feed.json", FEEDS[2][1], _json_feed(publication, entries)))


def archive_url(publication: Publication) -> str:
    return f"{publication.base_url}/issues/"


def _entry(issue: Issue, publication: Publication) -> dict[str, object]:
    moment = _moment(issue)
    description = with_defaults(issue.preheader)
    titles = [article.title for _, article in issue.articles() if article.title]
    return {
        "title": issue.title,
        "language": issue.language,
        "number": issue.number,
        "date": format_datetime(moment) if moment else "",
        "iso": moment.isoformat() if moment else "",
        "url": publication.issue_url(issue.slug),
        "card": f"{publication.issue_url(issue.slug)}card.png",
        "summary": "\n\n".join(part for part in (description, " · ".join(titles)) if part),
        "html": _html(description, titles),
    }


def _moment(issue: Issue) -> datetime.datetime | None:
    return (
        datetime.datetime.combine(issue.date, datetime.time(), datetime.UTC) if issue.date else None
    )


def _html(description: str, titles: Sequence[str]) -> str:
    """What a feed reader shows of an issue: its first line and what is in it."""
    rows = Markup("").join(Markup("<li>{}</li>").format(title) for title in titles)
    lead = Markup("<p>{}</p>").format(description) if description else Markup("")
    return str(lead + (Markup("<ul>") + rows + Markup("</ul>") if titles else Markup("")))


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
                "summary": entry["summary"],
                "language": entry["language"],
                **({"date_published": entry["iso"]} if entry["iso"] else {}),
            }
            for entry in entries
        ],
    }
    return (json.dumps(feed, ensure_ascii=False, indent=1) + "\n").encode()
