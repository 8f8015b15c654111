"""What a rule for printed pages may look at, and which article stands at a place on a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from newsletter.model.issue import Issue
from newsletter.model.printed import Box, Line, Printed, PrintedPage
from newsletter.problems import Source

_FIRST = 2
"""The cover is no page of text."""


@dataclass(frozen=True)
class PagesContext:
    printed: Printed
    issue: Issue

    @property
    def pages(self) -> tuple[PrintedPage, ...]:
        return self.printed.pages[_FIRST - 1 :]

    def source(self, page: int, top: float) -> Source:
        """The article, else the section, that stands at a height of a page; else the issue."""
        for bookmark in reversed(self.printed.bookmarks):
            before = (bookmark.page, -bookmark.top) <= (page, -top + 2)
            if before and (found := self._sources.get(_key(bookmark.title))):
                return found
        return self.issue.source

    def column_of(self, box: Box) -> int:
        lefts = [left for left, _ in self.printed.area.columns]
        return max((n for n, left in enumerate(lefts) if box.left >= left - 12), default=0)

    def in_column(self, page: PrintedPage, column: int) -> list[Line]:
        """A column's lines from above."""
        return [line for line in page.lines if self.column_of(line.box) == column]

    @cached_property
    def _sources(self) -> dict[str, Source]:
        found = {_key(section.title): section.source for section in self.issue.sections}
        return found | {_key(one.title): one.source for _, one in self.issue.articles()}


def ends_section(context: PagesContext, page: PrintedPage) -> bool:
    """Whether the next page begins a section, or there is none."""
    following = page.number + 1
    first = [one for one in context.printed.bookmarks if one.page == following and one.level == 0]
    top = context.printed.area.top
    return following > len(context.printed.pages) or any(one.top > top - 60 for one in first)


def shown(text: str, most: int = 24) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def columns(context: PagesContext) -> Iterator[tuple[PrintedPage, int, list[Line]]]:
    for page in context.pages:
        for column in range(len(context.printed.area.columns)):
            yield page, column, context.in_column(page, column)


def _key(title: str) -> str:
    return re.sub(r"\W+", "", title).casefold()
