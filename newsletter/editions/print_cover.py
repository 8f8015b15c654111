"""The picture on the cover: the one that the issue names, else an article's own, else its first good figure.

Good is what stays sharp across the page and is neither a strip nor a column. A photograph goes before a drawing and may
be cut to the shape of its place, a drawing is shown whole.
"""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.editions.plan import treatment
from newsletter.editions.press import Press
from newsletter.editions.print_blocks import BlockWriter
from newsletter.editions.print_inlines import Data
from newsletter.editions.print_pictures import SVG
from newsletter.model.issue import NO_COVER, Issue, Treatment
from newsletter.model.picture import Image, Picture
from newsletter.problems import Source

SHARP = 1000
"""Pixels across; fewer would be seen on a page."""

_SHAPES = (0.7, 2.8)
"""Width by height, from and to."""

_DENSE = 0.5
"""Bytes a pixel: of a PNG that holds more, it is a photograph."""


def cover_picture(issue: Issue, press: Press, writer: BlockWriter) -> Data | None:
    """As large as a cover can show it, with `fit`: how it takes its place. None when there is none."""
    found = _chosen(issue, press)
    if found is None:
        return None
    key, source = found
    page = writer.page
    size = writer.desk.pictures.figure(
        Image(key), width=page.paper_width, height=page.paper_height * 0.45, source=source
    )
    fit = "cover" if is_photograph(issue.pictures[key]) else "contain"
    return {**size, "fit": fit} if size["picture"] else None


def is_photograph(picture: Picture) -> bool:
    """Told without decoding it: a drawing is no JPEG, and of few bytes for its size."""
    if picture.media_type in ("image/jpeg", "image/webp"):
        return True
    return picture.media_type != SVG and len(picture.data) > _DENSE * picture.width * picture.height


def _chosen(issue: Issue, press: Press) -> tuple[str, Source] | None:
    if issue.cover:
        return None if issue.cover == NO_COVER else (issue.cover, issue.source)
    for _, article in issue.articles():
        if article.image in issue.pictures:
            return article.image, article.source
    if not press.publication.settings.print.cover_picture:
        return None
    good = list(_good_figures(issue, press))
    photographs = (one for one in good if is_photograph(issue.pictures[one[0]]))
    return next(photographs, good[0] if good else None)


def _good_figures(issue: Issue, press: Press) -> Iterator[tuple[str, Source]]:
    for _, article in issue.articles():
        if treatment(press.plan, article.anchor) is not Treatment.FULL:
            continue
        for figure in article.figures:
            picture = issue.pictures.get(figure.image.picture)
            if picture is not None and picture.height and _is_good(picture):
                yield figure.image.picture, figure.source


def _is_good(picture: Picture) -> bool:
    narrow, broad = _SHAPES
    sharp = picture.media_type == SVG or picture.width >= SHARP
    return sharp and narrow <= picture.width / picture.height <= broad
