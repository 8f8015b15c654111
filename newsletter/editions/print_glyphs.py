"""The glyphs of a page's content as the print engine writes it, and what is said of them.

Reads the operators that show text, `Tf`, `Tj` and `TJ`, and the marks around them that say what is shown (`ActualText`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

STRING = rb"\((?:\\.|[^\\()]|\((?:\\.|[^\\()]|\((?:\\.|[^\\()])*\))*\))*\)|<[0-9A-Fa-f]*>"
_TOKEN = re.compile(
    rb"(?s)/Span<</ActualText<FEFF(?P<text>[0-9A-F]*)>>>BDC"
    rb"|(?P<open>\bB(?:DC|MC)\b)|(?P<close>\bEMC\b)|/(?P<font>f\d+) [\d.-]+ Tf"
    rb"|(?P<shown>\[(?:[^\]()<]|" + STRING + rb")*\]\s?TJ|(?:" + STRING + rb")\s?Tj)"
)
_STRINGS = re.compile(STRING, re.S)
_ESCAPE = re.compile(rb"(?s)\\([0-7]{1,3}|\r\n|.)")
_ESCAPED = {
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"b": b"\b",
    b"f": b"\f",
    b"\n": b"",
    b"\r\n": b"",
}
_NOTHING = b"/Span<</ActualText<FEFF2060>>>BDC"
"""A sign that nobody sees. No sign at all would be right, but some readers then ask the font."""

UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Piece:
    """Glyphs of one font of which one text is said, the `at`th and following of the page. `said` are the places of the
    marks that say so, none where the font itself does."""

    font: int
    at: int
    glyphs: tuple[int, ...]
    text: str
    said: tuple[slice, ...] = ()


Group = list[Piece]
"""Pieces one after the other that together stand for the text that is said of each of them."""


@dataclass
class _Mark:
    """A mark that is open; `text` is what it says, None when it says nothing of the kind."""

    place: slice
    at: int
    text: str | None = None
    glyphs: list[int] = field(default_factory=list)


class Content:
    """What a page shows. `names` are its fonts by name, `fonts` what their glyphs stand for."""

    def __init__(
        self, content: bytes, names: Mapping[bytes, int], fonts: Mapping[int, Mapping[int, str]]
    ) -> None:
        self._content = content
        self.bare: dict[int, set[int]] = defaultdict(set)
        """By font, glyphs that stand for one sign wherever they are shown without a mark."""
        self.groups = list(_groups(self._pieces(names, fonts)))

    def _pieces(
        self, names: Mapping[bytes, int], fonts: Mapping[int, Mapping[int, str]]
    ) -> Iterator[Piece]:
        font, at = -1, 0
        marks: list[_Mark] = []
        for token in _TOKEN.finditer(self._content):
            kind = token.lastgroup
            if kind == "font":
                font = names.get(token["font"], -1)
            elif kind == "open":
                marks.append(_Mark(slice(0), at))
            elif kind == "text":
                said = bytes.fromhex(token["text"].decode()).decode("utf-16-be", "replace")
                marks.append(_Mark(slice(*token.span()), at, UNSEEN.sub("", said)))
            elif kind == "close" and marks:
                mark = marks.pop()
                if mark.text is not None and font in fonts:
                    places = (mark.place, slice(*token.span()))
                    yield Piece(font, mark.at, tuple(mark.glyphs), mark.text, places)
            elif kind == "shown":
                glyphs = glyphs_in(token["shown"])
                inside = next((mark for mark in reversed(marks) if mark.text is not None), None)
                if inside is not None:
                    inside.glyphs += glyphs
                elif font in fonts:
                    yield from self._unmarked(font, at, glyphs, fonts[font])
                at += len(glyphs)

    def _unmarked(
        self, font: int, at: int, glyphs: tuple[int, ...], means: Mapping[int, str]
    ) -> Iterator[Piece]:
        for number, glyph in enumerate(glyphs):
            text = UNSEEN.sub("", means.get(glyph, ""))
            if len(text) > 1:
                yield Piece(font, at + number, (glyph,), text)
            else:
                self.bare[font].add(glyph)

    def without(self, pieces: Iterable[Piece], silent: Iterable[Piece]) -> bytes:
        """The content without what is said of `pieces`; of those that are `silent` it is said that they are nothing."""
        changes = [(place, b" ") for piece in pieces for place in piece.said]
        changes += [(piece.said[0], _NOTHING) for piece in silent]
        kept, done = list[bytes](), 0
        for place, instead in sorted(changes, key=lambda change: change[0].start):
            kept += [self._content[done : place.start], instead]
            done = place.stop
        return b"".join([*kept, self._content[done:]])


def _groups(pieces: Iterable[Piece]) -> Iterator[Group]:
    """A sign that is set higher or lower is a piece of its own that is said to be the whole, as is its letter."""
    group: Group = []
    for piece in pieces:
        if group and not _goes_on(group, piece):
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _goes_on(group: Group, piece: Piece) -> bool:
    last = group[-1]
    return (
        len(piece.text) > 1
        and (last.font, last.text) == (piece.font, piece.text)
        and last.at + len(last.glyphs) == piece.at
        # The same letter twice is the same glyph twice.
        and not any(glyph in one.glyphs for one in group for glyph in piece.glyphs)
    )


@lru_cache(maxsize=8192)
def glyphs_in(shown: bytes) -> tuple[int, ...]:
    """The numbers of the glyphs in strings, one after the other."""
    return tuple(glyph for string in _STRINGS.findall(shown) for glyph in _numbers(string))


def _numbers(string: bytes) -> Iterator[int]:
    if string.startswith(b"<"):
        raw = bytes.fromhex(string[1:-1].decode())
    else:
        raw = _ESCAPE.sub(lambda found: _unescaped(found[1]), string[1:-1])
    for at in range(0, len(raw) - 1, 2):
        yield raw[at] << 8 | raw[at + 1]


def _unescaped(sign: bytes) -> bytes:
    return bytes([int(sign, 8)]) if sign.isdigit() else _ESCAPED.get(sign, sign)
