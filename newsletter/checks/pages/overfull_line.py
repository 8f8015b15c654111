"""A line that reaches over the margin: an address or a formula that cannot be broken."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.pages.context import PagesContext, columns, shown
from newsletter.model.printed import Line, PrintedPage
from newsletter.problems import Problem, warning

_MOST = 9.0
"""Points: marks may hang out by so much."""
_MEET = 3.0
"""Letters that are joined reach into each other: what stands further in is another text."""


def check(context: PagesContext) -> Iterator[Problem]:
    for page, column, lines in columns(context):
        for line in lines:
            over = _over(context, page, column, line)
            if over > _MOST:
                yield warning(
                    "print-overfull",
                    context.source(page.number, line.box.top),
                    f"page {page.number}: a line reaches {over:.0f} points over the margin: {shown(line.text)}",
                    "Give the long word a place to break, or put the formula on a line of its own.",
                )


def _over(context: PagesContext, page: PrintedPage, column: int, line: Line) -> float:
    """Points over the column's edge. What has the whole width to itself may use it: contents, wide figures."""
    edges = context.printed.area.columns
    outermost = edges[-1][1]
    if line.box.right > outermost:
        return line.box.right - outermost
    beside = [
        other
        for other in page.lines
        if context.column_of(other.box) > column
        and min(other.box.top, line.box.top) - max(other.box.bottom, line.box.bottom) > 2
        and other.box.left < line.box.right - _MEET
    ]
    return line.box.right - edges[column][1] if beside else 0.0
