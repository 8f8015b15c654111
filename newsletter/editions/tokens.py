"""Design tokens: the colours, fonts and sizes that all editions share.

They come from `templates/tokens.toml` and the theme's `templates/tokens/<theme>.toml`, the publication's files of
those names, and `[tokens]` of `newsletter.toml` (`accent`, `accent-dark`, `font-serif`, …), each over the one before. A publication may
choose any colour; where text would fall below a contrast of 4.5 the colour is moved until it does not,
with a warning, so that no reader pays for a choice of brand. Mistakes are Problems; the starter's value
stands in for what cannot be read.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsletter.editions.colour import contrast, is_colour, with_contrast
from newsletter.problems import Problem, Source, error, warning
from newsletter.publication import FILE_NAME, Publication, starter_templates

LEAST_CONTRAST = 4.5

_PAIRS = (
    ("ink", "paper"),
    ("head", "paper"),
    ("accent", "paper"),
    ("accent", "canvas"),
    ("accent", "tint"),
    ("muted", "paper"),
    ("muted", "canvas"),
    ("muted", "tint"),
)
"""Text colours and the grounds they stand on."""

_FORBIDDEN_IN_FONTS = frozenset('{}<>;\\"()\n')


@dataclass(frozen=True, slots=True)
class Size:
    """Pixels and line height of a role, on a wide screen and on a phone."""

    pixels: float
    line: float
    phone_pixels: float
    phone_line: float


@dataclass(frozen=True, slots=True)
class PageSize:
    """Points: size of the text, from baseline to baseline, width of a column, space between two columns."""

    size: float
    pitch: float
    measure: float
    gutter: float


@dataclass(frozen=True, slots=True)
class Tokens:
    """`light` and `dark` map the same names (`paper`, `ink`, `accent`, `on-band-2`, …) to `#rrggbb`;
    `fonts` has `sans`, `serif`, `mono` as CSS font lists, and `sans-latin`, `serif-latin` for text that is not
    Chinese, Japanese or Korean; `email` and `web` the sizes by role (`body`, …); `pages` the printed page by script and
    columns (`han`, `latin-two-columns`, …), `margins` the least space above and below its text."""

    light: Mapping[str, str]
    dark: Mapping[str, str]
    fonts: Mapping[str, str]
    email: Mapping[str, Size]
    web: Mapping[str, Size]
    pages: Mapping[str, PageSize]
    margins: tuple[float, float]


def load_tokens(publication: Publication, theme: str = "") -> tuple[Tokens, tuple[Problem, ...]]:
    """The tokens of a theme (the publication's where none is named) and what is wrong with the publication's own."""
    problems: list[Problem] = []
    first, *files = _files(publication, theme or publication.settings.theme)
    tables: dict[str, dict[str, Any]] = tomllib.loads(first[1].read_text(encoding="utf-8"))
    written: _Written = {}
    for name, path in files:
        own, lines = _read(path, name, problems)
        _lay_over(tables, own, lines, problems, written)
    given = _settings_tables(publication)
    lines = _Lines(FILE_NAME, _text(publication.root / FILE_NAME), in_settings=True)
    _lay_over(tables, given, lines, problems, written)
    for ground in ("light", "dark"):
        problems += _with_enough_contrast(tables[ground], ground, written)
    return _tokens(tables), tuple(problems)


def _files(publication: Publication, theme: str) -> list[tuple[str, Path]]:
    """Each file with its name, later ones over earlier: the package's, the publication's; a theme's behind the common one."""
    names = ("tokens.toml", f"tokens/{theme}.toml")
    files = [(name, path) for name in names for path in publication.template_files(name)]
    shipped = starter_templates().resolve()
    files.sort(key=lambda file: not file[1].is_relative_to(shipped))
    return [(f"templates/{name}", path) for name, path in files]


def _tokens(tables: dict[str, dict[str, Any]]) -> Tokens:
    sizes = {
        medium: {role: Size(*map(float, values)) for role, values in tables[medium].items()}
        for medium in ("email", "web")
    }
    return Tokens(
        light=tables["light"],
        dark=tables["dark"],
        fonts=tables["fonts"],
        email=sizes["email"],
        web=sizes["web"],
        pages={
            name: PageSize(*map(float, values))
            for name, values in tables["print"].items()
            if name != "margins"
        },
        margins=(float(tables["print"]["margins"][0]), float(tables["print"]["margins"][1])),
    )


_Written = dict[tuple[str, str], Source]
"""Where a token was written that is not the package's, by table and key."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """Finds the line of a token in the file that it was read from."""

    file: str
    text: str
    in_settings: bool = False

    def source(self, table: str, key: str) -> Source:
        if self.in_settings:
            key = {"dark": f"{key}-dark", "fonts": f"font-{key}"}.get(table, key)
            table = "tokens"
        here = ""
        for number, line in enumerate(self.text.splitlines(), 1):
            if header := re.match(r"\s*\[\s*([\w-]+)\s*\]", line):
                here = header[1]
            elif here == table and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line):
                return Source(self.file, number)
        return Source(self.file)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""


def _read(
    path: Path, name: str, problems: list[Problem]
) -> tuple[dict[str, dict[str, Any]], _Lines]:
    source = Source(name)
    lines = _Lines(name, _text(path))
    try:
        tables = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as caught:
        found = re.search(r"\(at line (\d+), column \d+\)", str(caught))
        where = Source(name, int(found[1])) if found else source
        problems.append(error("tokens-syntax", where, f"not valid TOML: {caught}"))
        return {}, lines
    for key in [key for key, table in tables.items() if not isinstance(table, dict)]:
        where = lines.source("", key)
        problems.append(error("tokens-syntax", where, f"{key} stands outside a table"))
        del tables[key]
    return tables, lines


def _settings_tables(publication: Publication) -> dict[str, dict[str, Any]]:
    """`accent` → light, `accent-dark` → dark, `font-serif` → fonts. A dark colour that is not given follows the
    light one: the contrast rule lightens it as far as it needs."""
    tables: dict[str, dict[str, Any]] = {"light": {}, "dark": {}, "fonts": {}}
    given = publication.settings.tokens
    for key, value in given.items():
        if key.startswith("font-"):
            tables["fonts"][key.removeprefix("font-")] = value
        elif key.endswith("-dark"):
            tables["dark"][key.removesuffix("-dark")] = value
        else:
            tables["light"][key] = value
    return tables


def _lay_over(
    tables: dict[str, dict[str, Any]],
    own: dict[str, dict[str, Any]],
    lines: _Lines,
    problems: list[Problem],
    written: _Written,
) -> None:
    for name, table in own.items():
        for key, value in table.items():
            source = lines.source(name, key)
            if problem := _problem_of(tables, name, key, value, source):
                problems.append(problem)
            else:
                tables[name][key] = value
                written[name, key] = source
                if name == "light" and key in _FOLLOWS - set(own.get("dark", {})):
                    tables["dark"][key] = value
                if name == "fonts" and f"{key}-latin" not in table:
                    tables["fonts"] |= {f"{key}-latin": value} if key in ("sans", "serif") else {}


_FOLLOWS = frozenset({"accent", "band"})
"""What a publication sets once for both grounds."""


def _problem_of(
    tables: dict[str, dict[str, Any]], name: str, key: str, value: object, source: Source
) -> Problem | None:
    if name not in tables:
        tables_there = ", ".join(f"[{table}]" for table in tables)
        hint = f"There are: {tables_there}."
        return warning("token-unknown", source, f"no tokens are called [{name}]", hint)
    if key not in tables[name]:
        near = difflib.get_close_matches(key, tables[name], n=1)
        hint = f"Did you mean {near[0]}?" if near else "docs/themes.md lists them all."
        return warning("token-unknown", source, f"unknown token: {key}", hint)
    if name in ("light", "dark") and not (isinstance(value, str) and is_colour(value)):
        return error("token-colour", source, f"{key} is no colour: {value}", "Write it as #1f5f7a.")
    if name == "fonts" and not (isinstance(value, str) and not _FORBIDDEN_IN_FONTS & set(value)):
        hint = "Names with commas between, as in CSS: 'Source Serif 4',Georgia,serif"
        return error("token-font", source, f"{key} is no list of fonts: {value}", hint)
    if name in ("email", "web") and not _is_size(value):
        hint = "Four numbers: pixels, line height, and both for a phone."
        return error("token-size", source, f"{key} is no size: {value}", hint)
    if name == "print" and key == "margins" and not _are_points(value, (20, 20), (200, 200)):
        hint = "Two numbers from 20 to 200: points above the text and below."
        return error("token-size", source, f"{key} is no size: {value}", hint)
    if name == "print" and key != "margins" and not _is_page(value, key):
        hint = "Four numbers in points: size, from line to line, width of a column, space between."
        return error("token-size", source, f"{key} is no size: {value}", hint)
    return None


def _is_size(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 4
        and all(isinstance(part, (int, float)) and 0.5 <= part <= 200 for part in value)
    )


_WIDEST = 595.0 - 2 * 28
"""Points: what is left of A4, the narrower paper, between two margins of a centimetre."""


def _is_page(value: object, key: str) -> bool:
    if not (isinstance(value, list) and _are_points(value, (6, 6, 60, 0), (24, 48, _WIDEST, 60))):
        return False
    page = PageSize(*map(float, value))
    columns = 2 if key.endswith("-two-columns") else 1
    used = page.measure * columns + page.gutter * (columns - 1)
    return page.pitch >= page.size and used <= _WIDEST


def _are_points(value: object, least: tuple[float, ...], most: tuple[float, ...]) -> bool:
    return (
        isinstance(value, list)
        and len(value) == len(least)
        and all(
            isinstance(part, (int, float)) and low <= part <= high
            for part, low, high in zip(value, least, most, strict=True)
        )
    )


def _with_enough_contrast(colours: dict[str, Any], ground: str, written: _Written) -> list[Problem]:
    """Moves what cannot be read, in place, and says so once for each colour, where it or its ground was written."""
    before = dict(colours)
    for text, on in _PAIRS:
        colours[text] = with_contrast(colours[text], colours[on], LEAST_CONTRAST)
    colours["band"] = with_contrast(colours["band"], colours["on-band"], LEAST_CONTRAST)
    if contrast(colours["on-band-2"], colours["band"]) < LEAST_CONTRAST:
        colours["on-band-2"] = colours["on-band"]
    grounds = {text: [on for one, on in _PAIRS if one == text] for text, _ in _PAIRS}
    grounds |= {"band": ["on-band"], "on-band-2": ["band"]}
    found = []
    for key in colours:
        if before[key] == colours[key]:
            continue
        if ground == "dark" and key in _FOLLOWS and (ground, key) not in written:
            continue  # it follows the light one: nobody chose it
        places = (written.get((ground, name)) for name in (key, *grounds.get(key, ())))
        found.append(
            warning(
                "token-contrast",
                next(filter(None, places), Source(FILE_NAME)),
                f"{key} {before[key]} is too faint to read on the {ground} ground; {colours[key]} is used",
                "Text needs a contrast of 4.5 (WCAG 2.2 AA).",
            )
        )
    return found
