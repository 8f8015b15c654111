"""Which encoding a text file is in: a byte order mark, zeros of UTF-16, valid UTF-8, else what reads best.

An encoding that cannot decode the whole file is out. Of the others, that one is taken whose reading has
the most letters that are common in the languages it was made for, standing where such letters stand (an
accented letter beside Latin ones, a Cyrillic capital at the beginning of a word). Only lines with bytes
beyond ASCII are read, up to SAMPLE bytes of them, so a million lines cost one pass and little memory.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path

from newsletter.problems import NewsletterError, UsageError
from newsletter.subscribers.importers import letters
from newsletter.subscribers.importers.names import (
    CHINESE_FAMILIES,
    GIVEN,
    JAPANESE_NAMES,
    KOREAN_FAMILIES,
    MORE_FAMILIES,
    PAIRS,
)

SAMPLE = 1 << 16
_JAPANESE_SHIFTS = (b"\x1b$B", b"\x1b$@", b"\x1b$(D")
"""What mails from Japan begin their own characters with: ISO-2022-JP is ASCII otherwise."""
_BLOCK = 1 << 16
_MIXED = 0.85
_ONE_CASE = 0.75
_FEW = 8
_GOOD = 0.5
"""From which on a reading is one that somebody may have written."""
_WHOLE = 2
"""Characters of UTF-8 to one broken byte, from which on a file is taken for UTF-8."""
_ONE_SIDED = 4
"""Zeros in the one byte of UTF-16 to those in the other, which only few characters have."""
_HOME = 0.15
"""What it is worth when every address of the sample is in a country of the language."""
_BESIDE_LATIN = 0.5
_CODE = frozenset("{}[]\\^~<>`")
"""What stands beside no letter: the second bytes of Chinese are among them."""
_CELL = re.compile(r"[^,;\t|\r\n\"]+")
_DOMAIN = re.compile(r"@([A-Za-z0-9.-]+)")
Weigh = Callable[[str], float]
"""How much a text looks like one of the languages of an encoding."""


BROKEN = "newsletter.broken"
"""How bytes that an encoding cannot read are read (an error handler of `codecs`)."""


def _broken(error: UnicodeError) -> tuple[str, int]:
    """In UTF-8 a byte that is none of it is from Windows most often; elsewhere it is U+FFFD."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    raw = error.object[error.start : error.end]
    into = "cp1252" if error.encoding.replace("-", "").startswith("utf8") else "ascii"
    return raw.decode(into, "replace"), error.end


codecs.register_error(BROKEN, _broken)


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
        if _mostly_utf8(sample, at_least=_FEW + 1):
            return "utf-8"
        scored = [(_score(sample, name, weigh), name) for name, weigh in _CANDIDATES.items()]
        if _mostly_utf8(sample) and max(scored)[0] < _GOOD:
            return "utf-8"
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
    if any(one in head for one in _JAPANESE_SHIFTS) and head.isascii():
        return "iso2022_jp_ext"
    return _by_zeros(head)


def _by_zeros(head: bytes) -> str:
    """UTF-32 has a zero in the same one of four bytes and hardly one in its opposite, UTF-16 in one of two; zeros that
    stand anywhere are leftovers of a program that did not clean its memory."""
    fours = [head[at::4].count(0) for at in range(4)]
    of_each = len(head) // 4
    for name, (first, beside, last) in {"utf-32-le": (0, 2, 3), "utf-32-be": (3, 1, 0)}.items():
        empty = of_each and fours[last] == of_each and fours[beside] * 10 > of_each * 9
        if empty and fours[first] < of_each // 2:
            return name
    zeros = (fours[0] + fours[2], fours[1] + fours[3])
    if sum(zeros) > len(head) // 8 and max(zeros) > _ONE_SIDED * min(zeros):
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


def _mostly_utf8(sample: bytes, at_least: int = 0) -> bool:
    """Whether a file was put together of UTF-8 and a little of something else: read so, only that little suffers. Of few
    characters it may be chance."""
    text = sample.decode("utf-8", "surrogateescape")
    broken = sum("\udc80" <= character <= "\udcff" for character in text)
    whole = sum(character > "\x7f" for character in text) - broken
    return whole >= max(_WHOLE * broken, at_least)


def _score(sample: bytes, encoding: str, weigh: Weigh) -> float:
    """From 0 to 1: how much the sample looks like text when read so; -1 when it cannot be."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return -1
    rare = letters.RARE.get(encoding, 1)
    return min(max(weigh(text) * rare + _at_home(sample, encoding), 0), 1)


def _at_home(sample: bytes, encoding: str) -> float:
    """A little for addresses in countries where an encoding of a script of its own is at home."""
    return _HOME * _share(sample.decode("latin_1"), letters.COUNTRIES.get(encoding, ""))


def _share(text: str, countries: str) -> float:
    """How many of the lines have an address in one of these countries."""
    ends = tuple(f".{country}" for country in countries.split())
    domains = [one.lower() for one in _DOMAIN.findall(text)]
    return sum(one.endswith(ends) for one in domains) / len(domains) if ends and domains else 0


def _mean(text: str, weight: Callable[[str, int], float]) -> float:
    weights = [weight(text, at) for at, character in enumerate(text) if character > "\x7f"]
    return sum(weights) / len(weights) if weights else 0


def _cjk(common: frozenset[str], first: tuple[str, int, int]) -> Weigh:
    """Characters that are common, then those of the standard's first level (`first`: in which encoding they begin with which
    bytes), then any."""
    standard = _level(*first)

    def weigh(text: str, at: int) -> float:
        character = text[at]
        beside = (text[at - 1 : at], text[at + 1 : at + 2])
        if any(one.isascii() and one.islower() for one in beside):
            return -0.2
        if character in common:
            return 1
        if character in standard:
            return 0.6
        if "\u4e00" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7a3":
            return 0.2
        if "\uff66" <= character <= "\uff9f":
            return 0.5 if any(one.isalpha() for one in beside) else 0
        if "\u3000" <= character <= "\u303f" or "\uff01" <= character <= "\uff5e":
            return 0.6
        return -0.5 if unicodedata.category(character) in ("Cc", "Cn", "Co") else 0

    return lambda text: _mean(text, weigh)


def _level(encoding: str, low: int, high: int) -> frozenset[str]:
    """The characters of two bytes that begin with one from `low` to `high`."""
    pairs = (bytes((lead, trail)) for lead in range(low, high + 1) for trail in range(0x40, 0xFF))
    return frozenset(pair.decode(encoding, "replace")[0] for pair in pairs) - {"\ufffd"}


def _script(
    own: frozenset[str],
    common: frozenset[str] = frozenset(),
    vowels: frozenset[str] = frozenset(),
    plain: float = 0.8,
) -> Weigh:
    """A script of its own (Cyrillic, Greek, Thai): its words hold no Latin letter, no capital after a small one, and
    no three letters without a vowel among them, where it writes vowels."""

    def weigh(text: str, at: int) -> float:
        character, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
        if character not in own:
            return -0.3 if not character.isalpha() and character not in letters.MARKS else 0.1
        if any(one.isascii() and one.isalpha() for one in (before, after)):
            return -0.5
        if character.isupper() and before.islower():
            return -1
        if character.islower() and before.isupper() and text[at - 2 : at - 1].isupper():
            return 0.2
        if before not in own and after not in own:
            return 0.2
        if character in letters.THAI_ABOVE and before not in own:
            return -1
        if vowels and before in own and after in own and not vowels & {before, character, after}:
            return 0.2
        return 1 if character in common else plain

    def whole(text: str) -> float:
        mine = [one for one in text if one in own]
        cases = {one.isupper() for one in mine} if vowels else set()
        # Names and headings hold small letters and capitals: all of one kind is more often another script.
        case = _ONE_CASE if len(mine) > _FEW and len(cases) == 1 else 1
        return _mean(text, weigh) * case * (1 - _BESIDE_LATIN * _beside_latin(text, own))

    return whole


def _beside_latin(text: str, own: frozenset[str]) -> float:
    """How many of the cells with letters of a script hold words in Latin ones too: half of a name is not in another."""
    cells = [cell for cell in _CELL.findall(text) if "@" not in cell and own & set(cell)]
    mixed = sum(any(one.isascii() and one.isalpha() for one in cell) for cell in cells)
    return mixed / len(cells) if cells else 0


def _quote(mark: str, before: str, after: str) -> float:
    """An apostrophe stands between letters, a quote before a word or after one; anything else is another encoding's."""
    if mark == "’" and before.isalpha() and after.isalpha():
        return 0.9
    if mark in letters.OPENING:
        return 0.9 if after.isalnum() and not before.isalnum() else 0.3
    return 0.9 if before.isalnum() and not after.isalnum() else 0.3


def _accents(alphabets: Mapping[str, frozenset[str]]) -> Weigh:
    """Latin with accents, in the language whose letters fit best: such a letter stands beside plain ones, and a
    capital not after a small one."""

    pairs = {countries: PAIRS.get(countries, frozenset()) for countries in alphabets}

    def of(
        countries: str, own: frozenset[str], known: frozenset[str]
    ) -> Callable[[str, int], float]:
        follows = letters.PORTUGUESE if countries == "pt br" else {}

        def weigh(text: str, at: int) -> float:
            character, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
            if character in letters.QUOTES:
                return _quote(character, before, after)
            if character in letters.FIRST and before.isalpha():
                return -0.5
            if before in _CODE or after in _CODE:
                return -0.2
            if character not in own:
                return 0.3 if character in letters.MARKS else -0.2 if character.isalpha() else -0.4
            if character.isupper() and before.islower():
                return -0.5
            if character.isupper() and before.isupper() and after.islower():
                return 0.1
            if after.isalpha() and after not in follows.get(character, after):
                return 0.3
            usual = _usual(text, at, known)
            plain = any(one.isascii() and one.isalpha() for one in (before, after))
            return (0.65 if plain else 0.3) + usual * (0.15 if plain else 0.3)

        return weigh

    together = frozenset[str]().union(*alphabets.values())
    all_pairs = frozenset[str]().union(*pairs.values())

    def best(text: str) -> float:
        one = max(
            _mean(text, of(countries, own, pairs[countries])) + _HOME * _share(text, countries)
            for countries, own in alphabets.items()
        )
        # A list of people in many countries has the letters of all.
        return max(one, _MIXED * _mean(text, of("", together, all_pairs)))

    return best


def _usual(text: str, at: int, known: frozenset[str]) -> int:
    """Beside how many of its neighbours a letter stands in words of the language as well."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if not (before.isalpha() or after.isalpha()):
        return 0
    left = f"{before if before.isalpha() else ' '}{text[at]}".lower()
    right = f"{text[at]}{after if after.isalpha() else ' '}".lower()
    return (left in known) + (right in known)


_CYRILLIC = _script(letters.CYRILLIC, letters.CYRILLIC_COMMON, letters.CYRILLIC_VOWELS)
_GREEK = _script(letters.GREEK, letters.GREEK_COMMON, letters.GREEK_VOWELS)
_CANDIDATES: dict[str, Weigh] = {
    "gb18030": _cjk(
        letters.SIMPLIFIED | GIVEN | MORE_FAMILIES | CHINESE_FAMILIES, ("gb2312", 0xB0, 0xD7)
    ),
    "big5hkscs": _cjk(letters.TRADITIONAL | CHINESE_FAMILIES, ("big5", 0xA4, 0xC6)),
    "cp950": _cjk(letters.TRADITIONAL | CHINESE_FAMILIES, ("big5", 0xA4, 0xC6)),
    "cp932": _cjk(letters.JAPANESE | JAPANESE_NAMES, ("euc_jp", 0xB0, 0xCF)),
    "euc_jp": _cjk(letters.JAPANESE | JAPANESE_NAMES, ("euc_jp", 0xB0, 0xCF)),
    "cp949": _cjk(letters.KOREAN | KOREAN_FAMILIES, ("euc_kr", 0xB0, 0xC8)),
    "cp1252": _accents(letters.WESTERN),
    "cp1254": _accents(letters.TURKISH),
    "cp1250": _accents(letters.CENTRAL),
    "iso8859_2": _accents(letters.CENTRAL),
    "cp1257": _accents(letters.BALTIC),
    "mac_roman": _accents(letters.WESTERN),
    "cp850": _accents(letters.WESTERN),
    "iso8859_15": _accents(letters.WESTERN),
    "latin_1": _accents(letters.WESTERN),
    "cp1251": _CYRILLIC,
    "koi8_r": _CYRILLIC,
    "koi8_u": _CYRILLIC,
    "cp866": _CYRILLIC,
    "mac_cyrillic": _CYRILLIC,
    "iso8859_5": _CYRILLIC,
    "cp1253": _GREEK,
    "iso8859_7": _GREEK,
    "cp1255": _script(letters.HEBREW, letters.HEBREW_COMMON),
    "cp1256": _script(letters.ARABIC, letters.ARABIC_COMMON),
    "iso8859_6": _script(letters.ARABIC, letters.ARABIC_COMMON),
    "cp874": _script(letters.THAI, plain=0.6),
}
"""In the order in which equals are preferred."""
