"""Design tokens: the colours, fonts and sizes that all editions share.

They come from `templates/tokens.toml` and the theme's `templates/tokens/<theme>.toml`, the publication's files of
those names, and `[tokens]` of `newsletter.toml` (`accent`, `accent-dark`, `font-serif`, …), each over the one before. A publication may
choose any colour; where text would fall below a contrast of 4.5 the colour is moved until it does not,
with a warning, so that no reader pays for a choice of brand. Mistakes are Problems; the starter's value
stands in for what cannot be read.
"""

from __future__ import annotations

import difflib
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
class Tokens:
    """`light` and `dark` map the same names (`paper`, `ink`, `accent`, `on-band-2`, …) to `#rrggbb`;
    `fonts` has `sans`, `serif`, `mono` as CSS font lists, and `sans-latin`, `serif-latin` for text that is not
    Chinese, Japanese or Korean; `email` and `web` the sizes by role (`body`, …)."""

    light: Mapping[str, str]
    dark: Mapping[str, str]
    fonts: Mapping[str, str]
    email: Mapping[str, Size]
    web: Mapping[str, Size]


def load_tokens(publication: Publication, theme: str = "") -> tuple[Tokens, tuple[Problem, ...]]:
    """The tokens of a theme (the publication's where none is named) and what is wrong with the publication's own."""
    problems: list[Problem] = []
    first, *files = _files(publication, theme or publication.settings.theme)
    tables: dict[str, dict[str, Any]] = tomllib.loads(first[1].read_text(encoding="utf-8"))
    for name, path in files:
        _lay_over(tables, _read(path, name, problems), name, problems)
    _lay_over(tables, _settings_tables(publication), FILE_NAME, problems)
    for ground in ("light", "dark"):
        problems += _with_enough_contrast(tables[ground], ground)
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
    )


def _read(path: Path, name: str, problems: list[Problem]) -> dict[str, dict[str, Any]]:
    source = Source(name)
    try:
        tables = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as caught:
        problems.append(error("tokens-syntax", source, f"not valid TOML: {caught}"))
        return {}
    for key in [key for key, table in tables.items() if not isinstance(table, dict)]:
        problems.append(error("tokens-syntax", source, f"{key} stands outside a table"))
        del tables[key]
    return tables


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
    file: str,
    problems: list[Problem],
) -> None:
    for name, table in own.items():
        for key, value in table.items():
            if problem := _problem_of(tables, name, key, value, file):
                problems.append(problem)
            else:
                tables[name][key] = value
                if name == "light" and key in _FOLLOWS - set(own.get("dark", {})):
                    tables["dark"][key] = value
                if name == "fonts" and f"{key}-latin" not in table:
                    tables["fonts"] |= {f"{key}-latin": value} if key in ("sans", "serif") else {}


_FOLLOWS = frozenset({"accent", "band"})
"""What a publication sets once for both grounds."""


def _problem_of(
    tables: dict[str, dict[str, Any]], name: str, key: str, value: object, file: str
) -> Problem | None:
    source = Source(file)
    if key not in tables.get(name, {}):
        near = difflib.get_close_matches(key, tables.get(name, {}), n=1)
        hint = f"Did you mean {near[0]}?" if near else "templates/tokens.toml lists them all."
        return warning("token-unknown", source, f"unknown token: {key}", hint)
    if name in ("light", "dark") and not (isinstance(value, str) and is_colour(value)):
        return error("token-colour", source, f"{key} is no colour: {value}", "Write it as #1f5f7a.")
    if name == "fonts" and not (isinstance(value, str) and not _FORBIDDEN_IN_FONTS & set(value)):
        return error("token-font", source, f"{key} is no list of fonts: {value}")
    if name in ("email", "web") and not _is_size(value):
        hint = "Four numbers: pixels, line height, and both for a phone."
        return error("token-size", source, f"{key} is no size: {value}", hint)
    return None


def _is_size(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 4
        and all(isinstance(part, (int, float)) and 0.5 <= part <= 200 for part in value)
    )


def _with_enough_contrast(colours: dict[str, Any], ground: str) -> list[Problem]:
    """Moves what cannot be read, in place, and says so once for each colour."""
    before = dict(colours)
    for text, on in _PAIRS:
        colours[text] = with_contrast(colours[text], colours[on], LEAST_CONTRAST)
    colours["band"] = with_contrast(colours["band"], colours["on-band"], LEAST_CONTRAST)
    if contrast(colours["on-band-2"], colours["band"]) < LEAST_CONTRAST:
        colours["on-band-2"] = colours["on-band"]
    return [
        warning(
            "token-contrast",
            Source(FILE_NAME),
            f"{key} {before[key]} is too faint to read on the {ground} ground; {colours[key]} is used",
            "Text needs a contrast of 4.5 (WCAG 2.2 AA).",
        )
        for key in colours
        if before[key] != colours[key] and not (ground == "dark" and key in _FOLLOWS)
    ]
