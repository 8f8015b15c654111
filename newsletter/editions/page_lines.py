"""The lines, pictures and headings of a finished PDF, for checks that look at pages as a reader does.

PDFium tells pieces of text of one font; pieces that share a height and a column are a line. What the
theme sets outside of the type area (running heads, page numbers) is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from newsletter.editions.page_images import opened
from newsletter.model.printed import Bookmark, Box, Line, Printed, PrintedPage, TypeArea

_SLACK = 3.0
"""Points that glyphs may reach over the type area above and below."""
_PIECE_GAP = 30.0
"""Points between two pieces of one line; a wider gap parts cells of a table."""
_IMAGE, _FORM = 3, 5


def printed_pages(pdf: bytes, area: TypeArea) -> Printed:
    """Reads a PDF that the print edition made; `area` in its points."""
    with opened(pdf) as document:
        pages = tuple(
            PrintedPage(
                number + 1,
                _lines(_pieces(document[number]), area),
                _pictures(document[number], area),
            )
            for number in range(len(document))
        )
        return Printed(pages, _bookmarks(document), area)


def _pieces(page: Any) -> list[Line]:
    text = page.get_textpage()
    boxes = [text.get_rect(index) for index in range(text.count_rects())]
    return [Line(Box(*box), text.get_text_bounded(*box).strip("\r\n")) for box in boxes]


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
        Line(
            Box(
                part[0].box.left,
                min(piece.box.bottom for piece in part),
                max(piece.box.right for piece in part),
                max(piece.box.top for piece in part),
            ),
            "".join(piece.text for piece in part),
        )
        for part in parts
    ]


def _overlap(one: Box, other: Box) -> bool:
    shared = min(one.top, other.top) - max(one.bottom, other.bottom)
    return shared > 0.5 * min(one.height, other.height)


def _pictures(page: Any, area: TypeArea) -> tuple[Box, ...]:
    """Pictures and drawings of the type area, a drawing as the box around it."""
    found: list[Box] = []
    for item in page.get_objects(filter=(_IMAGE, _FORM), max_depth=4):
        left, bottom, right, top = item.get_pos() if hasattr(item, "get_pos") else item.get_bounds()
        if right - left > 20 and top - bottom > 20 and bottom < area.top:
            found.append(Box(left, bottom, right, top))
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
