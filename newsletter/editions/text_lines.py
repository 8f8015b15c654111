"""Lines of plain text: filled to a width in fixed-pitch columns, by the rules of East Asian line breaking.

A line breaks at spaces and beside wide characters. No line begins with closing punctuation or ends with
opening punctuation (JIS X 4051, GB/T 15834); words and addresses are never broken, so one that is longer
than the line stands over. Times linear in the length of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

from newsletter.model.language import columns, is_wide

WIDTH = 72

_CLOSING = frozenset(
    "!%),.:;?]}¢°’”»›′″℃、。々〉》」』】〕〗〙〛〞〟゛゜ゝゞー・·…‥！％），．：；？］｝～｠｡｣､･"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ،؛؟۔।॥"
)
_OPENING = frozenset("([{£¥‘“„‚«‹〈《「『【〔〖〘〚〝（［｛｟｢＄￥")
_SPACES = re.compile(r"[^\S\u00a0\u202f]+")


class _Widths(dict[str, int]):
    """Columns of a character, looked up once: a Chinese article asks for the same ones thousands of times."""

    def __missing__(self, character: str) -> int:
        width = columns(character)
        if len(self) < _MOST_REMEMBERED:
            self[character] = width
        return width


_MOST_REMEMBERED = 20_000
_width = _Widths().__getitem__


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
    text = _SPACES.sub(" ", text.replace("\u00ad", "")).strip(" ")
    if len(text) <= width // 2 - len(
        first
    ):  # most headings and cells; no character has three columns
        return [(first + text).rstrip()]
    reach = [0, *accumulate(map(_width, text))]
    lines: list[str] = []
    prefix, start = first, 0
    while start < len(text):
        end = _line_end(text, reach, start, width - columns(prefix))
        lines.append(prefix + text[start:end])
        start = end + 1 if text[end : end + 1] == " " else end
        prefix = rest
    lines = lines or [prefix]
    return [*lines[:-1], lines[-1].rstrip()]


def _line_end(text: str, reach: list[int], start: int, room: int) -> int:
    """Where the line from `start` ends: the last break that fits in, else the first there is."""
    fits = bisect_right(reach, reach[start] + room) - 1
    if fits >= len(text):
        return len(text)
    for end in range(fits, start, -1):
        if _can_break(text, end):
            return end
    for end in range(max(fits, start) + 1, len(text)):
        if _can_break(text, end):
            return end
    return len(text)


def _can_break(text: str, end: int) -> bool:
    """Whether a line may end before the character at `end`, which is left out when it is a space."""
    before, after = text[end - 1], text[end]
    if after == " ":
        return before not in _OPENING and text[end + 1] not in _CLOSING
    if before == " " or after in _CLOSING or before in _OPENING or _width(after) == 0:
        return False
    return _is_alone(before) or _is_alone(after)


def _is_alone(character: str) -> bool:
    """A wide character stands by itself; Hangul is set in words, as Latin is."""
    return character > "\x7f" and is_wide(character) and not "가" <= character <= "힣"


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
