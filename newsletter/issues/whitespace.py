"""White space in a run of inlines, as CSS Text 3 collapses it: an edition never has to.

Runs of spaces are one space, none stands at an edge or beside a line break; a line break between two
wide characters leaves nothing, unless either is Hangul, which is written with spaces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from newsletter.model.inlines import (
    Citation,
    Code,
    FootnoteCall,
    Inline,
    LineBreak,
    Text,
    walk,
)

_SPACES = re.compile("[ \t\n\r]+")
_EDGE = "\x01"  # never in text: control characters were taken out
_SOLID = "\x02"
_NOTE = "\x03"  # a call of a note: it takes no part in what stands beside a line break


def settle(inlines: Iterable[Inline]) -> tuple[Inline, ...]:
    """The same inlines with their white space settled; `\\n` in a Text is a soft line break."""
    run = tuple(inlines)
    if (
        len(run) == 1
        and isinstance(run[0], Text)
        and "\n" not in run[0].text
        and "  " not in run[0].text
    ):
        text = run[0].text.strip(" \t")
        return (Text(text),) if text else ()
    line = _EDGE + "".join(map(_as_text, walk(run))) + _EDGE
    return _Settler(line).settle(run)


def _as_text(inline: Inline) -> str:
    match inline:
        case Text(text):
            return text
        case LineBreak():
            return _EDGE
        case FootnoteCall() | Citation():
            return _NOTE
        case Code(text):
            return _SOLID * (2 if len(text) > 1 else 1) if text else ""
    return "" if getattr(inline, "children", ()) else _SOLID


class _Settler:
    """Walks the same inlines again beside their text, so that each space knows its neighbours."""

    def __init__(self, line: str) -> None:
        self._line = line
        self._at = 1

    def settle(self, inlines: tuple[Inline, ...]) -> tuple[Inline, ...]:
        settled: list[Inline] = []
        for inline in inlines:
            if isinstance(inline, Text):
                text = self._text(inline.text)
                if text and settled and isinstance(settled[-1], Text):
                    settled[-1] = Text(settled[-1].text + text)
                elif text:
                    settled.append(Text(text))
                continue
            self._at += len(_as_text(inline))
            children = getattr(inline, "children", ())
            if children:
                inner = self.settle(children)
                inline = replace(inline, children=inner)  # type: ignore[arg-type]
            settled.append(inline)
        return tuple(settled)

    def _text(self, text: str) -> str:
        start = self._at
        self._at += len(text)
        return _SPACES.sub(lambda found: self._space(start + found.start(), found[0]), text)

    def _space(self, at: int, spaces: str) -> str:
        """What a run of white space in one Text comes to; a run may go on in the neighbouring Texts."""
        if self._line[at - 1] in " \t\n\r":
            return ""
        end = at + len(spaces)
        while self._line[end] in " \t\n\r":
            end += 1
        before, after = self._line[at - 1], self._line[end]
        if _EDGE in (before, after):
            return ""
        if "\n" in self._line[at:end] and _joins(*self._beyond_notes(at - 1, end)):
            return ""
        return " "

    def _beyond_notes(self, before: int, after: int) -> tuple[str, str]:
        while self._line[before] == _NOTE:
            before -= 1
        return self._line[before], self._line[after]


def _joins(before: str, after: str) -> bool:
    if "\u200b" in (before, after):
        return True
    return all(
        unicodedata.east_asian_width(c) in "WFH"
        and not unicodedata.name(c, "").startswith("HANGUL")
        for c in (before, after)
    )
