"""The lines, pictures and headings of a finished PDF, for checks that look at pages as a reader does.

PDFium tells pieces of text of one font; pieces that share a height and a column are a line. What the
theme sets outside of the type area (running heads, page numbers) is left out.
"""

from __future__ import annotations

import itertools
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from newsletter.editions.page_images import opened
from newsletter.model.printed import (
    Bookmark,
    Box,
    Line,
    Photograph,
    Printed,
    PrintedPage,
    TypeArea,
)

_SLACK = 3.0
"""Points that glyphs may reach over the type area above and below."""
_PIECE_GAP = 30.0
"""Points between two pieces of one line; a wider gap parts cells of a table."""
_SCATTERED = 4
"""PDFium's pieces of fewer signs than this are no runs of text."""
_MOST_PIECES = 600
"""Of a page whose pieces are asked for their words one by one, which takes as long as the page has signs, each."""
_IMAGE, _FORM = 3, 5
_MEASURED_PAGES = 120
"""Spaces inside lines are measured on so many pages: each sign has to be asked for its place."""


def printed_pages(pdf: bytes, area: TypeArea) -> Printed:
    """Reads a PDF that the print edition made; `area` in its points."""
    with opened(pdf) as document:
        pages = tuple(_page(document[number], number + 1, area) for number in range(len(document)))
        return Printed(pages, _bookmarks(document), area)


def _page(page: Any, number: int, area: TypeArea) -> PrintedPage:
    text = page.get_textpage()
    lines = _lines(_pieces(text), area)
    if 1 < number <= _MEASURED_PAGES:
        lines = _with_gaps(lines, text, area)
    pictures = tuple(_pictures(page, area))
    return PrintedPage(
        number,
        lines,
        tuple(box for box in pictures if _is_large(box)),
        _photographs(page),
        tuple(box for box in pictures if not _is_large(box)),
    )


def _pieces(text: Any) -> list[Line]:
    number = text.count_rects()
    if number > _MOST_PIECES or number * _SCATTERED > text.count_chars():
        pieces = _pieces_of_signs(text)
    else:
        boxes = [text.get_rect(index) for index in range(number)]
        pieces = [Line(Box(*box), text.get_text_bounded(*box).strip("\r\n")) for box in boxes]
        if any(
            "\n" in piece.text for piece in pieces
        ):  # a sign over its letter reaches into another line
            pieces = _pieces_of_signs(text)
    # A mark that is set higher over its letter is a piece of its own, and no line.
    return [piece for piece in pieces if not _is_mark(piece.text)]


def _is_mark(text: str) -> bool:
    return text != "" and all(unicodedata.category(sign) == "Mn" for sign in text)


def _pieces_of_signs(text: Any) -> list[Line]:
    """Text that runs to the left, or that sets marks over letters, comes from PDFium in pieces of one sign, and asking
    for the words of each takes seconds a page. So signs that follow each other on one height are joined here."""
    runs: list[list[int]] = []
    last: Box | None = None
    for index in range(text.count_chars()):
        here = Box(*text.get_charbox(index, loose=True))
        if here.right <= here.left:
            continue
        if last is None or not _overlap(last, here) or _is_cell(text, runs[-1][1], last, here):
            runs.append([index, index])
        runs[-1][1] = index
        last = here
    return [piece for first, end in runs if (piece := _piece(text, first, end)) is not None]


def _is_cell(text: Any, before: int, last: Box, here: Box) -> bool:
    """Whether a gap parts two cells of a table. Behind a typed space it is one in a line that was stretched."""
    if _apart(last, here) <= _PIECE_GAP:
        return False
    return not str(text.get_text_range(before, 1)).isspace()


def _piece(text: Any, first: int, end: int) -> Line | None:
    signs = [Box(*text.get_charbox(index)) for index in range(first, end + 1)]
    drawn = [sign for sign in signs if sign.right > sign.left and sign.top > sign.bottom]
    if not drawn:
        return None
    words = text.get_text_range(first, end - first + 1).strip("\r\n")
    return Line(_around(drawn), words)


def _apart(one: Box, other: Box) -> float:
    return max(one.left, other.left) - min(one.right, other.right)


def _around(boxes: list[Box]) -> Box:
    return Box(
        min(box.left for box in boxes),
        min(box.bottom for box in boxes),
        max(box.right for box in boxes),
        max(box.top for box in boxes),
    )


def _with_gaps(lines: tuple[Line, ...], text: Any, area: TypeArea) -> tuple[Line, ...]:
    """The widest space inside each line that fills its column."""
    signs: list[tuple[float, float, float]] = []
    for index in range(text.count_chars()):
        left, bottom, right, top = text.get_charbox(index)
        if right > left and top > bottom:
            signs.append(((bottom + top) / 2, left, right))
    signs.sort()
    heights = [sign[0] for sign in signs]
    return tuple(
        replace(line, gap=_gap(line.box, signs, heights)) if _is_full(line.box, area) else line
        for line in lines
    )


def _is_full(box: Box, area: TypeArea) -> bool:
    left, right = area.columns[_column_of(box, area)]
    return box.left < left + 30 and abs(box.right - right) < 6


def _gap(box: Box, signs: list[tuple[float, float, float]], heights: list[float]) -> float:
    first, last = bisect_left(heights, box.bottom), bisect_right(heights, box.top)
    inside = sorted(
        (left, right)
        for _, left, right in signs[first:last]
        if left >= box.left - 1 and right <= box.right + 1
    )
    return max((b[0] - a[1] for a, b in itertools.pairwise(inside)), default=0.0)


def _lines(pieces: Iterable[Line], area: TypeArea) -> tuple[Line, ...]:
    inside = [
        piece
        for piece in pieces
        if area.bottom - _SLACK <= piece.box.bottom and piece.box.top <= area.top + _SLACK
    ]
    lines: list[Line] = []
    for column in range(len(area.columns)):
        own = [piece for piece in inside if _column_of(piece.box, area) == column]
        lines += _joined(sorted(own, key=lambda piece: (-piece.box.bottom, piece.box.left)))
    return tuple(lines)


def _column_of(box: Box, area: TypeArea) -> int:
    """The column that a piece begins in."""
    lefts = [left for left, _ in area.columns]
    return max((n for n, left in enumerate(lefts) if box.left >= left - 12), default=0)


def _joined(pieces: list[Line]) -> list[Line]:
    """Rows of pieces whose heights overlap by half, each row's pieces from the left."""
    rows: list[list[Line]] = []
    for piece in pieces:
        row = next((row for row in rows[-3:] if _overlap(row[0].box, piece.box)), None)
        if row is None:
            rows.append([piece])
        else:
            row.append(piece)
    return [line for row in rows for line in _parts(sorted(row, key=lambda p: p.box.left))]


def _parts(row: list[Line]) -> list[Line]:
    parts: list[list[Line]] = [[row[0]]]
    for piece in row[1:]:
        near = piece.box.left - parts[-1][-1].box.right <= _PIECE_GAP
        if near:
            parts[-1].append(piece)
        else:
            parts.append([piece])
    return [
        Line(_around([piece.box for piece in part]), "".join(piece.text for piece in part))
        for part in parts
    ]


def _overlap(one: Box, other: Box) -> bool:
    shared = min(one.top, other.top) - max(one.bottom, other.bottom)
    return shared > 0.5 * min(one.height, other.height)


def _is_large(box: Box) -> bool:
    return box.right - box.left > 20 and box.height > 20


def _pictures(page: Any, area: TypeArea) -> Iterator[Box]:
    """Pictures and drawings of the type area, a drawing as the box around it."""
    for item in page.get_objects(filter=(_IMAGE, _FORM), max_depth=4):
        left, bottom, right, top = item.get_pos() if hasattr(item, "get_pos") else item.get_bounds()
        if bottom < area.top:
            yield Box(left, bottom, right, top)


def _photographs(page: Any) -> tuple[Photograph, ...]:
    found: list[Photograph] = []
    for item in page.get_objects(filter=(_IMAGE,), max_depth=2):
        left, bottom, right, top = item.get_bounds()
        pixels, _ = item.get_px_size()
        box = Box(left, bottom, right, top)
        if _is_large(box):
            found.append(Photograph(box, pixels * 72 / (right - left)))
    return tuple(found)


def _bookmarks(document: Any) -> tuple[Bookmark, ...]:
    found: list[Bookmark] = []
    for item in document.get_toc():
        place = item.get_dest()
        if place is None:
            continue
        _, numbers = place.get_view()
        top = float(numbers[1]) if len(numbers) > 1 else 0.0
        found.append(Bookmark(item.level, item.get_title(), place.get_index() + 1, top))
    return tuple(found)
