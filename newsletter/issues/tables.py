"""Tables, of Markdown or HTML: rows of cells with spans, and which tables only lay out a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from newsletter.issues.context import Context
from newsletter.issues.inlines import InlineReader
from newsletter.issues.tree import Node
from newsletter.model.blocks import Align, Cell, Paragraph, Table
from newsletter.model.inlines import Text

_MAX_SPAN = 100
_MAX_COLUMNS = 60
_LAID_OUT = frozenset({"blockquote", "details", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "table"})
_PARTS = frozenset({"thead", "tbody", "tfoot"})


def is_layout(node: Node) -> bool:
    """Whether an HTML table only places things on a page: then its content is read without it."""
    if not node.raw:
        return False
    if node.attrs.get("role") in ("presentation", "none"):
        return True
    cells = [inner for inner in node.walk() if inner.tag in ("td", "th")]
    inside = any(inner.tag in _LAID_OUT for inner in node.walk() if inner is not node)
    return inside or (len(cells) == 1 and cells[0].tag != "th")


def read_table(node: Node, reader: InlineReader, context: Context) -> Table:
    head: list[tuple[Cell, ...]] = []
    rows: list[tuple[Cell, ...]] = []
    for row, part in _rows(node):
        cells = tuple(_cells(row, reader))
        if not cells:
            continue
        is_head = part == "thead" or (not part and not head and not rows and _all_headers(cells))
        (head if is_head and not rows else rows).append(cells)
    caption = node.first("caption")
    title = reader.run(caption.children, caption.line) if caption else ()
    if head and not any(cell.children for row in head for cell in row):
        head = []  # Markdown cannot write a table without a head; an empty one means none
    return Table(context.source(node.line), tuple(head), tuple(rows), title)


def is_too_wide(table: Table, context: Context) -> bool:
    """Whether no page, screen or mail could hold it; told at its first line."""
    widest = max((len(row) for row in (*table.head, *table.rows)), default=0)
    if widest > _MAX_COLUMNS:
        context.error(
            "table-too-wide",
            table.source.line - context.offset,
            f"a table of {widest:,} columns; at most {_MAX_COLUMNS} can be shown",
            "Its rows are shown as lines. Turn it round, or make several tables of it.",
        )
    return widest > _MAX_COLUMNS


def as_lines(table: Table) -> tuple[Paragraph, ...]:
    """Every row as a paragraph, its cells between bars."""
    rows = [row for row in (*table.head, *table.rows) if any(cell.children for cell in row)]
    lines = [Paragraph(table.source, table.caption)] if table.caption else []
    for row in rows:
        bars = [(Text(" | "), *cell.children) for cell in row if cell.children]
        lines.append(Paragraph(table.source, tuple(chain.from_iterable(bars))[1:]))
    return tuple(lines)


def _all_headers(cells: tuple[Cell, ...]) -> bool:
    return all(cell.header for cell in cells)


def _rows(node: Node) -> Iterator[tuple[Node, str]]:
    """Rows with the part they stand in. Text astray between rows is kept as a row of its own."""
    for child in node.children:
        if isinstance(child, str):
            if child.strip():
                yield Node("tr", node.line, {}, [Node("td", node.line, {}, [child])]), "tbody"
        elif child.tag in _PARTS:
            for row, _ in _rows(child):
                yield row, child.tag
        elif child.tag == "tr":
            yield child, ""
        elif child.tag in ("td", "th"):
            yield Node("tr", child.line, {}, [child]), ""
        elif child.tag not in ("caption", "colgroup", "col"):
            yield Node("tr", child.line, {}, [Node("td", child.line, {}, [child])]), "tbody"


def _cells(row: Node, reader: InlineReader) -> Iterator[Cell]:
    for child in row.children:
        if isinstance(child, str):
            if child.strip():
                yield Cell(reader.run([child], row.line))
        elif child.tag in ("td", "th"):
            yield Cell(
                reader.run(child.children, child.line),
                alignment(child) or alignment(row),
                child.tag == "th",
                _span(child, "colspan"),
                _span(child, "rowspan"),
            )
        else:
            children = reader.run([child], child.line)
            if children:
                yield Cell(children)


def alignment(node: Node) -> Align:
    written = node.attrs.get("align", "").lower()
    styled = re.search(r"text-align\s*:\s*(\w+)", node.attrs.get("style", ""))
    if styled:
        written = styled[1].lower()
    if node.tag == "center":
        written = "center"
    return Align(written) if written in ("left", "center", "right") else Align.NONE


def _span(node: Node, name: str) -> int:
    digits = re.match(r"\s*(\d{1,4})", node.attrs.get(name, ""))
    return min(max(int(digits[1]), 1), _MAX_SPAN) if digits else 1
