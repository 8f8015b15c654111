"""A picture with too few pixels for paper: it looks blurred, or was printed smaller than its column."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.pages.context import PagesContext
from newsletter.problems import Problem, notice

_LEAST = 130.0
"""Dots an inch. Print asks for 200, and prints smaller what would have fewer than 110."""


def check(context: PagesContext) -> Iterator[Problem]:
    for page in context.printed.pages:
        for photograph in page.photographs:
            box = photograph.box
            if photograph.dots < _LEAST and box.right - box.left > 72:
                across = (box.right - box.left) / 72 * 2.54
                wanted = round((box.right - box.left) / 72 * 200, -1)
                yield notice(
                    "print-picture-coarse",
                    context.source(page.number, box.top),
                    f"page {page.number}: a picture has {photograph.dots:.0f} dots an inch, {across:.0f} cm wide",
                    f"Save it {wanted:.0f} pixels wide or more: print shows 200 an inch.",
                )
