"""A line with a hole in it: too few places to stretch, such as a long address among a few words."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.pages.context import PagesContext, shown
from newsletter.model.printed import Line, PrintedPage
from newsletter.problems import Problem, notice

_MOST = 12.0
"""Points between two signs of a line; in a title, which has larger signs, as much as one of them and more."""
_TEXT = 0.74
"""Lines lower than this part of the usual one are small print: tables, captions."""
_LEADER = ". . ."


def check(context: PagesContext) -> Iterator[Problem]:
    full = sorted(line.box.height for page in context.pages for line in page.lines if line.gap)
    usual = full[len(full) // 2] if full else 0.0
    for page in context.pages:
        for line in page.lines:
            most = max(_MOST, 1.3 * line.box.height)
            if line.gap > most and line.box.height > _TEXT * usual and not _filled(page, line):
                yield notice(
                    "print-loose-line",
                    context.source(page.number, line.box.top),
                    f"page {page.number}: a line has a hole of {line.gap:.0f} points: {shown(line.text)}",
                    "Give the long word in it or below it a place to break, or write it otherwise.",
                )


def _filled(page: PrintedPage, line: Line) -> bool:
    """Whether something stands in the hole: a leader of dots, a picture."""
    middle = (line.box.top + line.box.bottom) / 2
    return _LEADER in line.text or any(box.bottom < middle < box.top for box in page.small_pictures)
