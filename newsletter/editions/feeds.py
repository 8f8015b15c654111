"""The archive page and the RSS feed of what is published. Both are made anew at each publishing.

RSS 2.0 (rssboard.org/rss-specification) with an Atom self link; dates are those of the issues, at midnight UTC,
so that the same issues give the same bytes.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from email.utils import format_datetime

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

FEED_LENGTH = 30
"""Issues in the feed; the archive page has all."""


def render_archive(publication: Publication, issues: Sequence[Issue]) -> tuple[EditionFile, ...]:
    """`index.html`, `style.css` and `feed.xml` for the folder above the issues' (`<base>/issues/`).

    `issues` in any order; shown newest first, those without a date last.
    """
    templates = environment(publication, "web")
    tokens, _ = load_tokens(publication)
    ordered = sorted(issues, key=_age, reverse=True)
    settings = publication.settings
    page = render_template(
        publication,
        templates,
        "archive.html.j2",
        publication=settings,
        words=load_words(publication, settings.language),
        language=settings.language,
        direction=direction(settings.language),
        archive_url=f"{publication.base_url}/issues/",
        entries=[_entry(issue, publication) for issue in ordered],
    )
    feed = render_template(
        publication,
        templates,
        "feed.xml.j2",
        publication=settings,
        archive_url=f"{publication.base_url}/issues/",
        entries=[_entry(issue, publication) for issue in ordered[:FEED_LENGTH]],
    )
    style = style_sheet(tokens, theme_styles(templates), page)
    return (
        EditionFile("index.html", "text/html", page.encode()),
        EditionFile("style.css", "text/css", style.encode()),
        EditionFile("feed.xml", "application/rss+xml", feed.encode()),
    )


def _age(issue: Issue) -> tuple[datetime.date, str]:
    return (issue.date or datetime.date.min, issue.slug)


def _entry(issue: Issue, publication: Publication) -> dict[str, object]:
    published = (
        datetime.datetime.combine(issue.date, datetime.time(), datetime.UTC) if issue.date else None
    )
    description = with_defaults(issue.preheader)
    titles = " · ".join(article.title for _, article in issue.articles())
    return {
        "title": issue.title,
        "language": issue.language,
        "line": issue_line(issue, publication),
        "date": format_datetime(published) if published else "",
        "description": description,
        "path": f"{issue.slug}/",
        "url": publication.issue_url(issue.slug),
        "summary": "\n\n".join(part for part in (description, titles) if part),
    }
