"""What stands on the printed pages, as it can be seen from outside: lines, pictures, headings, each with its place.

Points throughout, from the page's lower left corner upwards, as a PDF has them. Pages count from 1.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        return self.top - self.bottom


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text in one column. `gap` is the widest space inside it, as far as it was measured: in lines that
    fill their column."""

    box: Box
    text: str
    gap: float = 0.0


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A heading as the outline has it: `level` 0 is a section, 1 an article."""

    level: int
    title: str
    page: int
    top: float


@dataclass(frozen=True, slots=True)
class TypeArea:
    """Where text stands: `columns` are the left and right edge of each, from left to right."""

    columns: tuple[tuple[float, float], ...]
    bottom: float
    top: float

    @property
    def height(self) -> float:
        return self.top - self.bottom


@dataclass(frozen=True, slots=True)
class Photograph:
    """A picture made of pixels, and how many of them an inch has on paper."""

    box: Box
    dots: float


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """`lines` are those inside the type area, column by column, from above. `pictures` are all, drawings too."""

    number: int
    lines: tuple[Line, ...]
    pictures: tuple[Box, ...]
    photographs: tuple[Photograph, ...] = ()
    small_pictures: tuple[Box, ...] = ()
    """Those that stand in a line of text."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A whole print edition. `area` holds for every page but the cover."""

    pages: tuple[PrintedPage, ...]
    bookmarks: tuple[Bookmark, ...]
    area: TypeArea
