"""Where each cell of a table stands, as HTML's table model has it: spans push what follows aside. And how wide columns
are that together would be wider than the page.

Total: any rows of any spans have a place for every cell, none over another; a span that would leave its
part of the table (head or body) is cut at the part's end.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from newsletter.model.blocks import Cell
from newsletter.model.inlines import plain
from newsletter.model.language import columns

MOST_COLUMNS = 60

_LONGEST_WORD = 24
"""Columns; a longer word, an address for one, is broken."""
_HAN_WORD = 6
"""Han text may be broken anywhere, but not after each character."""
_SHORT = 10
"""A cell of so few stays on one line, where there is room."""
_BOLD = 1.1
_SIDES = 3.2
"""The white at the sides of a cell, and some room."""


@dataclass(frozen=True, slots=True)
class PlacedCell:
    cell: Cell
    x: int
    y: int
    columns: int
    rows: int


def placed(rows: Sequence[Sequence[Cell]], first_row: int = 0) -> list[PlacedCell]:
    """The cells of one part of a table with their places; its rows count from `first_row`."""
    taken: set[tuple[int, int]] = set()
    found: list[PlacedCell] = []
    for y, row in enumerate(rows):
        x = 0
        for cell in row:
            while (x, y) in taken:
                x += 1
            down = max(1, min(cell.rows, len(rows) - y))
            across = _free(taken, x, y, max(1, min(cell.columns, MOST_COLUMNS)))
            taken.update(_area(x, y, across, down))
            found.append(PlacedCell(cell, x, first_row + y, across, down))
            x += across
    return found


def _free(taken: set[tuple[int, int]], x: int, y: int, wanted: int) -> int:
    """How many columns from (x, y) on are free, at most as many as wanted."""
    return next((n for n in range(1, wanted) if (x + n, y) in taken), wanted)


def _area(x: int, y: int, across: int, down: int) -> Iterator[tuple[int, int]]:
    return ((x + i, y + j) for i in range(across) for j in range(down))


def shares(cells: Iterable[PlacedCell], across: int, room: float) -> list[float]:
    """How the columns of a table share `room`, in columns of a fixed-pitch font: each has its longest word, and of the
    rest as much as it has more to say. Empty where they have room as they are, or not even for their words: equal parts
    would leave a column of sentences as narrow as one of figures. Short cells stay whole, unless breaking them too saves
    lines."""
    cells = list(cells)
    ways = [_shares(cells, across, room, short) for short in (_SHORT, 0)]
    return min(filter(None, ways), key=lambda way: _lines(cells, way), default=[])


def _shares(cells: Iterable[PlacedCell], across: int, room: float, short: int) -> list[float]:
    words, whole = [1.0] * across, [1.0] * across
    for one in cells:
        if one.columns == 1 and one.x < across:
            text = plain(one.cell.children)
            all_, wide = columns(text), _BOLD if one.cell.header else 1.0
            longest = all_ if all_ <= short else max(map(_word, text.split()), default=1.0)
            words[one.x] = max(words[one.x], longest * wide)
            whole[one.x] = max(whole[one.x], all_ * wide)
    words = [word + _SIDES for word in words]
    whole = [all_ + _SIDES for all_ in whole]
    spare = room - sum(words)
    more = [max(0.0, all_ - word) for all_, word in zip(whole, words, strict=True)]
    if sum(whole) <= room or spare <= 0 or not sum(more):
        return []
    return [
        round(word + spare * part / sum(more), 1) for word, part in zip(words, more, strict=True)
    ]


def _lines(cells: Iterable[PlacedCell], widths: Sequence[float]) -> int:
    """About how many lines a table takes whose columns are so wide."""
    rows: dict[int, int] = {}
    for one in cells:
        if one.columns == 1 and one.x < len(widths):
            wide = columns(plain(one.cell.children)) * (_BOLD if one.cell.header else 1.0)
            lines = math.ceil(wide / max(widths[one.x] - _SIDES, 1.0))
            rows[one.y] = max(rows.get(one.y, 1), lines)
    return sum(rows.values())


def _word(word: str) -> float:
    wide = columns(word)
    return min(wide, _HAN_WORD if wide > len(word) else _LONGEST_WORD)
