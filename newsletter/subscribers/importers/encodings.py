"""Which encoding a text file is in: a byte order mark, zeros of UTF-16, valid UTF-8, else what reads best.

An encoding that cannot decode the whole file is out. Of the others, that one is taken whose reading has
the most letters that are common in the languages it was made for, standing where such letters stand (an
accented letter beside Latin ones, a Cyrillic capital at the beginning of a word). Only lines with bytes
beyond ASCII are read, up to SAMPLE bytes of them, so a million lines cost one pass and little memory.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Callable
from pathlib import Path

from newsletter.problems import NewsletterError, UsageError
from newsletter.subscribers.importers import letters

SAMPLE = 1 << 16
_BLOCK = 1 << 16


def find_encoding(path: Path) -> str:
    """Python's name of the encoding. Raises UsageError for a file that cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(_BLOCK)
        if marked := _marked(head):
            return marked
        if _decodes(path, "utf-8"):
            return "utf-8"
        sample = _sample(path)
        scored = [(_score(sample, name, weigh), name) for name, weigh in _CANDIDATES.items()]
        for score, name in sorted(scored, key=lambda found: -found[0]):
            if score >= 0 and _decodes(path, name):
                return name
    except OSError as caught:
        raise UsageError(f"cannot read {path}: {caught.strerror}") from caught
    raise NewsletterError(
        f"cannot tell the encoding of {path}", "Save it as UTF-8 (in Excel: CSV UTF-8)."
    )


def scores(path: Path) -> tuple[tuple[str, float], ...]:
    """Every legacy encoding with how well the file reads in it, from 0 to 1, the best first; -1 where it does not."""
    sample = _sample(path)
    found = [(name, _score(sample, name, weigh)) for name, weigh in _CANDIDATES.items()]
    return tuple(sorted(found, key=lambda one: -one[1]))


def marked(path: Path) -> str:
    """The encoding that the file's first bytes tell beyond doubt; empty where they tell none."""
    with path.open("rb") as file:
        return _marked(file.read(_BLOCK))


def decodes(path: Path, encoding: str) -> bool:
    """Whether the whole file can be read so."""
    return _decodes(path, encoding)


def _marked(head: bytes) -> str:
    """UTF-8 and UTF-16 by their mark, UTF-16 without one by the zeros of its ASCII characters."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)) and len(head) % 4 == 0:
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = (head[::2].count(0), head[1::2].count(0))
    if sum(zeros) > len(head) // 8:
        return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    return ""


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _sample(path: Path) -> bytes:
    kept: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        while size < SAMPLE and (line := file.readline(SAMPLE)):
            if not line.isascii():
                kept.append(line)
                size += len(line)
    return b"".join(kept)


def _score(sample: bytes, encoding: str, weigh: Callable[[str, int], float]) -> float:
    """From 0 to 1: how much the sample looks like text when read so; -1 when it cannot be."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return -1
    weights = [weigh(text, at) for at, character in enumerate(text) if character > "\x7f"]
    return max(sum(weights) / len(weights), 0) if weights else 0


def _cjk(common: frozenset[str]) -> Callable[[str, int], float]:
    def weigh(text: str, at: int) -> float:
        character = text[at]
        if character in common:
            return 1
        if "\u4e00" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7a3":
            return 0.3
        if "\u3000" <= character <= "\u303f" or "\uff01" <= character <= "\uff5e":
            return 0.6
        return -0.5 if unicodedata.category(character) in ("Cc", "Cn", "Co") else 0

    return weigh


def _alphabet(common: frozenset[str]) -> Callable[[str, int], float]:
    """A script of its own (Cyrillic, Greek): its words hold no Latin letter and no capital after a small one."""

    def weigh(text: str, at: int) -> float:
        character, before = text[at], text[at - 1 : at]
        if character not in common:
            return -0.2 if not character.isalpha() and character not in letters.MARKS else 0.2
        beside = before + text[at + 1 : at + 2]
        if any(one.isascii() and one.isalpha() for one in beside):
            return -0.5
        return -0.5 if character.isupper() and before.islower() else 0.9

    return weigh


def _accents(common: frozenset[str]) -> Callable[[str, int], float]:
    """Latin with accents: such a letter stands beside plain ones, a capital not after a small one."""

    def weigh(text: str, at: int) -> float:
        character, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
        if character not in common:
            return 0.3 if character in letters.MARKS else -0.2
        if character.isupper() and before.islower():
            return -0.5
        plain = any(one.isascii() and one.isalpha() for one in (before, after))
        return 0.9 if plain else 0.3

    return weigh


_CANDIDATES: dict[str, Callable[[str, int], float]] = {
    "gb18030": _cjk(letters.SIMPLIFIED),
    "big5hkscs": _cjk(letters.TRADITIONAL),
    "cp950": _cjk(letters.TRADITIONAL),
    "cp932": _cjk(letters.JAPANESE),
    "euc_jp": _cjk(letters.JAPANESE),
    "cp949": _cjk(letters.KOREAN),
    "cp1251": _alphabet(letters.CYRILLIC),
    "koi8_r": _alphabet(letters.CYRILLIC),
    "cp1253": _alphabet(letters.GREEK),
    "cp1252": _accents(letters.WESTERN),
    "cp1250": _accents(letters.CENTRAL),
    "cp1254": _accents(letters.TURKISH),
    "mac_roman": _accents(letters.WESTERN),
    "latin_1": _accents(letters.WESTERN),
}
"""In the order in which equals are preferred."""
