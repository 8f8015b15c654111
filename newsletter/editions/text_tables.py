"""A table in plain text: aligned columns where they fit the line, else one record a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from newsletter.editions.text_lines import fill, padded
from newsletter.model.blocks import Align, Cell, Table
from newsletter.model.inlines import Inline
from newsletter.model.language import columns

_GAP = "  "
_MOST_COLUMNS = 1000
"""A table of more columns than this is no table; what a span asks for beyond it is left out."""


@dataclass(frozen=True, slots=True)
class _Box:
    text: str = ""
    align: Align = Align.NONE


def table_lines(
    table: Table, write: Callable[[Sequence[Inline]], str], width: int, colon: str
) -> list[str]:
    """The lines of a table; `write` makes plain text of a cell, `colon` stands between a head and its value."""
    head = _laid_out(table.head, write)
    rows = _laid_out(table.rows, write)
    widths = [max(columns(row[i].text) for row in head + rows) for i in range(_count(head + rows))]
    if sum(widths) + len(_GAP) * (len(widths) - 1) <= width:
        return _aligned(head, rows, widths)
    return _records(head, rows, width, colon)


def _count(rows: list[list[_Box]]) -> int:
    return len(rows[0]) if rows else 0


def _laid_out(
    rows: Sequence[Sequence[Cell]], write: Callable[[Sequence[Inline]], str]
) -> list[list[_Box]]:
    """Every row with as many boxes as the widest; a cell that spans stands in its first place."""
    grid: list[dict[int, _Box]] = [{} for _ in rows]
    for number, row in enumerate(rows):
        place = 0
        for cell in row:
            while place in grid[number]:
                place += 1
            text = " ".join(write(cell.children).split())
            for down in range(min(cell.rows, len(rows) - number)):
                for across in range(min(cell.columns, _MOST_COLUMNS)):
                    first = down == across == 0
                    grid[number + down][place + across] = (
                        _Box(text, cell.align) if first else _Box()
                    )
            place += cell.columns
    most = max((max(row, default=-1) + 1 for row in grid), default=0)
    return [[row.get(place, _Box()) for place in range(most)] for row in grid]


def _aligned(head: list[list[_Box]], rows: list[list[_Box]], widths: list[int]) -> list[str]:
    def line(row: list[_Box]) -> str:
        cells = (padded(box.text, w, box.align) for box, w in zip(row, widths, strict=True))
        return _GAP.join(cells).rstrip()

    rule = [_GAP.join("-" * width for width in widths)] if head else []
    return [*map(line, head), *rule, *map(line, rows)]


def _records(head: list[list[_Box]], rows: list[list[_Box]], width: int, colon: str) -> list[str]:
    """“Head: value” a line, an empty line between rows. Several rows of heads are joined."""
    names = [
        " ".join(dict.fromkeys(row[place].text for row in head if row[place].text))
        for place in range(_count(head))
    ]
    if not rows:
        return [line for name in names if name for line in fill(name, width)]
    lines: list[str] = []
    for row in rows:
        if lines:
            lines.append("")
        for place, box in enumerate(row):
            name = names[place] if place < len(names) else ""
            if box.text:
                text = f"{name}{colon}{box.text}" if name else box.text
                lines += fill(text, width, rest="  ")
    return lines
