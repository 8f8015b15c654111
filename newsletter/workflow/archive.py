"""The archive page, the feeds and the sitemap, made from the records of what is published, never from issues that changed since."""

from __future__ import annotations

from collections.abc import Iterable

from newsletter.editions.archive import render_archive
from newsletter.editions.sitemap import render_sitemap
from newsletter.model.edition import EditionFile
from newsletter.model.issue import Article, Issue, Section
from newsletter.problems import Source
from newsletter.publication import Publication
from newsletter.workflow.published import RECORD, Published


def archive_files(publication: Publication, every: Iterable[Published]) -> dict[str, bytes]:
    """The files of the archive, relative to `published/issues/`."""
    all_of_them = tuple(every)
    files = render_archive(publication, [_as_issue(one) for one in all_of_them])
    sitemap = sitemap_of(publication, all_of_them)
    return {file.path: file.data for file in (*files, sitemap)}


def sitemap_of(publication: Publication, every: Iterable[Published]) -> EditionFile:
    """The sitemap alone."""
    return render_sitemap(publication, [(one.slug, one.published) for one in every])


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
