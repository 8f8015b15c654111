"""What stands inside a line of text. `newsletter/issues/markdown.py` makes these; editions read only these.

Soft line breaks are already settled (a space, or nothing between two wide characters), merge tags are
parsed, footnotes and figures are numbered: an edition never parses text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from newsletter.model.picture import Image


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Emphasis:
    children: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Strong:
    children: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Strikethrough:
    children: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Superscript:
    children: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Subscript:
    children: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Literal text in a fixed pitch."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """`url` is absolute (http, https, mailto, tel) and already checked, or `#anchor` inside the same issue."""

    url: str
    children: tuple[Inline, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class InlineImage:
    """A picture in running text (a lone one is a Figure)."""

    image: Image


@dataclass(frozen=True, slots=True)
class LineBreak:
    pass


@dataclass(frozen=True, slots=True)
class FootnoteCall:
    """`number` counts from 1 in its article, in order of first call; the text is in `Article.footnotes`."""

    number: int


@dataclass(frozen=True, slots=True)
class Citation:
    """`[12]` in the text; `number` is that of an entry of `Article.references`, from 1."""

    number: int


@dataclass(frozen=True, slots=True)
class FigureReference:
    """`[](#fig:name)`; `children` is the author's own text, empty for “Figure 3” in the issue's language."""

    number: int
    anchor: str
    children: tuple[Inline, ...] = ()


@dataclass(frozen=True, slots=True)
class MergeTag:
    """`{{ subscriber.name | default("…") }}`; `field` is `subscriber.<attribute>`, `unsubscribe_url` or `web_url`."""

    field: str
    default: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """Text in another language or direction than its surroundings."""

    children: tuple[Inline, ...]
    language: str = ""
    direction: str = ""


Inline = (
    Text
    | Emphasis
    | Strong
    | Strikethrough
    | Superscript
    | Subscript
    | Code
    | Link
    | InlineImage
    | LineBreak
    | FootnoteCall
    | Citation
    | FigureReference
    | MergeTag
    | Span
)


def walk(inlines: Iterable[Inline]) -> Iterator[Inline]:
    """Every inline in reading order, parents before their children."""
    for inline in inlines:
        yield inline
        yield from walk(getattr(inline, "children", ()))


def plain(inlines: Iterable[Inline]) -> str:
    """The words alone, as a reader without a recipient sees them: no notes, no markup, merge tags by default."""
    parts: list[str] = []
    for inline in walk(inlines):
        match inline:
            case Text(text) | Code(text):
                parts.append(text)
            case MergeTag(_, default):
                parts.append(default)
            case LineBreak():
                parts.append(" ")
            case InlineImage(image):
                parts.append(image.alt)
            case _:
                pass
    return "".join(parts)
