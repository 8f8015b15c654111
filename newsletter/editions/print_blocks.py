"""Blocks as data for the print template: one dictionary a block, `kind` saying which.

Levels of headings are made whole on the way (PDF/UA forbids a skipped one), pictures get their printed
size, and what is nested deeper than a page can show is set flat.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from typing import assert_never

from newsletter.editions.print_inlines import Data, InlineWriter, breakable
from newsletter.editions.print_page import Page
from newsletter.editions.print_tables import PlacedCell, placed, shares
from newsletter.model.blocks import (
    Block,
    BulletList,
    CodeBlock,
    DefinitionList,
    Details,
    Divider,
    Doi,
    Figure,
    Group,
    Heading,
    ListItem,
    Note,
    OrderedList,
    Paragraph,
    Quote,
    Table,
    nested_blocks,
)
from newsletter.model.inlines import Strong, plain
from newsletter.model.language import LINE, against, columns, direction
from newsletter.model.measure import block_text

DEEPEST = 8
"""Blocks nested deeper than this are set flat."""

_FIGURE_PART = 0.82
"""How much of a wide column a figure takes."""

_INNER_PART = 0.86
"""How much of a column one in a box or list takes."""

_LOW = 0.33
"""A figure that takes less of a page than this, caption and all, may leave that much empty before it."""

_SHORT = 0.12
_FEW = 5
"""A quotation that takes less of a column is not torn apart, nor is a list of a few items."""

_SIGN = 0.51
"""How wide a sign of a table is, about, for its size."""

_CODE_SIDES = 20.0
_CODE_SIGN = 0.49
"""Points at the sides of a box of code, and how wide a sign in it is for the size of the text: nine tenths of nine
tenths, three fifths wide."""

_LEADING_COLUMNS = 120
_NAMED = (BulletList, OrderedList, DefinitionList, CodeBlock, Table, Quote)

_HIGHEST = 0.62
"""How much of the type area's height a picture may take, so that its caption stays with it."""


class BlockWriter(InlineWriter):
    """Writes the blocks of one article. `page` gives the sizes; `level` is that of the heading above."""

    page: Page
    level: int = 2
    boxed: bool = False
    """Whether the whole article stands in a frame."""
    _depth: int = 0
    _after: Block | None = None
    """What follows the block that is being written."""
    _filled: float = 0.0
    """How much of a column the article has taken so far, about."""
    _length: float = 0.0
    """How much its text will take in all."""

    def blocks(self, blocks: Iterable[Block]) -> list[Data]:
        written: list[Data] = []
        blocks = tuple(blocks)
        for block, self._after in itertools.zip_longest(blocks, blocks[1:]):
            if hasattr(block, "source"):
                self.source = block.source
            if self._depth >= DEEPEST and (inner := list(nested_blocks(block))):
                for run in inner:
                    written += self.blocks(run)
            else:
                written.append(self._block(block))
                self._fill(block)
        return written if self._depth else _together(written)

    @property
    def _inner(self) -> bool:
        return self.boxed or self._depth > 0

    def article(self, blocks: tuple[Block, ...]) -> list[Data]:
        """All blocks of an article, whose length decides how its figures may move."""
        self._length = self._columns_of(blocks)
        return self.blocks(blocks)

    def _fill(self, block: Block) -> None:
        if self._depth == 0:
            self._filled += self._columns_of([block])

    def _columns_of(self, blocks: Iterable[Block]) -> float:
        lines = columns(block_text(blocks)) * self.page.size / 2 / self.page.measure
        return lines * self.page.pitch / self.page.height

    def _inside(self, blocks: Iterable[Block]) -> list[Data]:
        self._depth += 1
        try:
            return self.blocks(blocks)
        finally:
            self._depth -= 1

    def _block(self, block: Block) -> Data:
        match block:
            case Paragraph():
                return self._paragraph(block)
            case Heading():
                return self._heading(block)
            case Doi():
                return {"kind": "doi", "doi": self.text(block.doi), "url": block.url}
            case BulletList():
                return {"kind": "bullets"} | self._list(block)
            case OrderedList():
                return {"kind": "numbers", "start": block.start} | self._list(block)
            case DefinitionList():
                return self._definitions(block)
            case Quote():
                kind = "pull" if block.pull else "quote"
                whole = self._columns_of(block.blocks) < _SHORT
                return {"kind": kind, "blocks": self._inside(block.blocks), "whole": whole}
            case Note():
                return self._note(block)
            case Details():
                summary = self.inlines(block.summary)
                return {"kind": "details", "summary": summary, "blocks": self._inside(block.blocks)}
            case CodeBlock():
                return {"kind": "code", "text": self._code(block)}
            case Table():
                return self._table(block)
            case Figure():
                return self.figure(block)
            case Divider():
                return {"kind": "divider"}
            case Group():
                return {
                    "kind": "group",
                    "direction": block.direction
                    or (direction(block.language) if block.language else ""),
                    "align": block.align.value,
                    "blocks": self._inside(block.blocks),
                }
            case _:
                assert_never(block)

    def _paragraph(self, block: Paragraph) -> Data:
        leads = _leads(block, self._after) if self._depth == 0 else self._leads_list(block)
        written = {"kind": "paragraph", "children": self.inlines(block.children), "leads": leads}
        words = plain(block.children)
        if len(words) > LINE and against(words, self.language):
            return {"kind": "group", "direction": "ltr", "align": "", "blocks": [written]}
        return written

    def _leads_list(self, block: Paragraph) -> bool:
        """Whether it is a short line in an item that has a list under it."""
        is_list = isinstance(self._after, BulletList | OrderedList)
        return is_list and columns(plain(block.children)) <= _LEADING_COLUMNS

    def _heading(self, heading: Heading) -> Data:
        self.level = min(max(heading.level, 3), self.level + 1, 6)
        return {
            "kind": "heading",
            "level": self.level,
            "anchor": heading.anchor,
            "children": self.inlines(heading.children),
        }

    def _code(self, block: CodeBlock) -> str:
        """A run of signs that is wider than its box may be broken; all else is copied as it was written."""
        part = _INNER_PART if self._inner else 1.0
        fit = int((self.page.measure * part - _CODE_SIDES) / (self.page.size * _CODE_SIGN))
        text = self.desk.glyphs.drawable(block.text, block.source)
        return re.sub(rf"\S{{{fit},}}", lambda run: breakable(run.group(), code=True), text)

    def _list(self, block: BulletList | OrderedList) -> Data:
        items = [
            {"checked": item.checked, "blocks": self._inside(item.blocks)} for item in block.items
        ]
        return {"tight": block.tight, "items": items, "whole": self._is_short(block.items)}

    def _is_short(self, items: tuple[ListItem, ...]) -> bool:
        """Whether it is not torn apart: a few items of a line or two."""
        single = all(len(item.blocks) == 1 for item in items)
        words = (block for item in items for block in item.blocks)
        return len(items) <= _FEW and single and self._columns_of(words) < _SHORT

    def _definitions(self, block: DefinitionList) -> Data:
        items = [
            {
                "term": self.inlines(item.term),
                "meanings": [self._inside(meaning) for meaning in item.meanings],
            }
            for item in block.items
        ]
        return {"kind": "definitions", "items": items}

    def _note(self, note: Note) -> Data:
        words = self.desk.words
        label = words[note.kind] if note.kind in words else words["note"]
        title = self.inlines(note.title)
        return {
            "kind": "note",
            "label": "" if title else label,
            "title": title,
            "blocks": self._inside(note.blocks),
        }

    def _table(self, table: Table) -> Data:
        head = placed(table.head)
        body = placed(table.rows, len(table.head))
        across = max((cell.x + cell.columns for cell in (*head, *body)), default=1)
        rows = len(table.head) + len(table.rows)
        wide = across > 6 and self.page.columns > 1 and not self._inner and rows <= 20
        letters = (
            6.0 if across > 10 else 7.0 if across > 6 else 7.5 if self.page.columns > 1 else 8.5
        )
        room = (self.page.width if wide else self.page.measure) * (
            _INNER_PART if self._inner else 1
        )
        return {
            "kind": "table",
            "columns": across,
            "shares": shares((*head, *body), across, room / letters / _SIGN),
            "head-rows": len(table.head),
            "head": [self._cell(cell) for cell in head],
            "body": [self._cell(cell) for cell in body],
            "caption": self.inlines(table.caption),
            "wide": wide,
        }

    def _cell(self, placed: PlacedCell) -> Data:
        return {
            "children": self.inlines(placed.cell.children),
            "align": placed.cell.align.value,
            "header": placed.cell.header,
            "x": placed.x,
            "y": placed.y,
            "columns": placed.columns,
            "rows": placed.rows,
        }

    def figure(self, figure: Figure) -> Data:
        """A numbered picture. In two columns a wide one goes over both."""
        page, wide = self.page, figure.wide and not self._inner
        column = page.width if wide else page.measure
        if self._inner:
            part = _INNER_PART
        else:
            part = _FIGURE_PART if page.columns == 1 and not wide else 1.0
        caption = self.inlines(figure.caption)
        label = self.desk.words.format("figure_number", number=figure.number)
        alt = self.text(figure.image.alt) or self.text(plain(figure.caption))
        size = self.desk.pictures.figure(
            figure.image,
            width=column * part,
            height=page.height * _HIGHEST,
            source=figure.source,
        )
        return size | {
            "kind": "figure",
            "anchor": figure.anchor,
            "within": self.anchor,
            "label": label,
            "alt": alt,
            "decorative": not alt,
            "missing": self.desk.words["picture_missing"],
            "remote": figure.image.url,
            "url": figure.url,
            "wide": wide and page.columns > 1,
            "place": self._place(size["height"]),
            "caption": caption,
            "credit": self.inlines(figure.credit),
        }

    def _place(self, height: float) -> str:
        """Where the engine may move a figure so that no page stays empty before it. Near the head of its
        article only downwards: at the top of that page it would stand above the title. A low one in a
        short article stays, or it would stand below the article's end."""
        part = (height + 2 * self.page.pitch) / self.page.height
        if self._inner or (part < _LOW and self._length < 0.5):
            return "here"
        early = self._filled < 0.5
        self._filled += part
        return "bottom" if early else "auto"


def _leads(paragraph: Paragraph, after: Block | None) -> bool:
    """Whether it is a short line in bold, such as a question, which what follows answers, or one that ends in a colon
    before what it names."""
    words = plain(paragraph.children).rstrip()
    strong = all(isinstance(inline, Strong) for inline in paragraph.children)
    names = words.endswith((":", "：")) and isinstance(after, _NAMED)
    return (strong or names) and 0 < columns(words) <= _LEADING_COLUMNS


def _together(blocks: list[Data]) -> list[Data]:
    """Headings and leading lines in one piece with the short list or quotation behind them. Each stays with the next by
    itself; but where the latter has a note that finds no room, the engine takes only that to the next page."""
    written: list[Data] = []
    held: list[Data] = []
    for block in blocks:
        if block["kind"] == "heading" or block.get("leads"):
            held.append(block)
            continue
        if held and block.get("whole") and "note" in repr(block):
            group = {"kind": "group", "direction": "", "align": "", "whole": True}
            written.append(group | {"blocks": [*held, block]})
        else:
            written += [*held, block]
        held = []
    return written + held
