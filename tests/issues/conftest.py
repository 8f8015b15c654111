"""Helpers for reading small issues, and an outline of blocks that a person can judge by eye."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from newsletter.issues.reader import Reading, read_issue
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
)

ReadText = Callable[..., Reading]


@pytest.fixture
def read_text(tmp_path: Path) -> ReadText:
    """Reads one text as an issue of its own, with other files beside it."""

    def read(text: str | bytes, files: dict[str, bytes] | None = None) -> Reading:
        data = text.encode() if isinstance(text, str) else text
        for name, content in {"text.md": data, **(files or {})}.items():
            path = tmp_path / "issue" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return read_issue(tmp_path / "issue" / "text.md", default_language="en")

    return read


@pytest.fixture
def read_folder(tmp_path: Path) -> Callable[[dict[str, str | bytes]], Reading]:
    """Reads a folder `2026-05-01` with these files."""

    def read(files: dict[str, str | bytes]) -> Reading:
        root = tmp_path / "2026-05-01"
        root.mkdir(exist_ok=True)
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_issue(root, default_language="en")

    return read


@pytest.fixture
def letter(read_text: ReadText) -> Callable[..., str]:
    """The outline of a text that has no headings."""

    def read(text: str, files: dict[str, bytes] | None = None) -> str:
        issue = read_text(text, files).issue
        assert issue is not None
        return outline(issue.letter)

    return read


@pytest.fixture
def show() -> Callable[[Reading | Iterable[Block]], str]:
    """The outline of a reading's letter, or of blocks."""

    def outlined(shown: Reading | Iterable[Block]) -> str:
        if isinstance(shown, Reading):
            assert shown.issue is not None
            return outline(shown.issue.letter)
        return outline(shown)

    return outlined


def outline(blocks: Iterable[Block], indent: str = "") -> str:
    return "\n".join(line for block in blocks for line in _block(block, indent))


def _block(block: Block, indent: str) -> list[str]:
    inner = indent + "  "
    match block:
        case Paragraph(children=children):
            return [f"{indent}p {inline(children)}"]
        case Heading(level=level, children=children, anchor=anchor):
            return [f"{indent}h{level} {inline(children)} #{anchor}"]
        case Doi(doi=doi):
            return [f"{indent}doi {doi}"]
        case Divider():
            return [f"{indent}---"]
        case CodeBlock(text=text, language=language):
            return [f"{indent}code {language} {text!r}"]
        case BulletList(items=items) | OrderedList(items=items):
            kind = f"ol {block.start}" if isinstance(block, OrderedList) else "ul"
            lines = [f"{indent}{kind}{'' if block.tight else ' loose'}"]
            for item in items:
                mark = {None: "", True: " [x]", False: " [ ]"}[item.checked]
                lines += [f"{inner}li{mark}", outline(item.blocks, inner + "  ")]
            return lines
        case DefinitionList(items=definitions):
            lines = [f"{indent}dl"]
            for definition in definitions:
                lines.append(f"{inner}dt {inline(definition.term)}")
                lines += [outline(meaning, inner + "  ") for meaning in definition.meanings]
            return lines
        case Quote(blocks=blocks, pull=pull):
            return [f"{indent}{'pull quote' if pull else 'quote'}", outline(blocks, inner)]
        case Note(blocks=blocks, kind=kind, title=title):
            return [f"{indent}note {kind}: {inline(title)}", outline(blocks, inner)]
        case Details(summary=summary, blocks=blocks):
            return [f"{indent}details {inline(summary)}", outline(blocks, inner)]
        case Group(blocks=blocks):
            return [
                f"{indent}group {block.language}{block.direction}{block.align}",
                outline(blocks, inner),
            ]
        case Figure():
            parts = [
                f"figure {block.number} #{block.anchor} {block.image.picture or block.image.url}"
            ]
            parts += [f"alt={block.image.alt!r}"]
            parts += [f"caption={inline(block.caption)!r}"] if block.caption else []
            parts += [f"credit={inline(block.credit)!r}"] if block.credit else []
            parts += ["wide"] if block.wide else []
            parts += [f"to={block.url}"] if block.url else []
            return [indent + " ".join(parts)]
        case Table():
            lines = [f"{indent}table {inline(block.caption)}".rstrip()]
            for rows, mark in ((block.head, "="), (block.rows, "|")):
                for row in rows:
                    lines.append(inner + mark + " " + f" {mark} ".join(map(_cell, row)))
            return lines


def _cell(cell: object) -> str:
    from newsletter.model.blocks import Cell

    assert isinstance(cell, Cell)
    spans = f"({cell.columns}x{cell.rows})" if cell.columns > 1 or cell.rows > 1 else ""
    return f"{cell.align[:1]}{spans}{'*' if cell.header else ''}{inline(cell.children)}"


def inline(inlines: Iterable[Inline]) -> str:
    return "".join(map(_inline, inlines))


def _inline(one: Inline) -> str:
    match one:
        case Text(text):
            return text
        case Code(text):
            return f"`{text}`"
        case LineBreak():
            return "⏎"
        case FootnoteCall(number):
            return f"^{number}"
        case Citation(number):
            return f"cite{number}"
        case MergeTag(name, default):
            return f"«{name}|{default}»"
        case InlineImage(image):
            return f"img({image.picture or image.url},{image.alt})"
        case FigureReference(number, anchor, children):
            return f"fig{number}#{anchor}({inline(children)})"
        case Link(url, children):
            return f"[{inline(children)}]({url})"
        case Span(children, language, direction):
            return f"span{{{language}{direction}|{inline(children)}}}"
        case Emphasis(children):
            return f"_{inline(children)}_"
        case Strong(children):
            return f"*{inline(children)}*"
        case Strikethrough(children):
            return f"~{inline(children)}~"
        case Superscript(children):
            return f"sup({inline(children)})"
        case Subscript(children):
            return f"sub({inline(children)})"
