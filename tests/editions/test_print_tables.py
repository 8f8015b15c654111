"""Where each cell of a printed table stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.editions.print_tables import PlacedCell, placed, shares
from newsletter.model.blocks import Cell
from newsletter.model.inlines import Text

spans = st.builds(lambda c, r: Cell((), columns=c, rows=r), st.integers(0, 5), st.integers(0, 5))


def drawn(rows: list[list[Cell]]) -> str:
    """The grid with a letter for each cell, in order, and a dot where there is none."""
    cells = placed(rows)
    grid: dict[tuple[int, int], str] = {}
    for letter, cell in zip("abcdefghijkl", cells, strict=False):
        for x in range(cell.x, cell.x + cell.columns):
            for y in range(cell.y, cell.y + cell.rows):
                grid[x, y] = letter
    width = max(x for x, _ in grid) + 1
    return "\n".join("".join(grid.get((x, y), ".") for x in range(width)) for y in range(len(rows)))


def test_a_cell_over_two_rows_pushes_the_next_row_aside() -> None:
    tall, wide, one = Cell((), rows=2), Cell((), columns=2), Cell(())
    assert drawn([[tall, wide], [one, one]]) == "abb\nacd"


def test_a_cell_over_two_columns_stands_over_both() -> None:
    assert drawn([[Cell((), columns=2)], [Cell(()), Cell(())]]) == "aa\nbc"


def test_a_span_ends_with_its_table() -> None:
    assert drawn([[Cell((), rows=9), Cell(())], [Cell(())]]) == "ab\nac"


def test_a_short_row_leaves_its_end_empty() -> None:
    assert drawn([[Cell(()), Cell(())], [Cell(())]]) == "ab\nc."


@given(st.lists(st.lists(spans, max_size=5), max_size=5))
def test_every_cell_has_a_place_of_its_own(rows: list[list[Cell]]) -> None:
    cells = placed(rows)
    assert len(cells) == sum(map(len, rows))
    areas = [
        (x, y)
        for cell in cells
        for x in range(cell.x, cell.x + cell.columns)
        for y in range(cell.y, cell.y + cell.rows)
    ]
    assert len(areas) == len(set(areas))
    assert all(y < len(rows) for _, y in areas)


def test_columns_share_what_is_left_of_the_page_by_what_they_say() -> None:
    def cells(*texts: str) -> list[PlacedCell]:
        return placed([[Cell((Text(text),)) for text in texts]])

    assert shares(cells("Alder", "71", "93"), 3, 60) == []
    name, figure, words = shares(cells("Alder Brook", "71", "It says a lot of things. " * 9), 3, 60)
    assert name + figure + words == pytest.approx(60, abs=0.2)
    assert words > 30
    assert figure < 7 < 9 <= name
    assert shares(cells("incomprehensibilities", "unbreakable"), 2, 20) == []
    # Short cells side by side would leave nothing for the sentence: they are broken as well.
    *short, han = shares(cells(*["四个汉字呢"] * 3, "一个站的读数与其他站不同" * 3), 4, 44)
    assert han > 1.2 * short[0] > 8
    (_, han) = shares(cells("站", "一个站的读数与其他站不同" * 9), 2, 40)
    assert han > 25
