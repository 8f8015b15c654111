"""One line of a text file in each encoding that it may be in, so that a person sees which is the right one.

The line is a real one, the first after the header that says anything beyond ASCII. What an encoding cannot read
stands in it as U+FFFD. A file in ASCII reads the same in all of them, and one with a byte order mark in its own
only: then there is nothing to choose.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from newsletter.problems import UsageError
from newsletter.subscribers.importers.encodings import decodes, find_encoding, marked, scores

MOST = 8
"""Encodings that are shown: the one found, and those that come next."""
_LONGEST_LINE = 4096
_LONGEST_SHOWN = 120
_BEFORE = 14
"""Characters that are shown before the first that tells, where that stands far into the line."""
_LOOKED_AT = 200_000
"""Lines among which one with more than ASCII is looked for."""

NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "utf-32": "UTF-32",
    "utf-32-le": "UTF-32 LE",
    "utf-32-be": "UTF-32 BE",
    "gb18030": "GB18030",
    "big5hkscs": "Big5-HKSCS",
    "cp950": "Big5",
    "cp932": "Shift-JIS",
    "euc_jp": "EUC-JP",
    "cp949": "EUC-KR",
    "cp1251": "Windows-1251",
    "koi8_r": "KOI8-R",
    "cp1253": "Windows-1253",
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "cp1254": "Windows-1254",
    "mac_roman": "Mac Roman",
    "latin_1": "Latin-1",
    "iso8859_2": "Latin-2",
    "iso8859_15": "Latin-9",
    "cp1257": "Windows-1257",
    "cp850": "DOS 850",
    "koi8_u": "KOI8-U",
    "cp866": "DOS 866",
    "mac_cyrillic": "Mac Cyrillic",
    "iso8859_5": "ISO 8859-5",
    "iso8859_7": "ISO 8859-7",
    "cp1255": "Windows-1255",
    "cp1256": "Windows-1256",
    "iso8859_6": "ISO 8859-6",
    "cp874": "Windows-874",
    "iso2022_jp_ext": "ISO-2022-JP",
}
"""Python's names of the encodings, and those that people know."""


@dataclass(frozen=True, slots=True)
class Reading:
    """`likely` is the share of letters that are common in that encoding's languages, 1 for certainty, -1 for a
    reading that fails somewhere in the file."""

    encoding: str
    text: str
    likely: float

    @property
    def name(self) -> str:
        return NAMES.get(self.encoding, self.encoding)

    @property
    def valid(self) -> bool:
        return self.likely >= 0


@dataclass(frozen=True, slots=True)
class Readings:
    """`line` counts from 1; `found` is empty for a file that reads the same in every encoding. `best` is what
    looking at the file says."""

    best: str
    line: int = 0
    found: tuple[Reading, ...] = ()


def readings(path: Path) -> Readings:
    """The ways to read a text file. Raises UsageError when it cannot be read."""
    best = find_encoding(path)
    try:
        if marked(path):
            return Readings(best)
        line, raw = _telling_line(path)
        if not raw:
            return Readings(best)
        in_utf8 = best == "utf-8" or decodes(path, "utf-8")
    except OSError as caught:
        raise UsageError(f"cannot read {path.name}: {caught.strerror}") from caught
    ranked = [("utf-8", 1.0 if in_utf8 else -1.0), *scores(path)]
    ranked.sort(key=lambda one: (one[0] != best, -one[1]))
    chosen = _different(ranked, raw)
    if not any(name == "utf-8" for name, _ in chosen):
        chosen = [*chosen[: MOST - 1], _ranked_of(ranked, "utf-8")]
    found = tuple(Reading(name, _shown(raw, name), likely) for name, likely in chosen)
    return Readings(best, line, found)


def _ranked_of(ranked: list[tuple[str, float]], name: str) -> tuple[str, float]:
    return next(one for one in ranked if one[0] == name)


def _different(ranked: list[tuple[str, float]], raw: bytes) -> list[tuple[str, float]]:
    """The first few that read the line otherwise than those before them."""
    kept: list[tuple[str, float]] = []
    seen: set[str] = set()
    for name, likely in ranked:
        text = _shown(raw, name)
        if text not in seen and len(kept) < MOST:
            seen.add(text)
            kept.append((name, likely))
    return kept


def _shown(raw: bytes, encoding: str) -> str:
    at = next((at for at, byte in enumerate(raw) if byte > 0x7F), 0)
    start = at - _BEFORE if at > 2 * _BEFORE else 0
    text = raw[start:].decode(encoding, "replace").rstrip("\r\n").replace("\t", " ⇥ ")
    shown = "".join(one if one.isprintable() else "\ufffd" for one in text)[:_LONGEST_SHOWN]
    return f"…{shown}" if start else shown


def _telling_line(path: Path) -> tuple[int, bytes]:
    """The first line after the header with a byte beyond ASCII, else the header if it has one."""
    header = b""
    with path.open("rb") as file:
        lines = iter(lambda: file.readline(_LONGEST_LINE), b"")
        for number, line in enumerate(islice(lines, _LOOKED_AT), 1):
            if line.isascii():
                continue
            if number > 1:
                return number, line
            header = line
    return (1, header) if header else (0, b"")
