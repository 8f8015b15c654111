"""Characters that are not seen but change what is seen: taken out before anything reads the text.

An override or embedding of direction (Unicode Annex 9) shows letters in another order than they stand
(“exe.gpj” as “jpg.exe”) and, left open, turns what an edition sets behind it. Isolates that are closed on
their line are how right-to-left texts are written and stay. Hundreds of accents on a letter, or of
characters without width, are no text: they cost layout engines gigabytes.
"""

from __future__ import annotations

import re

_ANY = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\ufffe\uffff]")
_ISOLATES = re.compile("[\u2066-\u2069]")
_ACCENTS = (
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]"
)
_NO_WIDTH = "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2064\ufeff]"
_PILE = re.compile(f"({_ACCENTS}{{16}}){_ACCENTS}+|({_NO_WIDTH}{{4}}){_NO_WIDTH}{{5,}}")
_OPEN = "\u2066\u2067\u2068"


def without_hidden(text: str) -> str:
    """The text without them; the same text when there are none. No line is added or lost."""
    if _ANY.search(text):
        text = _CONTROLS.sub("", text)
        if _ISOLATES.search(text):
            text = "\n".join(map(_closed, text.split("\n")))
    return _PILE.sub(lambda pile: pile[1] or pile[2], text)


def _closed(line: str) -> str:
    """The line without isolates that are not closed on it, and without what closes none."""
    depth, least = 0, 0
    for mark in _ISOLATES.findall(line):
        depth += 1 if mark in _OPEN else -1
        least = min(least, depth)
    return line if depth == least == 0 else _ISOLATES.sub("", line)
