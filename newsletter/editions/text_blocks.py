"""Blocks and inlines as plain text, from the same values that the HTML is made of, never by stripping HTML.

A writer belongs to one article: it numbers the links it meets, each address once, as `[n]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import assert_never

from newsletter.editions.markers import Markers, defused, defused_url, source_markers, tag_value
from newsletter.editions.text_lines import WIDTH, fill, underlined
from newsletter.editions.text_tables import table_lines
from newsletter.editions.words import Words
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
)
from newsletter.model.inlines import (
    Citation,
    Code,
    Emphasis,
    FigureReference,
    FootnoteCall,
    Inline,
    InlineImage,
    LineBreak,
    Link,
    MergeTag,
    Span,
    Strikethrough,
    Strong,
    Subscript,
    Superscript,
    Text,
    plain,
)
from newsletter.model.issue import Footnote, FurtherLink, Reference
from newsletter.model.language import is_wide
from newsletter.model.picture import Image

Lines = list[str]

_NARROWEST = 24
"""Columns that even the most deeply nested text keeps."""
_RAISED = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")


class TextWriter:
    """Writes the blocks of one article as lines. `links` holds its addresses in order of their numbers.
    `beginning` is True for a digest, where the notes and references are not shown, nor calls to them."""

    def __init__(
        self, words: Words, markers: Markers | None, web_url: str, *, beginning: bool = False
    ) -> None:
        self.beginning = beginning
        self.words = words
        self.markers = markers
        self.web_url = web_url
        self.links: dict[str, int] = {}

    # Inlines

    def inlines(self, inlines: Iterable[Inline]) -> str:
        return "".join(map(self.inline, inlines))

    def inline(self, inline: Inline) -> str:
        match inline:
            case Text(text) | Code(text):
                return self.plain(text)
            case Link():
                return self.link(inline)
            case Strong() | Emphasis() | Span():
                return self.inlines(inline.children)
            case Strikethrough():
                return f"~{self.inlines(inline.children)}~"
            case Superscript():
                return _shifted(self.inlines(inline.children), _RAISED, "^")
            case Subscript():
                return _shifted(self.inlines(inline.children), _LOWERED, "_")
            case LineBreak():
                return "\n"
            case FootnoteCall(number):
                return "" if self.beginning else f"〔{number}〕"
            case Citation(number):
                return "" if self.beginning else self.reference_label(number)
            case FigureReference():
                label = self.words.format("figure_number", number=inline.number)
                return self.inlines(inline.children) or label
            case MergeTag():
                return tag_value(inline, self.markers, self.web_url)
            case InlineImage(image):
                return self.inline_image(image)
            case _:
                assert_never(inline)

    def plain(self, text: str) -> str:
        return text if self.markers is None else defused(text)

    def link(self, link: Link) -> str:
        inner, address = self.inlines(link.children), self.address(link.url)
        if not address:
            return inner
        space = "" if not inner or is_wide(inner[-1]) else " "
        return f"{inner}{space}{self.number(address)}"

    def number(self, address: str) -> str:
        """`[n]` for an address, the same for the same address."""
        return f"[{self.links.setdefault(address, len(self.links) + 1)}]"

    def address(self, url: str) -> str:
        if "{{" in url:
            return source_markers(url, self.markers, web_url=self.web_url).strip()
        if url.startswith("#"):
            return self.web_url + url
        return url if self.markers is None else defused_url(url)

    def reference_label(self, number: int) -> str:
        return f"[{self.words.format('reference_label', number=number)}]"

    def inline_image(self, image: Image) -> str:
        text = f"[{self.plain(image.alt)}]" if image.alt else ""
        return f"{text} {self.number(self.address(image.url))}" if image.url else text

    # Blocks

    def blocks(self, blocks: Iterable[Block], width: int = WIDTH) -> Lines:
        """An empty line stands between two blocks."""
        return joined(self.block(block, width) for block in blocks)

    def block(self, block: Block, width: int) -> Lines:
        match block:
            case Paragraph():
                return fill(self.inlines(block.children), width)
            case Heading():
                return underlined(self.inlines(block.children), "~", width)
            case Figure():
                return self.figure(block, width)
            case Doi():
                label = f"{self.words['doi']}{self.words['colon']}{self.plain(block.doi)}"
                return fill(f"{label} {self.number(self.address(block.url))}", width)
            case BulletList():
                return self.list_items(block.items, ["- "] * len(block.items), block.tight, width)
            case OrderedList():
                last = block.start + len(block.items) - 1
                marks = [f"{n}. ".rjust(len(f"{last}. ")) for n in range(block.start, last + 1)]
                return self.list_items(block.items, marks, block.tight, width)
            case DefinitionList():
                return self.definition_list(block, width)
            case Quote():
                return prefixed(self.blocks(block.blocks, narrower(width, 2)), "> ")
            case Note():
                return self.note(block, width)
            case Details():
                summary = fill(self.inlines(block.summary), width) if block.summary else []
                return joined([summary, self.blocks(block.blocks, width)])
            case CodeBlock():
                return prefixed(self.plain(block.text).rstrip("\n").split("\n"), "    ")
            case Table():
                return self.table(block, width)
            case Divider():
                return ["* * *"]
            case Group():
                return self.blocks(block.blocks, width)
            case _:
                assert_never(block)

    def figure(self, figure: Figure, width: int) -> Lines:
        """`[图 1：alt]` and the caption under it, unless that says the same."""
        alt = figure.image.alt or plain(figure.caption)
        key = "figure_alt" if alt else "figure_plain"
        line = self.words.format(key, number=figure.number, alt=self.plain(" ".join(alt.split())))
        for url in dict.fromkeys((figure.url, figure.image.url)):
            if url and (address := self.address(url)):
                line += f" {self.number(address)}"
        caption = self.inlines(figure.caption)
        parts = [
            [] if caption == self.plain(alt) else fill(caption, width),
            fill(self.inlines(figure.credit), width),
        ]
        return fill(line, width) + [text for part in parts for text in part if text]

    def list_items(
        self, items: Sequence[ListItem], marks: Sequence[str], tight: bool, width: int
    ) -> Lines:
        written: list[Lines] = []
        for item, mark in zip(items, marks, strict=True):
            box = "" if item.checked is None else "[x] " if item.checked else "[ ] "
            inner = [self.block(block, narrower(width, len(mark + box))) for block in item.blocks]
            lines = [line for part in inner for line in part] if tight else joined(inner)
            written.append(prefixed(lines or [""], mark + box, " " * len(mark + box)))
        return [line for lines in written for line in lines] if tight else joined(written)

    def definition_list(self, block: DefinitionList, width: int) -> Lines:
        items: list[Lines] = []
        for item in block.items:
            lines = fill(self.inlines(item.term), width)
            for meaning in item.meanings:
                lines += prefixed(self.blocks(meaning, narrower(width, 4)), "    ")
            items.append(lines)
        return joined(items)

    def note(self, note: Note, width: int) -> Lines:
        label = self.inlines(note.title) or self.words.get(note.kind, self.words["note"])
        inner = narrower(width, 2)
        return prefixed(joined([fill(label, inner), self.blocks(note.blocks, inner)]), "| ")

    def table(self, table: Table, width: int) -> Lines:
        caption = fill(self.inlines(table.caption), width) if table.caption else []
        lines = table_lines(table, self.inlines, width, self.words["colon"])
        return joined([caption, lines])

    # What stands at an article's end

    def footnotes(self, footnotes: Iterable[Footnote]) -> Lines:
        notes: Lines = []
        for note in footnotes:
            mark = f"〔{note.number}〕"
            notes += prefixed(self.blocks(note.blocks, narrower(WIDTH, 4)), mark, "    ")
        return self._labelled("notes", notes)

    def references(self, references: Iterable[Reference]) -> Lines:
        lines: Lines = []
        for number, reference in enumerate(references, 1):
            address = self.address(reference.address) if reference.address else ""
            text = f"{self.reference_label(number)} {self.plain(reference.text)}"
            lines += fill(f"{text} {self.number(address)}" if address else text, rest="    ")
        return self._labelled("references", lines)

    def link_list(self, further: Sequence[FurtherLink]) -> Lines:
        """The addresses of the article by number, then further reading that the text did not link already."""
        lines = [f"[{number}] {address}" for address, number in self.links.items()]
        more: Lines = []
        for link in further:
            address = self.address(link.url)
            known, number = address in self.links, self.number(address)
            if link.title:
                more += fill(f"{number} {self.plain(link.title)}", rest="    ")
                more += [] if known else [f"    {address}"]
            else:
                more += [number if known else f"{number} {address}"]
        return joined([self._labelled("links", lines), self._labelled("further_links", more)])

    def _labelled(self, word: str, lines: Lines) -> Lines:
        return [f"{self.words[word]}{self.words['colon'].rstrip()}", *lines] if lines else []


def joined(parts: Iterable[Lines]) -> Lines:
    """The parts that are not empty, an empty line between two."""
    lines: Lines = []
    for part in parts:
        if part:
            lines += ["", *part] if lines else part
    return lines


def prefixed(lines: Lines, first: str, rest: str | None = None) -> Lines:
    others = first if rest is None else rest
    return [
        (others if i else first) + line if line else (others if i else first).rstrip()
        for i, line in enumerate(lines)
    ]


def narrower(width: int, by: int) -> int:
    return max(_NARROWEST, width - by)


def _shifted(text: str, table: dict[int, int], mark: str) -> str:
    """Raised or lowered characters where Unicode has them all, else a mark before them."""
    if all(ord(character) in table for character in text):
        return text.translate(table)
    return f"{mark}{text}" if len(text) == 1 else f"{mark}({text})"
