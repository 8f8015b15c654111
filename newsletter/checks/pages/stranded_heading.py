"""A heading at the foot of a column, its text on the next."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.checks.pages.context import PagesContext, shown
from newsletter.model.printed import Bookmark, PrintedPage
from newsletter.problems import Problem, warning


def check(context: PagesContext) -> Iterator[Problem]:
    by_number = {page.number: page for page in context.pages}
    for bookmark in context.printed.bookmarks:
        page = by_number.get(bookmark.page)
        if page is not None and bookmark.level > 0 and _stranded(context, page, bookmark):
            yield warning(
                "print-heading-stranded",
                context.source(bookmark.page, bookmark.top),
                f"page {bookmark.page}: the heading “{shown(bookmark.title)}” stands alone at the foot of its column",
                "Write a sentence below it, or leave it out where nothing follows.",
            )


def _stranded(context: PagesContext, page: PrintedPage, bookmark: Bookmark) -> bool:
    title = _letters(bookmark.title)
    for column in range(len(context.printed.area.columns)):
        below = [
            line for line in context.in_column(page, column) if line.box.top <= bookmark.top + 4
        ]
        if not below or not title.startswith(_letters(below[0].text)[:12] or "-"):
            continue
        rest = [line for line in below if _letters(line.text) not in title]
        pictures = [box for box in page.pictures if box.top < bookmark.top]
        return not rest and not pictures
    return False


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text)
