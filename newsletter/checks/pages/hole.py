"""A third of a page left empty, though text goes on behind it."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.pages.context import PagesContext, ends_section
from newsletter.model.printed import PrintedPage
from newsletter.problems import Problem, notice

_MOST = 1 / 3
_CONTENTS = 2
"""The page of the table of contents may end early."""


def check(context: PagesContext) -> Iterator[Problem]:
    for page in context.pages:
        if page.number > _CONTENTS and not ends_section(context, page):
            place = _hole(context, page)
            if place is not None:
                yield notice(
                    "print-hole",
                    context.source(page.number, place),
                    f"page {page.number}: more than a third of a column is empty",
                    "A picture that found no room may be the cause: make it smaller ({width=60%}) or move it.",
                )


def _hole(context: PagesContext, page: PrintedPage) -> float | None:
    """Where the largest gap of a column begins, when it is too large."""
    area = context.printed.area
    for column, (left, right) in enumerate(area.columns):
        boxes = [line.box for line in context.in_column(page, column)]
        boxes += [box for box in page.pictures if box.left < right and box.right > left]
        top = area.top
        for box in sorted(boxes, key=lambda box: -box.top):
            if top - box.top > _MOST * area.height:
                return top
            top = min(top, box.bottom)
        if top - area.bottom > _MOST * area.height and _followed(context, page, column):
            return top
    return None


def _followed(context: PagesContext, page: PrintedPage, column: int) -> bool:
    """Whether text goes on in the next column or on the next page."""
    later = page.lines if column + 1 < len(context.printed.area.columns) else ()
    if any(context.column_of(line.box) > column for line in later):
        return True
    following = context.printed.pages[page.number : page.number + 1]
    return any(one.lines for one in following)
