"""Which characters the print edition's fonts can draw, and what stands for the others.

A character that no font has would stop the print engine (PDF/UA forbids the box that stands for it), so
it is set as 〓, the mark that Chinese and Japanese printers put in the place of a missing sort, and the
editor is told which character and where. Never fatal.
"""

from __future__ import annotations

import re
import unicodedata

from newsletter.problems import Problem, Source, warning

GETA = "〓"

TOLD = 25
"""So many characters are told one by one; a text in a script without fonts is told in one more problem."""

_LAY = "Lay a font that has it in the publication's folder fonts/ (newsletter doctor tells which there are)."

_JAMO = re.compile("[\u1100-\u11ff]")

_INVISIBLE = frozenset(
    "\t\n\u00a0\u00ad\u200b\u200c\u200d\u200e\u200f\u2028\u202f\u2060"
) | frozenset(map(chr, (*range(0x2000, 0x200B), *range(0x202A, 0x202F), *range(0x2066, 0x206A))))
"""Spaces and marks that the engine handles itself, whether or not a font has them."""

_DROPPED = frozenset({"\ufeff", "\ufffe", "\uffff", *map(chr, range(0xFE00, 0xFE10))})
"""Byte-order marks and variation selectors: they choose between glyphs that our fonts do not have."""


class GlyphCheck:
    """Passes text on with 〓 for what cannot be drawn, and remembers where that was. `covered` are the code points
    that the fonts have between them (`print_fonts`)."""

    def __init__(self, covered: frozenset[int]) -> None:
        self._covered = covered
        self._places: dict[str, list[Source]] = {}
        self._plain: set[str] = set()
        """Characters that were found to pass as they are, whatever stands beside them."""

    def drawable(self, text: str, source: Source) -> str:
        """The text as the fonts can set it; `source` is where the editor wrote it."""
        if (text.isascii() and text.isprintable()) or self._plain.issuperset(text):
            return text
        if _JAMO.search(text):
            # Written as parts, as some systems name files: the fonts have whole syllables.
            text = unicodedata.normalize("NFC", text)
        return "".join(self._character(character, source) for character in text)

    def problems(self) -> tuple[Problem, ...]:
        """One warning a character, at the first place it stands; the rest in one."""
        places = sorted(self._places.items(), key=lambda item: (item[1][0], item[0]))
        told = [_missing(character, sources) for character, sources in places[:TOLD]]
        if rest := places[TOLD:]:
            shown = " ".join(character for character, _ in rest[:40])
            told.append(
                warning(
                    "missing-glyph",
                    rest[0][1][0],
                    f"{len(rest)} more characters are in no font of the print edition: {shown}",
                    f"Each is printed as {GETA}. {_LAY}",
                )
            )
        return tuple(told)

    def _character(self, character: str, source: Source) -> str:
        if ord(character) in self._covered or character in _INVISIBLE:
            if not _JAMO.match(character):
                self._plain.add(character)
            return character
        if character in _DROPPED or unicodedata.category(character) == "Cc":
            return ""
        self._places.setdefault(character, []).append(source)
        return GETA


def _missing(character: str, sources: list[Source]) -> Problem:
    name = unicodedata.name(character, "no name")
    again = f", and {len(sources) - 1} more times" if len(sources) > 1 else ""
    return warning(
        "missing-glyph",
        sources[0],
        f"no font of the print edition has U+{ord(character):04X} {character} ({name}){again}",
        f"It is printed as {GETA}. {_LAY}",
    )
