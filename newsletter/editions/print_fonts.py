"""The fonts that the print edition may use: ours, the extra ones where they are laid, and the publication's own.

Nothing of the machine is used: an issue must break the same lines everywhere. Ours lie in the package
(`make setup`, and the wheel), the extra ones for Japanese, Korean and Traditional Chinese beside them (`make fonts-extra`),
and a publication may lay any others, as TTF or OTF, in its folder `fonts/`. What a language is set in is an ordered list
of families: its own, then all others, so that what one family cannot draw another may.

What can go wrong: a file in `fonts/` that is no font is told as a Problem and left out.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from newsletter.model.language import is_han, primary
from newsletter.problems import Problem, Source, warning
from newsletter.publication import Publication

FONTS = Path(__file__).resolve().parent.parent / "_assets" / "fonts"
EXTRA_FONTS = FONTS.with_name("fonts-extra")

SERIF, SANS, MONO = "serif", "sans", "mono"

_ARABIC = ("ar", "fa", "ur", "ps", "ug", "ckb", "sd", "ks")
_DEVANAGARI = ("hi", "mr", "ne", "sa")

_OWN: dict[str, tuple[str, str]] = {
    **dict.fromkeys(_ARABIC, ("Amiri", "Vazirmatn")),
    **dict.fromkeys(("he", "yi"), ("Noto Serif Hebrew", "Noto Sans Hebrew")),
    **dict.fromkeys(_DEVANAGARI, ("Noto Serif Devanagari", "Noto Sans Devanagari")),
    "bn": ("Noto Serif Bengali", "Noto Sans Bengali"),
    "as": ("Noto Serif Bengali", "Noto Sans Bengali"),
    "ta": ("Noto Serif Tamil", "Noto Sans Tamil"),
    "kn": ("Noto Serif Kannada", "Noto Sans Kannada"),
    "ml": ("Noto Serif Malayalam", "Noto Sans Malayalam"),
    "te": ("Noto Serif Telugu", "Noto Sans Telugu"),
    "gu": ("Noto Serif Gujarati", "Noto Sans Gujarati"),
    "pa": ("Noto Serif Gurmukhi", "Noto Sans Gurmukhi"),
    "si": ("Noto Serif Sinhala", "Noto Sans Sinhala"),
    "lo": ("Noto Serif Lao", "Noto Sans Lao"),
    "am": ("Noto Serif Ethiopic", "Noto Sans Ethiopic"),
    "th": ("Noto Serif Thai", "Noto Sans Thai"),
    "km": ("Noto Serif Khmer", "Noto Sans Khmer"),
    "my": ("Noto Serif Myanmar", "Noto Sans Myanmar"),
    "hy": ("Noto Serif Armenian", "Noto Sans Armenian"),
    "ka": ("Noto Serif Georgian", "Noto Sans Georgian"),
    "ko": ("Noto Serif KR", "Noto Sans KR"),
    "ja": ("Noto Serif JP", "Noto Sans JP"),
    "zh-hant": ("Noto Serif TC", "Noto Sans TC"),
}
"""Serif and sans by language; a serif that is not there is replaced by the sans. Of Arabic fonts those whose letters are
one glyph each: Noto's put dots over and under bare shapes, and whoever copied its words or had them read aloud got other
letters. It stands behind them for what they lack."""

_LATIN = ("Noto Serif", "Noto Sans")
_HAN = ("Noto Serif SC", "Noto Sans SC")
_SYMBOLS = ("Noto Sans Symbols", "Noto Sans Symbols 2", "Noto Sans Math", "Noto Emoji")

WANTED = {"ja": "Japanese", "ko": "Korean serif", "zh-hant": "Traditional Chinese"}
"""Languages whose own fonts are extras, as `doctor` names them."""

HOW_TO_LAY = "In a checkout: make fonts-extra. Else lay their TTF or OTF files in the publication's folder fonts/."


@dataclass(frozen=True)
class FontBook:
    """What there is. `folders` are for the engine; `stamp` changes when a font does; `own` are the families whose files
    the publication has laid."""

    folders: tuple[Path, ...]
    families: tuple[str, ...]
    covered: frozenset[int] = field(repr=False)
    stamp: str
    problems: tuple[Problem, ...] = ()
    own: frozenset[str] = frozenset()

    def named(self, fonts: Mapping[str, str], language: str) -> dict[str, tuple[str, ...]]:
        """Families by kind that the design tokens name and the publication has laid. What they name besides lies on
        readers' machines, and is no file of ours."""
        ending = "" if is_han(language) or primary(language) == "ko" else "-latin"
        chosen = {kind: fonts.get(f"{kind}{ending}", fonts[kind]) for kind in (SERIF, SANS, MONO)}
        return {
            kind: tuple(one for one in _css_families(names) if one in self.own)
            for kind, names in chosen.items()
        }

    def of_language(self, language: str) -> dict[str, tuple[str, ...]]:
        """Families by kind, the language's own first."""
        own = _OWN.get(script(language), ())
        middle = (_HAN, _LATIN) if is_han(language) else (_LATIN, _HAN)
        serif = [*own[:1], *own[1:], *(pair[0] for pair in middle)]
        sans = [*own[1:], *(pair[1] for pair in middle)]
        others = [pair for pair in dict.fromkeys(_OWN.values()) if pair != own]
        serif += [family for pair in others for family in pair]
        sans += [pair[1] for pair in others]
        known = {*serif, *sans, *_SYMBOLS, "Noto Sans Mono"}
        more = [family for family in self.families if family not in known]
        chains = {
            SERIF: [*serif, *_SYMBOLS, *sans, *more],
            SANS: [*sans, *_SYMBOLS, *serif, *more],
            MONO: ["Noto Sans Mono", *sans, *_SYMBOLS, *serif, *more],
        }
        there = frozenset(self.families)
        return {
            kind: tuple(one for one in dict.fromkeys(chain) if one in there)
            for kind, chain in chains.items()
        }

    def lacks(self, language: str) -> tuple[str, ...]:
        """The extra families that text of a language would be set in, as far as they are missing."""
        wanted = _OWN[script(language)] if script(language) in WANTED else ()
        return tuple(family for family in wanted if family not in self.families)


def _css_families(names: str) -> Iterable[str]:
    """Each family of a list as CSS has it."""
    return (name.strip().strip("'\"") for name in names.split(","))


def script(language: str) -> str:
    """The key of a language's own fonts: its primary tag, or `zh-hant` for Chinese as in Taiwan and Hong Kong."""
    base = primary(language)
    subtags = language.replace("_", "-").lower().split("-")[1:]
    if base == "yue" or (base == "zh" and {"hant", "tw", "hk", "mo"} & set(subtags)):
        return base if "hans" in subtags else "zh-hant"
    return base


def may_be_spaced(language: str) -> bool:
    """Whether letters of a language may stand a hair further apart or closer: Latin, Greek and Cyrillic ones do, those
    that are joined or carry others do not, and Han has a grid."""
    return script(language) not in _OWN and not is_han(language)


def font_book(publication: Publication | None = None) -> FontBook:
    """What there is, for a publication or at all. Empty families when not even ours are laid."""
    own = publication.root / "fonts" if publication else None
    folders = tuple(one for one in (FONTS, EXTRA_FONTS, own) if one is not None and one.is_dir())
    files = tuple(file for folder in folders for file in _files(folder))
    return _read(folders, files, str(publication.root) if publication else ".")


def _files(folder: Path) -> Iterable[tuple[str, int, int]]:
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in (".ttf", ".otf") and path.is_file():
            state = path.stat()
            yield str(path), state.st_mtime_ns, state.st_size


def _laid(folder: Path) -> Iterable[tuple[str, Any]]:
    """What is known of fonts from the manifest they were laid with: opening them all takes half a second."""
    if folder in (FONTS, EXTRA_FONTS):
        with contextlib.suppress(OSError, ValueError):
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            for font in manifest["fonts"]:
                if "ranges" in font:
                    yield str(folder / font["file"]), font


def _opened(name: str) -> tuple[Iterable[int], str | None]:
    """The characters and the family of a file; no family when it is no font."""
    from fontTools.ttLib import TTFont, TTLibError  # ours are known without it

    try:
        with open(name, "rb") as stream, TTFont(stream, lazy=True) as font:
            characters = font.getBestCmap() or {}
            family = font["name"].getBestFamilyName()
    except (TTLibError, OSError, KeyError, ValueError, AssertionError):
        return (), None
    return characters, None if family is None else str(family)


@lru_cache(maxsize=8)
def _read(
    folders: tuple[Path, ...], files: tuple[tuple[str, int, int], ...], root: str
) -> FontBook:
    covered: set[int] = set()
    families: list[str] = []
    own: list[str] = []
    problems: list[Problem] = []
    told = {name: font for folder in folders for name, font in _laid(folder)}
    before: list[int] = []
    for name, _, _ in files:
        if known := told.get(name):
            if known["ranges"] != before:  # the bold of a family has what its regular has
                before = known["ranges"]
                first = iter(before)
                for start, length in zip(first, first, strict=True):
                    covered.update(range(start, start + length))
            families.append(known["family"])
            continue
        characters, family = _opened(name)
        if family is None:
            shown = os.path.relpath(name, root)
            problems.append(
                warning(
                    "font-unreadable",
                    Source(shown, 1),
                    f"{shown} is no font that print can use",
                    "Lay fonts as TTF or OTF files; WOFF2 and collections are not read.",
                )
            )
        else:
            covered.update(characters)
            families.append(family)
            if Path(name).parent not in (FONTS, EXTRA_FONTS):
                own.append(family)
    stamp = hashlib.sha256(repr(files).encode()).hexdigest()
    return FontBook(
        folders,
        tuple(dict.fromkeys(families)),
        frozenset(covered),
        stamp,
        tuple(problems),
        frozenset(own),
    )
