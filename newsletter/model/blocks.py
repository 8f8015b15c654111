"""What an article is made of, top to bottom. Each block knows the line it was written on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from newsletter.model.inlines import Inline
from newsletter.model.picture import Image
from newsletter.problems import Source


class Align(StrEnum):
    NONE = ""
    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Paragraph:
    source: Source
    children: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` is 3 to 6, normalised: an article's title is 2, its first headings are 3, none is skipped.
    `anchor` is unique in the issue."""

    source: Source
    level: int
    children: tuple[Inline, ...]
    anchor: str


@dataclass(frozen=True, slots=True)
class Doi:
    """A line that holds a DOI and nothing else; `doi` is `10.…/…`, its address `https://doi.org/<doi>`."""

    source: Source
    doi: str

    @property
    def url(self) -> str:
        return f"https://doi.org/{self.doi}"


@dataclass(frozen=True, slots=True)
class ListItem:
    """`checked` is None but in a task list."""

    blocks: tuple[Block, ...]
    checked: bool | None = None


@dataclass(frozen=True, slots=True)
class BulletList:
    source: Source
    items: tuple[ListItem, ...]
    tight: bool = True


@dataclass(frozen=True, slots=True)
class OrderedList:
    source: Source
    items: tuple[ListItem, ...]
    start: int = 1
    tight: bool = True


@dataclass(frozen=True, slots=True)
class Definition:
    term: tuple[Inline, ...]
    meanings: tuple[tuple[Block, ...], ...]


@dataclass(frozen=True, slots=True)
class DefinitionList:
    source: Source
    items: tuple[Definition, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """`pull` is True for `::: quote`, a pull quote; else an ordinary quotation."""

    source: Source
    blocks: tuple[Block, ...]
    pull: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A box beside the argument: `::: note Title`. `kind` is note, tip, warning, data, …"""

    source: Source
    blocks: tuple[Block, ...]
    kind: str = "note"
    title: tuple[Inline, ...] = ()


@dataclass(frozen=True, slots=True)
class Details:
    """Folded text; mail and print show it unfolded."""

    source: Source
    summary: tuple[Inline, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class CodeBlock:
    source: Source
    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    children: tuple[Inline, ...]
    align: Align = Align.NONE
    header: bool = False
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """`head` may be empty. Rows may differ in length only by spans."""

    source: Source
    head: tuple[tuple[Cell, ...], ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: tuple[Inline, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """`number` counts from 1 in its article, before anything is cut; `anchor` is `fig-<name>`, unique in the
    issue. `caption` has no “Figure 1:” of its own; `credit` is what followed ` · ` in the title."""

    source: Source
    image: Image
    number: int
    anchor: str
    caption: tuple[Inline, ...] = ()
    credit: tuple[Inline, ...] = ()
    wide: bool = False
    url: str = ""
    """Where a click goes, when the author linked the picture."""


@dataclass(frozen=True, slots=True)
class Divider:
    source: Source


@dataclass(frozen=True, slots=True)
class Group:
    """Blocks in another language or direction, or aligned otherwise, than their surroundings."""

    source: Source
    blocks: tuple[Block, ...]
    language: str = ""
    direction: str = ""
    align: Align = Align.NONE


Block = (
    Paragraph
    | Heading
    | Doi
    | BulletList
    | OrderedList
    | DefinitionList
    | Quote
    | Note
    | Details
    | CodeBlock
    | Table
    | Figure
    | Divider
    | Group
)


def nested_blocks(block: Block) -> Iterator[tuple[Block, ...]]:
    """The runs of blocks directly inside a block."""
    match block:
        case BulletList(items=items) | OrderedList(items=items):
            for item in items:
                yield item.blocks
        case DefinitionList(items=definitions):
            for definition in definitions:
                yield from definition.meanings
        case Quote() | Note() | Details() | Group():
            yield block.blocks
        case _:
            pass


def walk_blocks(blocks: Iterable[Block]) -> Iterator[Block]:
    """Every block in reading order, parents before what is inside them."""
    for block in blocks:
        yield block
        for inner in nested_blocks(block):
            yield from walk_blocks(inner)


def block_inlines(block: Block) -> Iterator[tuple[Inline, ...]]:
    """The runs of inlines directly in a block (not those of blocks inside it)."""
    match block:
        case Paragraph(children=children) | Heading(children=children):
            yield children
        case DefinitionList(items=definitions):
            for definition in definitions:
                yield definition.term
        case Note(title=title):
            yield title
        case Details(summary=summary):
            yield summary
        case Table():
            yield block.caption
            for row in (*block.head, *block.rows):
                for cell in row:
                    yield cell.children
        case Figure():
            yield block.caption
            yield block.credit
        case _:
            pass
