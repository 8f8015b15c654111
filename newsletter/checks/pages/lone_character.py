"""A paragraph or a title whose last line is one Han character (CLREQ: 孤字不成行)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from newsletter.checks.pages.context import PagesContext, columns, shown
from newsletter.model.printed import Line
from newsletter.problems import Problem, notice

_ONE = re.compile(r"\s*[\u3400-\u9fff][，。、；：！？”’）》」』…]*\s*")


def check(context: PagesContext) -> Iterator[Problem]:
    for page, column, lines in columns(context):
        left, right = context.printed.area.columns[column]
        for before, line in itertools.pairwise(lines):
            if (
                _ONE.fullmatch(line.text)
                and abs(line.box.left - left) < 3
                and _full(before, line, right)
            ):
                yield notice(
                    "print-lone-character",
                    context.source(page.number, line.box.top),
                    f"page {page.number}: a paragraph or title ends in a line of one character: “{shown(before.text[-12:])}{shown(line.text)}”",
                    "Leave a word out, or add one.",
                )


def _full(before: Line, line: Line, right: float) -> bool:
    """Whether the line above is a whole line of the same paragraph."""
    return before.box.right > right - 14 and before.box.bottom - line.box.top < 14
