"""What the letters of scripts whose letters are joined, or carry others, stand for in a PDF, glyph by glyph.

The engine says what a group of glyphs stands for, a letter with its vowel sign for one, once for the group, and where
the sign stands higher or lower, once for the letter and once more for the sign. Readers of PDF then copy such letters
twice, lose the space beside them, or, in a line that is read from the right, put the sign before its letter. But each
glyph is a letter or a sign of its own, and PDF can say so. So it is said here, wherever glyphs one after the other spell
what the group is said to be, and what was said of the group goes. Where they stand in another order than they are read
in, as some vowel signs of Indian scripts do, the group stays. What is drawn stays as it is, to the point.

Bytes in, bytes out, the same for the same; a file that is built in another way comes back as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from newsletter.editions.print_glyphs import UNSEEN, Content, Group, Piece
from newsletter.editions.print_objects import PdfObjects
from newsletter.editions.print_runs import Widths, in_one_go

_SCRIPTS = re.compile("[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_PAGE = re.compile(rb"(?s)<</Type/Page(?=/).*?/Resources (\d+) 0 R.*?/Contents (\d+) 0 R")
_FONTS = re.compile(rb"/Font<<(.*?)>>", re.S)
_REFERENCE = re.compile(rb"/(f\d+) (\d+) 0 R")
_NAMED = re.compile(rb"/Subtype/Type0/.*/ToUnicode (\d+) 0 R", re.S)
_BELOW = re.compile(rb"/DescendantFonts\[(\d+) 0 R")
_WIDTHS = re.compile(rb"(?s)/W\[((?:[^\[\]]|\[[^\]]*\])*)\]")
_WIDTH = re.compile(rb"\[[^\]]*\]|[\d.]+")
_OTHER_WIDTHS = re.compile(rb"/DW ([\d.]+)")
_MEANING = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>")
_MEANINGS = re.compile(rb"(?s)\d+ beginbfchar\n.*endbfchar\n")
_ROUNDS = 3

NOTHING = "\u2060"
"""A sign that nobody sees."""

Meanings = dict[int, str]
"""What glyphs of a font stand for."""

Read = tuple[tuple[int, ...], str]
"""The glyphs of a group in the order in which they are read, and its text."""


def has_joined_letters(text: str) -> bool:
    """Whether a text has any for which it is worth while to look through the PDF."""
    return _SCRIPTS.search(text) is not None


def with_own_letters(pdf: bytes) -> bytes:
    """The file, with what each letter and each sign stands for."""
    objects = PdfObjects.read(pdf)
    if objects is None:
        return pdf
    fonts = {number: _meanings(objects.unpacked(number) or b"") for number in _widths_of(objects)}
    pages = {
        number: (Content(content, names, fonts), names)
        for number, names in _contents(objects)
        if (content := objects.unpacked(number)) is not None
    }
    for font, known in fonts.items():
        shown = [
            group for page, _ in pages.values() for group in page.groups if group[0].font == font
        ]
        bare = {glyph for page, _ in pages.values() for glyph in page.bare[font]}
        own = _learned(known, Counter(map(_read, shown)), _fixed(known, shown, bare))
        _write_meanings(objects, font, own)
        fonts[font] = own
    widths = {
        font: _widths(font_widths, fonts[font]) for font, font_widths in _widths_of(objects).items()
    }
    for number, (page, names) in pages.items():
        content = _told_less(page, fonts)
        objects.pack(
            number, in_one_go(content, {name: widths[font] for name, font in names.items()})
        )
    return objects.written()


def _told_less(page: Content, fonts: dict[int, Meanings]) -> bytes:
    """The page's content without what is said of groups that spell it; of any other it is said once."""
    needless, silent = list[Piece](), list[Piece]()
    for group in page.groups:
        if _spells(group, fonts[group[0].font]):
            needless += [piece for piece in group if piece.said]
        else:
            silent += [piece for piece in group[1:] if piece.said]
    return page.without(needless, silent)


def _widths_of(objects: PdfObjects) -> dict[int, bytes]:
    """By the number of the stream that says what its glyphs stand for, the font's description."""
    found: dict[int, bytes] = {}
    for number in objects:
        if named := _NAMED.search(objects[number]):
            below = _BELOW.search(objects[number])
            found[int(named[1])] = objects[int(below[1])] if below else b""
    return found


def _widths(description: bytes, means: Meanings) -> Widths:
    others = _OTHER_WIDTHS.search(description)
    listed = _WIDTHS.search(description)
    numbers = _WIDTH.findall(listed[1]) if listed else []
    of: dict[int, float] = {}
    while len(numbers) > 1:
        first, then = int(numbers[0]), numbers[1]
        if then.startswith(b"["):  # one width each, from this glyph on
            of.update((first + at, float(width)) for at, width in enumerate(then[1:-1].split()))
            del numbers[:2]
        else:  # one width from this glyph to that
            of.update(dict.fromkeys(range(first, int(then) + 1), float(numbers[2])))
            del numbers[:3]
    spaces = frozenset(glyph for glyph, text in means.items() if text == " ")
    return Widths(of, float(others[1]) if others else 1000.0, spaces)


def _meanings(stream: bytes) -> Meanings:
    """What is written down, without signs that nobody sees: marks of direction and places where a line may be broken."""
    means = {
        int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be", "replace")
        for glyph, text in _MEANING.findall(stream)
    }
    return {glyph: UNSEEN.sub("", text) or NOTHING for glyph, text in means.items()}


def _contents(objects: PdfObjects) -> Iterator[tuple[int, dict[bytes, int]]]:
    """Each page's content, and what the names of its fonts stand for."""
    for number in objects:
        if page := _PAGE.search(objects[number]):
            named = _FONTS.search(objects[int(page[1])])
            fonts = _REFERENCE.findall(named[1]) if named else []
            means = {name: _NAMED.search(objects[int(font)]) for name, font in fonts}
            yield int(page[2]), {name: int(found[1]) for name, found in means.items() if found}


def _read(group: Group) -> Read:
    glyphs, text = tuple(glyph for piece in group for glyph in piece.glyphs), group[0].text
    return (glyphs[::-1] if _runs_left(text) else glyphs), text


def _learned(known: Meanings, groups: Counter[Read], fixed: Meanings) -> Meanings:
    """What glyphs stand for, from groups of which the others are known. What is `fixed` is copied as it should already."""
    own = fixed
    for _ in range(_ROUNDS):
        votes: dict[int, Counter[str]] = defaultdict(Counter)
        for (glyphs, text), often in groups.items():
            for glyph, letter in _told(glyphs, text, own):
                votes[glyph][letter] += often
        before, own = own, {g: of.most_common(1)[0][0] for g, of in votes.items()} | fixed
        if own == before:
            break
    return known | own


def _told(glyphs: tuple[int, ...], text: str, own: Meanings) -> Iterator[tuple[int, str]]:
    """What a group tells of its glyphs."""
    if len(glyphs) == 1:
        yield glyphs[0], text
    elif _runs_left(text) and len(glyphs) == len(text):
        yield from zip(glyphs, text, strict=True)
    elif _runs_left(text) and len(glyphs) == 2:
        letters = next((at for at, sign in enumerate(text) if _is_sign(sign)), len(text))
        if 0 < letters < len(text) and all(map(_is_sign, text[letters:])):
            yield from zip(glyphs, (text[:letters], text[letters:]), strict=True)
    elif len(glyphs) == 2 and not any(glyph in own for glyph in glyphs):
        yield from zip(glyphs, (text[:1], text[1:]), strict=True)
    else:
        yield from _rest(glyphs, text, own)


def _rest(glyphs: tuple[int, ...], text: str, own: Meanings) -> Iterator[tuple[int, str]]:
    """What is left of the text for the one glyph that is not known yet: nothing, if the others are the whole."""
    unknown = [at for at, glyph in enumerate(glyphs) if glyph not in own]
    if len(unknown) != 1:
        return
    at = unknown[0]
    before = "".join(own[glyph] for glyph in glyphs[:at])
    behind = "".join(own[glyph] for glyph in glyphs[at + 1 :])
    if len(before) + len(behind) <= len(text) and text.startswith(before) and text.endswith(behind):
        yield glyphs[at], text[len(before) : len(text) - len(behind)] or NOTHING


def _spells(group: Group, own: Meanings) -> bool:
    glyphs, text = _read(group)
    return "".join(own.get(glyph, "\0") for glyph in glyphs).replace(NOTHING, "") == text


def _fixed(known: Meanings, groups: Iterable[Group], bare: set[int]) -> Meanings:
    """Of glyphs that are shown without a word on what they stand for, other than beside what is said to be the same."""
    alone = {group[0].glyphs[0] for group in groups if len(group) == 1 and not group[0].said}
    return {glyph: known[glyph] for glyph in bare | alone if glyph in known}


@lru_cache(maxsize=4096)
def _runs_left(text: str) -> bool:
    return any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text)


def _is_sign(sign: str) -> bool:
    return unicodedata.category(sign) == "Mn"


def _write_meanings(objects: PdfObjects, number: int, meanings: Meanings) -> None:
    rows = [
        b"<%04X> <%s>\n" % (glyph, text.encode("utf-16-be").hex().upper().encode())
        for glyph, text in sorted(meanings.items())
    ]
    parts = [rows[at : at + 100] for at in range(0, len(rows), 100)]
    table = b"".join(
        b"%d beginbfchar\n%sendbfchar\n" % (len(part), b"".join(part)) for part in parts
    )
    before = objects.unpacked(number) or b""
    objects.pack(number, _MEANINGS.sub(lambda _: table, before, count=1))
