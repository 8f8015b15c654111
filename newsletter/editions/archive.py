"""The archive: one page with every issue that is published, the newest first and whole, the others by year; and the feeds.

Made anew at each publishing from what was published; the same issues give the same bytes.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from itertools import groupby
from types import MappingProxyType

from newsletter.editions.feeds import FEEDS, archive_url, listed_articles, render_feeds
from newsletter.editions.templates import environment, render_template, theme_styles
from newsletter.editions.tokens import load_tokens
from newsletter.editions.web import issue_line
from newsletter.editions.web_style import style_sheet
from newsletter.editions.words import load_words
from newsletter.model.edition import EditionFile
from newsletter.model.issue import Issue
from newsletter.model.language import direction
from newsletter.model.merge_tags import with_defaults
from newsletter.publication import Publication

COVER = "cover.jpg"
"""The printed cover, small, beside an issue's page."""

TITLES = 4
"""So many articles of an older issue are named."""


def render_archive(
    publication: Publication,
    issues: Sequence[Issue],
    covers: frozenset[str] = frozenset(),
    published: Mapping[str, datetime.datetime] = MappingProxyType({}),
) -> tuple[EditionFile, ...]:
    """`index.html`, `style.css` and the feeds, for the folder above the issues' (`<base>/issues/`).

    `issues` in any order; shown newest first, those without a date last. `covers` are the slugs of those whose cover
    lies beside their page; `published` tells by slug when an issue was published.
    """
    templates = environment(publication, "web")
    tokens, _ = load_tokens(publication)
    ordered = sorted(issues, key=_age, reverse=True)
    settings = publication.settings
    entries = [
        {**_entry(issue, publication), "cover": COVER if issue.slug in covers else ""}
        for issue in ordered
    ]
    page = render_template(
        publication,
        templates,
        "archive.html.j2",
        publication=settings,
        words=load_words(publication, settings.language),
        language=settings.language,
        direction=direction(settings.language),
        archive_url=archive_url(publication),
        subscribe_url=f"{publication.base_url}/subscribe" if settings.signup.open else "",
        feeds=FEEDS,
        newest=entries[0] if entries else None,
        years=[(year, list(group)) for year, group in groupby(entries[1:], lambda e: e["year"])],
    )
    style = style_sheet(tokens, theme_styles(templates), page)
    return (
        EditionFile("index.html", "text/html", page.encode()),
        EditionFile("style.css", "text/css", style.encode()),
        *render_feeds(publication, templates, ordered, published),
    )


def _age(issue: Issue) -> tuple[datetime.date, str]:
    return (issue.date or datetime.date.min, issue.slug)


def _entry(issue: Issue, publication: Publication) -> dict[str, object]:
    titles = [title for _, title in listed_articles(issue)]
    return {
        "title": issue.title,
        "language": issue.language,
        "direction": direction(issue.language),
        "year": str(issue.date.year) if issue.date else "",
        "line": issue_line(issue, publication)[:2],
        "description": with_defaults(issue.preheader),
        "path": f"{issue.slug}/",
        "read_on": load_words(publication, issue.language)["read_on"],
        "titles": titles,
        "some": titles[:TITLES],
        "rest": max(0, len(titles) - TITLES),
    }
