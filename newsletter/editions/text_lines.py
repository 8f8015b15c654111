"""Lines of plain text: filled to a width in fixed-pitch columns, by the rules of East Asian line breaking.

A line breaks at spaces and beside wide characters. No line begins with closing punctuation or ends with
opening punctuation (JIS X 4051, GB/T 15834); words and addresses are never broken, so one that is longer
than the line stands over. Times linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.model.language import columns, is_wide

WIDTH = 72

_CLOSING = frozenset(
    "!%),.:;?]}¢°’”»›′″℃、。々〉》」』】〕〗〙〛〞〟゛゜ゝゞー・·…‥！％），．：；？］｝～｠｡｣､･"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ،؛؟۔।॥"
)
_OPENING = frozenset("([{£¥‘“„‚«‹〈《「『【〔〖〘〚〝（［｛｟｢＄￥")
_PIECE = re.compile(r"\S+|\s+")


@dataclass(slots=True)
class _Atom:
    """What a line may not break; `space` tells whether one stands before it when it is not first in its line."""

    text: str
    width: int
    space: bool


def fill(text: str, width: int = WIDTH, *, first: str = "", rest: str = "") -> list[str]:
    """The text as lines of at most `width` columns; `first` begins the first line, `rest` the others.

    A line break in the text (`\\n`) is kept; other white space is one space.
    """
    lines: list[str] = []
    for part in text.split("\n"):
        prefix = rest if lines else first
        lines += _fill_part(part, width, prefix, rest)
    return lines


def _fill_part(text: str, width: int, first: str, rest: str) -> list[str]:
    lines: list[str] = []
    prefix, parts, used = first, list[str](), columns(first)
    for atom in _atoms(text):
        space = 1 if atom.space and parts else 0
        if parts and used + space + atom.width > width:
            lines.append(prefix + "".join(parts))
            prefix, parts, used, space = rest, [], columns(rest), 0
        parts.append(" " * space + atom.text)
        used += space + atom.width
    return [*lines, (prefix + "".join(parts)).rstrip()]


def _atoms(text: str) -> Iterator[_Atom]:
    """Pieces joined to their neighbours wherever a break would put punctuation at the wrong end of a line."""
    run: list[str] = []
    run_space = False
    for piece, space in _pieces(text):
        if run and not (piece[0] in _CLOSING or run[-1][-1] in _OPENING):
            yield _atom(run, run_space)
            run = []
        if run:
            run.append(f" {piece}" if space else piece)
        else:
            run, run_space = [piece], space
    if run:
        yield _atom(run, run_space)


def _atom(run: list[str], space: bool) -> _Atom:
    text = "".join(run)
    return _Atom(text, columns(text), space)


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The smallest parts that a line could break between, and whether white space stood before each."""
    space = False
    for found in _PIECE.finditer(text.replace("\u00ad", "")):
        word = found.group()
        if word.isspace() and "\u00a0" not in word and "\u202f" not in word:
            space = True
        elif word.isascii():
            yield word, space
            space = False
        else:
            for part in _wide_apart(word):
                yield part, space
                space = False


def _wide_apart(word: str) -> Iterator[str]:
    """Wide characters one by one, what is between them whole. Hangul is set in words, as Latin is."""
    narrow: list[str] = []
    for character in word:
        if is_wide(character) and not _is_hangul(character):
            if narrow:
                yield "".join(narrow)
                narrow = []
            yield character
        else:
            narrow.append(character)
    if narrow:
        yield "".join(narrow)


def _is_hangul(character: str) -> bool:
    return "가" <= character <= "힣"


def underlined(text: str, mark: str, width: int = WIDTH) -> list[str]:
    """A heading and, under it, a line of `mark` as wide as its widest line."""
    lines = fill(text, width)
    return [*lines, mark * min(width, max(map(columns, lines)))]


def padded(text: str, width: int, align: str = "") -> str:
    """The text in a cell of that many columns."""
    missing = max(0, width - columns(text))
    if align == "right":
        return " " * missing + text
    if align == "center":
        return " " * (missing // 2) + text + " " * (missing - missing // 2)
    return text + " " * missing
