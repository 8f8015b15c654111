"""Where each cell of a table stands, as HTML's table model has it: spans push what follows aside.

Total: any rows of any spans have a place for every cell, none over another; a span that would leave its
part of the table (head or body) is cut at the part's end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsletter.model.blocks import Cell

MOST_COLUMNS = 60


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
