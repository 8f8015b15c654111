"""Inlines as data for the print template: plain dictionaries, text only ever as text.

Text is prepared for paper on the way: a character that no font has becomes 〓, a typed space between Han
and Latin goes (the engine sets its own quarter-em there), and long addresses may break.
"""

from __future__ import annotations

import itertools
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

from newsletter.editions.glyphs import GlyphCheck
from newsletter.editions.markers import tag_value
from newsletter.editions.print_links import LinkBook, address, shown_address
from newsletter.editions.print_pictures import PictureBook
from newsletter.editions.terms import terms_in
from newsletter.editions.words import Words
from newsletter.model.blocks import Block
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
from newsletter.model.issue import Footnote
from newsletter.model.language import against, direction, is_han, primary
from newsletter.model.picture import Image
from newsletter.problems import Problem, Source, notice

Data = dict[str, Any]

DEEPEST = 16
"""Marks nested deeper than this are set as plain text: the engine's reader of data ends at 128 levels."""

_HAN = r"[\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_IDEOGRAPH = r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_LATIN = r"[0-9A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff]"
_JOINT = re.compile(f"(?<={_HAN}) (?={_LATIN})|(?<={_LATIN}) (?={_HAN})")
_APOSTROPHE = re.compile("(?<=[A-Za-z])’(?=[A-Za-z])")
_LONG = re.compile(r"[!-~]{26,}")
_BREAKS = re.compile(r"([/?&=_.:;,#+-])(?=[^/?&=_.:;,#+-])")
_LONGEST_WORD = 60
_LETTERS, _SIGNS = 24, 8
ZERO_WIDTH_SPACE = "\u200b"


@dataclass(frozen=True)
class Desk:
    """What all parts of one printed issue share."""

    words: Words
    glyphs: GlyphCheck
    pictures: PictureBook
    anchors: frozenset[str]
    """What is printed and can be linked to."""
    web_url: str
    """Where the issue is on the web."""
    only_on_the_web: frozenset[str] = frozenset()
    """What can be linked to there and is not printed."""
    told: list[Problem] = field(default_factory=list)


class InlineWriter(ABC):
    """Writes the inlines of one article. `source` is the block they stand in: it moves as blocks are written."""

    def __init__(
        self,
        desk: Desk,
        anchor: str,
        language: str,
        source: Source,
        *,
        links: LinkBook,
        footnotes: Iterable[Footnote] = (),
    ) -> None:
        self.desk = desk
        self.anchor = anchor
        self.language = language
        self.source = source
        self.links = links
        self._notes: Mapping[int, Footnote] = {note.number: note for note in footnotes}
        self._noted: set[str] = set()
        self._in_note = False

    def inlines(self, inlines: Iterable[Inline]) -> list[Data]:
        """One run of text, as in a paragraph."""
        inlines = tuple(inlines)
        nodes = self._nodes(inlines, 0)
        if is_han(self.language):
            _tighten(nodes)
        if nodes and against(plain(inlines), self.language):
            # Its marks stand at its own ends, not at those of the language around it.
            return [{"kind": "span", "direction": "ltr", "lang": "", "children": nodes}]
        return nodes

    def text(self, text: str) -> str:
        """Plain text made fit for paper: a title, an address, a caption."""
        text = self.desk.glyphs.drawable(text, self.source)
        return _JOINT.sub("", text) if is_han(self.language) else text

    @abstractmethod
    def blocks(self, blocks: Iterable[Block]) -> list[Data]: ...

    def _nodes(self, inlines: Iterable[Inline], depth: int) -> list[Data]:
        nodes: list[Data] = []
        for inline in inlines:
            nodes += self._node(inline, depth)
        return nodes

    def _node(self, inline: Inline, depth: int) -> list[Data]:
        match inline:
            case Text(text):
                return self._words(text)
            case MergeTag():
                return self._words(tag_value(inline, None, self.desk.web_url))
            case Code(text):
                shown = breakable(self.desk.glyphs.drawable(text, self.source), code=True)
                return [{"kind": "code", "text": shown}]
            case LineBreak():
                return [{"kind": "break"}]
            case InlineImage(image):
                return [{"kind": "image", **self._image(image)}]
            case FootnoteCall(number):
                return self._footnote(number)
            case Citation(number):
                target = f"{self.anchor}:ref:{number}"
                return [{"kind": "citation", "number": number, "target": self._target(target)}]
            case FigureReference(number, anchor, children):
                label = self.desk.words.format("figure_number", number=number)
                # Its number begins no line. Between Han and Latin the engine sets the space itself, and takes no other.
                label = label if is_han(self.language) else label.replace(" ", "\u00a0")
                words = self._nodes(children, depth + 1) or self._words(label)
                return [{"kind": "local", "target": self._target(anchor), "children": words}]
            case Link():
                return self._link(inline, depth)
            case Span(children, language, side):
                return self._span(children, language, side, depth)
            case Strong() | Emphasis() | Strikethrough() | Superscript() | Subscript():
                if depth >= DEEPEST:
                    return self._words(plain(inline.children))
                kind = type(inline).__name__.lower()
                return [{"kind": kind, "children": self._nodes(inline.children, depth + 1)}]
            case _:
                assert_never(inline)

    def _words(self, text: str) -> list[Data]:
        """Text nodes. In Han fonts ’ is as wide as a character: one inside a Latin word is set from a Latin font."""
        text = breakable(self.desk.glyphs.drawable(text, self.source))
        nodes: list[Data] = []
        for part in _APOSTROPHE.split(text) if is_han(self.language) else [text]:
            nodes += [{"kind": "apostrophe"}] if nodes else []
            nodes += self._with_terms(part)
        return nodes

    def _with_terms(self, text: str) -> list[Data]:
        """Text nodes, and one of its own for each term that stays on one line. Such a one is a box; that would change the
        order of what stands beside it in a text that runs to the left, so there its parts are joined by unseen signs."""
        nodes: list[Data] = []
        done = 0
        joined = direction(self.language) == "rtl"
        for begin, end in terms_in(text):
            nodes += [{"kind": "text", "text": text[done:begin]}] if begin > done else []
            term: Data = {"kind": "term", "text": text[begin:end], "joined": joined}
            nodes.append(term | {"before": False, "after": False})
            done = end
        return [*nodes, {"kind": "text", "text": text[done:]}] if text[done:] else nodes

    def _link(self, link: Link, depth: int) -> list[Data]:
        words = (
            self._nodes(link.children, depth + 1)
            if depth < DEEPEST
            else self._words(plain(link.children))
        )
        url = address(link, self.desk.web_url)
        if url.startswith("#") or not url:
            anchor = url.removeprefix("#")
            if target := self._target(anchor):
                return [{"kind": "local", "target": target, "children": words}]
            if anchor not in self.desk.only_on_the_web:
                return words
            self.desk.told.append(_on_the_web(plain(link.children), self.source))
            return [{"kind": "link", "url": f"{self.desk.web_url}#{anchor}", "children": words}]
        words = words or self._words(shown_address(url))
        if against(plain(link.children), self.language, 1):
            words = [{"kind": "span", "direction": "ltr", "lang": "", "children": words}]
        return [{"kind": "link", "url": url, "children": words} | self._address(url)]

    def _address(self, url: str) -> Data:
        """How paper shows where a link leads: nothing, a number in the list, a note at the foot."""
        if url not in self.links.numbers or self._in_note:
            return {}
        label = f"{self.anchor}:link:{self.links.numbers[url]}"
        if self.links.listed:
            return {"listed": self.links.mark(url), "target": label}
        again = label in self._noted
        self._noted.add(label)
        return {"note": label, "again": again, "shown": self.text(shown_address(url))}

    def _image(self, image: Image) -> Data:
        return self.desk.pictures.inline(image, self.text(image.alt), self.source)

    def _footnote(self, number: int) -> list[Data]:
        note = self._notes.get(number)
        if note is None or self._in_note:
            return [{"kind": "superscript", "children": [{"kind": "text", "text": str(number)}]}]
        label = f"{self.anchor}:note:{number}"
        if label in self._noted:
            return [{"kind": "footnote", "note": label, "again": True, "blocks": []}]
        self._noted.add(label)
        before, self.source, self._in_note = self.source, note.source, True
        blocks = self.blocks(note.blocks)
        self.source, self._in_note = before, False
        return [{"kind": "footnote", "note": label, "again": False, "blocks": blocks}]

    def _span(
        self, children: tuple[Inline, ...], language: str, side: str, depth: int
    ) -> list[Data]:
        if depth >= DEEPEST:
            return self._words(plain(children))
        side = side or (direction(language) if language else "")
        nodes = self._nodes(children, depth + 1)
        if not side:
            return nodes
        lang = primary(language) if language else ""
        return [{"kind": "span", "direction": side, "lang": lang, "children": nodes}]

    def _target(self, anchor: str) -> str | None:
        return anchor if anchor in self.desk.anchors else None


def _on_the_web(words: str, source: Source) -> Problem:
    return notice(
        "print-link-web",
        source,
        f"“{words}” leads to a part of the issue that is not printed",
        "On paper it leads to the web edition. Print that part (print: full), or leave the link out.",
    )


def breakable(text: str, *, code: bool = False) -> str:
    """Lets addresses and other long runs without a space break where a reader expects it. In code, words are broken too:
    in a text they are hyphenated."""
    if len(text) < 26:
        return text
    return _LONG.sub(lambda run: _opened(run.group(), code), text)


def _opened(run: str, code: bool) -> str:
    parts = _BREAKS.sub(rf"\1{ZERO_WIDTH_SPACE}", run).split(ZERO_WIDTH_SPACE)
    return ZERO_WIDTH_SPACE.join(ZERO_WIDTH_SPACE.join(_cut(part, code)) for part in parts)


def _cut(part: str, code: bool) -> list[str]:
    """A word whole, if it can be hyphenated; what is none, a check sum for one, fills its lines to the end."""
    if not code and part.isalpha() and len(part) <= _LONGEST_WORD:
        return [part]
    step = _SIGNS if part.isalnum() and not part.isalpha() else _LETTERS
    return [part[at : at + step] for at in range(0, len(part), step)]


def _tighten(nodes: list[Data]) -> None:
    """Takes typed spaces out of Han–Latin joints, also where the joint falls between two nodes."""
    leaves = list(_leaves(nodes))
    for leaf in leaves:
        leaf["text"] = _JOINT.sub("", leaf["text"])
    for one, other in itertools.pairwise(leaves):
        joint = one["text"][-2:] + "\0" + other["text"][:2]
        if re.search(f"{_HAN} \0{_LATIN}|{_LATIN} \0{_HAN}", joint):
            one["text"] = one["text"][:-1]
        elif re.search(f"{_HAN}\0 {_LATIN}|{_LATIN}\0 {_HAN}", joint):
            other["text"] = other["text"][1:]
    for one, other in itertools.pairwise(leaves):
        # A term is a box: the engine sets no space beside it.
        if one["kind"] == "term":
            one["after"] = bool(re.match(_IDEOGRAPH, other["text"]))
        if other["kind"] == "term":
            other["before"] = bool(re.search(f"{_IDEOGRAPH}$", one["text"]))


def _leaves(nodes: Iterable[Data]) -> Iterable[Data]:
    for node in nodes:
        if node["kind"] in ("text", "term"):
            yield node
        yield from _leaves(node.get("children", ()))
