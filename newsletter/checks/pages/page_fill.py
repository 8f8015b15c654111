"""A section whose last page has a few lines and nothing else, though it was set tighter and wider."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.pages.context import PagesContext, ends_section
from newsletter.model.printed import Box, PrintedPage, TypeArea
from newsletter.problems import Problem, notice

_LEAST = 0.25
_CONTENTS = 2


def check(context: PagesContext) -> Iterator[Problem]:
    for page in context.pages:
        if page.number <= _CONTENTS or not ends_section(context, page) or _begins(context, page):
            continue
        filled, top = _filled(context, page)
        if filled < _LEAST:
            yield notice(
                "print-page-fill",
                context.source(page.number, top),
                f"page {page.number}: the section ends with a page of which {filled:.0%} is used",
                "Shorten the section by a few lines, or make one of its pictures smaller ({width=80%}).",
            )


def _begins(context: PagesContext, page: PrintedPage) -> bool:
    """Whether a section begins here: a short one of its own is no remnant."""
    return any(one.page == page.number and one.level == 0 for one in context.printed.bookmarks)


def _filled(context: PagesContext, page: PrintedPage) -> tuple[float, float]:
    """How much of the page is used, and where its text begins. The foot of a column belongs to its notes: what lies
    empty above them is as empty as where there are none."""
    area = context.printed.area
    used = 0.0
    for column, (left, right) in enumerate(area.columns):
        boxes = [line.box for line in context.in_column(page, column)]
        boxes += [box for box in page.pictures if box.left < right and box.right > left]
        used += area.height - _emptiest(boxes, area)
    return used / (area.height * len(area.columns)), area.top


def _emptiest(boxes: list[Box], area: TypeArea) -> float:
    """The highest stretch of a column in which nothing stands."""
    emptiest, top = 0.0, area.top
    for box in sorted(boxes, key=lambda box: -box.top):
        emptiest = max(emptiest, top - box.top)
        top = min(top, box.bottom)
    return max(emptiest, top - area.bottom)
