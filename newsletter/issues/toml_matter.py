"""TOML between `+++`, as some site generators write their front matter: read like YAML, values as text."""

from __future__ import annotations

import re
import tomllib

from newsletter.issues.values import Mapping, Scalar, Sequence, Value

MAX_DEPTH = 6
_MAX_CHARACTERS = 200_000


def read_toml(text: str) -> Mapping | None:
    """The keys, or None when this is no TOML: then the text is text. Lines count from the opening fence."""
    if len(text) > _MAX_CHARACTERS or re.search(r"[\[{]{20}", text):
        return None
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    value = _value(table, 1, 0)
    if not isinstance(value, Mapping):
        return None
    entries = {key: (_line_of(text, key), inner) for key, (_, inner) in value.entries.items()}
    return Mapping(entries, 1)


def _value(value: object, line: int, depth: int) -> Value:
    if isinstance(value, dict) and depth < MAX_DEPTH:
        entries = {str(key): (line, _value(inner, line, depth + 1)) for key, inner in value.items()}
        return Mapping(entries, line)
    if isinstance(value, list) and depth < MAX_DEPTH:
        return Sequence([_value(inner, line, depth + 1) for inner in value], line)
    return Scalar(str(value), line)


def _line_of(text: str, key: str) -> int:
    found = re.search(rf"^\s*\[*\s*[\"']?{re.escape(key)}\b", text, re.MULTILINE)
    return text.count("\n", 0, found.end()) + 2 if found else 1
