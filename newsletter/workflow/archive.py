"""The archive page and the feed, made from the records of what is published, never from issues that changed since."""

from __future__ import annotations

from collections.abc import Iterable

from newsletter.editions.archive import render_archive
from newsletter.model.issue import Article, Issue, Section
from newsletter.problems import Source
from newsletter.publication import Publication
from newsletter.workflow.published import RECORD, Published


def archive_files(publication: Publication, every: Iterable[Published]) -> dict[str, bytes]:
    """The files of the archive, relative to `published/issues/`."""
    issues = [_as_issue(published) for published in every]
    return {file.path: file.data for file in render_archive(publication, issues)}


def _as_issue(published: Published) -> Issue:
    """The published issue as far as its record tells: everything but what the articles say."""
    source = Source(RECORD)
    articles = tuple(
        Article(source, slug=str(number), anchor=str(number), title=title, blocks=())
        for number, title in enumerate(published.articles, 1)
    )
    return Issue(
        source,
        slug=published.slug,
        title=published.title,
        language=published.language,
        date=published.date,
        number=published.number,
        preheader=published.preheader,
        publisher=published.publisher,
        sections=(Section(source, slug="", title="", articles=articles),),
    )
