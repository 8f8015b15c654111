"""How files of one kind are read, kept by name: `subscribers/mappings/NAME.toml`, so that next month's file is
imported as this month's was.

    list = "weekly"
    delimiter = ";"

    [columns]
    "Kontakt" = "email"
    "Notiz" = "-"

A file of this shape may lie anywhere. What is said with an import beats what the file says.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from newsletter.problems import UsageError
from newsletter.publication import Publication

FOLDER = "subscribers/mappings"
MOST_BYTES = 200_000
_TEXTS = ("list", "format", "encoding", "delimiter", "consent")


@dataclass(frozen=True, slots=True)
class SavedMapping:
    """`columns` is from a column's name to a field, to the name of an attribute, or to `-` for leaving it out."""

    columns: Mapping[str, str] = field(default_factory=dict)
    list: str = ""
    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    consent: str = ""

    def under(self, said: SavedMapping) -> SavedMapping:
        """This one where `said` says nothing."""
        texts = {name: getattr(said, name) or getattr(self, name) for name in _TEXTS}
        return SavedMapping({**self.columns, **said.columns}, **texts)


def read_mapping(publication: Publication, name: str) -> SavedMapping:
    """The mapping of a name, or in a file. Raises UsageError for one that is not there or says what it may not."""
    path = _path(publication, name)
    try:
        raw = path.read_bytes()
    except OSError:
        known = ", ".join(saved_mappings(publication))
        raise UsageError(
            f"there is no mapping {name}",
            f"There are: {known}" if known else "Keep one with --save-mapping NAME.",
        ) from None
    try:
        if len(raw) > MOST_BYTES:
            raise ValueError("it is too long")
        return _mapping(tomllib.loads(raw.decode("utf-8-sig")))
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as caught:
        raise UsageError(
            f"{path.name}: {caught}", 'Write [columns] and below it "Column" = "field".'
        ) from None


def save_mapping(publication: Publication, name: str, mapping: SavedMapping) -> Path:
    """Keeps a mapping under a name, in place of an older one."""
    if not name or not name.isprintable() or Path(name).name != name or name.startswith("."):
        raise UsageError(f"not a mapping's name: {name!r}", "A short word: contacts.")
    path = publication.path(FOLDER) / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    stage = path.with_suffix(".part")
    stage.write_text(_written(mapping), encoding="utf-8")
    stage.replace(path)
    return path


def saved_mappings(publication: Publication) -> tuple[str, ...]:
    """The names of those that are kept."""
    return tuple(sorted(path.stem for path in publication.path(FOLDER).glob("*.toml")))


def _path(publication: Publication, name: str) -> Path:
    if name.endswith(".toml") or "/" in name or "\\" in name:
        return Path(name)
    return publication.path(FOLDER) / f"{name}.toml"


def _mapping(table: Mapping[str, object]) -> SavedMapping:
    known = {one.name for one in fields(SavedMapping)}
    if unknown := sorted(table.keys() - known):
        raise ValueError(f"there is no key {unknown[0]}; there are {', '.join(sorted(known))}")
    columns = table.get("columns", {})
    if not isinstance(columns, Mapping) or not all(isinstance(to, str) for to in columns.values()):
        raise ValueError("columns is a table of texts")
    texts = {name: table.get(name, "") for name in _TEXTS}
    if wrong := [name for name, value in texts.items() if not isinstance(value, str)]:
        raise ValueError(f"{wrong[0]} is a text")
    return SavedMapping(dict(columns), **{name: str(value) for name, value in texts.items()})


def _written(mapping: SavedMapping) -> str:
    lines = [f"{name} = {_quoted(value)}" for name in _TEXTS if (value := getattr(mapping, name))]
    lines += ["", "[columns]"] if lines else ["[columns]"]
    lines += [f"{_quoted(column)} = {_quoted(to)}" for column, to in mapping.columns.items()]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A text as TOML has it: JSON's escapes are among TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
