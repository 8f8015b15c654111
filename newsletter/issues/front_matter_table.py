"""Changing keys of one small table in a file's front matter (`layout: {columns: 2}`) and no other byte.

The table stands on one line in braces, or below its key in lines of `name: value`. What is written otherwise is left to
whoever writes the text itself: `CannotEdit` says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from newsletter.issues.front_matter_edit import CannotEdit, matter_of, new_rows, span_of

_FLOW = re.compile(r"(?P<before>[^{#]*\{)(?P<inside>[^{}\[\]\"'#]*)(?P<after>\}\s*(?:#.*)?)")
_ROW = re.compile(r"(?P<before>\s+(?P<name>[\w-]+)\s*:\s*)(?P<value>[^#\s]*)(?P<after>\s*(?:#.*)?)")


def with_table(text: str, key: str, values: Mapping[str, str]) -> str:
    """The text with these entries in the table of a key; a value is one plain word. Raises CannotEdit."""
    if text.lstrip("\ufeff").startswith("+++"):
        raise CannotEdit(f"{key} is written in a way that only its text can be changed")
    lines, opening, closing = matter_of(text)
    place = span_of(lines, opening, closing, key)
    if place is None:
        row = f"{key}: {{{_entries(values)}}}"
        return new_rows(text, lines, opening, closing, [row])
    start, end = place
    if not any(line.strip() for line in lines[start + 1 : end]):
        lines[start] = _in_braces(lines[start], key, values)
        return "\n".join(lines)
    if lines[start].partition(":")[2].partition("#")[0].strip():
        raise CannotEdit(f"{key} takes several lines; edit it as text")
    lines[start + 1 : end] = _in_lines(lines[start + 1 : end], key, values)
    return "\n".join(lines)


def _entries(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in values.items())


def _in_braces(line: str, key: str, values: Mapping[str, str]) -> str:
    if not line.partition(":")[2].partition("#")[0].strip():
        return f"{key}: {{{_entries(values)}}}"
    found = _FLOW.fullmatch(line)
    if found is None:
        raise CannotEdit(f"{key} is written in a way that only its text can be changed")
    there: dict[str, str] = {}
    for part in filter(str.strip, found["inside"].split(",")):
        name, colon, value = part.partition(":")
        if not colon:
            raise CannotEdit(f"{key} is written in a way that only its text can be changed")
        there[name.strip()] = value.strip()
    return found["before"] + _entries(there | dict(values)) + found["after"]


def _in_lines(lines: list[str], key: str, values: Mapping[str, str]) -> list[str]:
    left, done = dict(values), []
    indent = next(len(line) - len(line.lstrip()) for line in lines if line.strip())
    for line in lines:
        found = _ROW.fullmatch(line)
        if found is not None and found["name"] in left:
            line = found["before"] + left.pop(found["name"]) + found["after"]
        elif found is None and line.strip() and not line.lstrip().startswith("#"):
            raise CannotEdit(f"{key} is written in a way that only its text can be changed")
        done.append(line)
    return done + [f"{' ' * indent}{name}: {value}" for name, value in left.items()]
