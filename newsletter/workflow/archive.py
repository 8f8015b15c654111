"""The archive page, the feeds and the sitemap, made from the records of what is published, never from issues that changed since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from newsletter.editions.archive import COVER, render_archive
from newsletter.editions.sitemap import render_sitemap
from newsletter.editions.web import Neighbour, Neighbours, issue_line
from newsletter.model.edition import EditionFile
from newsletter.model.issue import Article, Issue, Section
from newsletter.problems import Source
from newsletter.publication import Publication
from newsletter.workflow.published import RECORD, Published


def archive_files(publication: Publication, every: Iterable[Published]) -> dict[str, bytes]:
    """The files of the archive, relative to `published/issues/`."""
    all_of_them = tuple(every)
    covers = frozenset(one.slug for one in all_of_them if COVER in one.files)
    moments = {one.slug: one.published for one in all_of_them}
    files = render_archive(publication, [_as_issue(one) for one in all_of_them], covers, moments)
    sitemap = sitemap_of(publication, all_of_them)
    return {file.path: file.data for file in (*files, sitemap)}


def sitemap_of(publication: Publication, every: Iterable[Published]) -> EditionFile:
    """The sitemap alone."""
    return render_sitemap(publication, [(one.slug, one.published) for one in every])


def neighbours_of(publication: Publication, every: Sequence[Published]) -> dict[str, Neighbours]:
    """By slug, what an issue's page leads to: the archive, the feed, the form, the issues before and after. `every` is
    newest first."""
    subscribe = f"{publication.base_url}/subscribe" if publication.settings.signup.open else ""
    found: dict[str, Neighbours] = {}
    for at, one in enumerate(every):
        found[one.slug] = Neighbours(
            previous=_neighbour(publication, every[at + 1]) if at + 1 < len(every) else None,
            next=_neighbour(publication, every[at - 1]) if at else None,
            archive_url="../",
            feed_url="../feed.xml",
            subscribe_url=subscribe,
        )
    return found


def _neighbour(publication: Publication, one: Published) -> Neighbour:
    """Its number and date tell it apart where every issue has the publication's name."""
    known = bool(one.number) + bool(one.date)
    parts = issue_line(_as_issue(one), publication)[:known]
    return Neighbour(" · ".join(parts) or one.title, f"../{one.slug}/")


def _as_issue(published: Published) -> Issue:
    """The published issue as far as its record tells: everything but what the articles say."""
    source = Source(RECORD)
    articles = tuple(
        Article(source, slug=anchor, anchor=anchor, title=title, blocks=())
        for title, anchor in zip_longest(published.articles, published.anchors, fillvalue="")
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
