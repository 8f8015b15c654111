"""JSON: a list of objects, an object that holds one, or one object a line (JSONL).

Nested objects become attributes: `attributes`, `fields`, `custom_fields`, `metadata` by their own keys,
`consent` by the columns of our own export, any other as JSON text. Line numbers are those of the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from newsletter.problems import UsageError
from newsletter.subscribers.importers.encodings import BROKEN, find_encoding
from newsletter.subscribers.importers.rows import Reject
from newsletter.subscribers.importers.sheets import Record, Sheet

MOST_BYTES = 512_000_000
_SPREAD = ("attributes", "fields", "custom_fields", "metadata", "data")
_DECODER = json.JSONDecoder()


def read(path: Path, shown: str = "") -> Sheet:
    """The table of a file. Raises UsageError when it holds no list of objects."""
    encoding = find_encoding(path)
    if path.stat().st_size > MOST_BYTES:
        raise UsageError(
            f"{path} is larger than {MOST_BYTES // 1_000_000} MB", "Split it, or use CSV."
        )
    text = path.read_text(encoding=encoding, errors=BROKEN)
    found = list(_objects(text, shown))
    header = dict.fromkeys(key for one in found if isinstance(one, tuple) for key in one[1])
    if not header:
        raise UsageError(f"{shown or path} holds no list of subscribers")
    columns = list(header)
    records: Iterator[Record] = (
        one if isinstance(one, Reject) else (one[0], [one[1].get(key, "") for key in columns])
        for one in found
    )
    return Sheet("json", columns, records, encoding, file=shown)


def _objects(text: str, shown: str) -> Iterator[tuple[int, dict[str, str]] | Reject]:
    """Each object with the line it begins on, wherever it stands: in a list, in an object's list, on a line."""
    at, line = _first(text), 1
    last = 0
    while at < len(text):
        if text[at] in " \t\r\n,]}\ufeff":
            at += 1
            continue
        line += text.count("\n", last, at)
        last = at
        try:
            value, end = _DECODER.raw_decode(text, at)
        except json.JSONDecodeError as caught:
            yield Reject(line, text[at : at + 40].splitlines()[0], f"not JSON: {caught.msg}", shown)
            newline = text.find("\n", at)
            at = len(text) if newline < 0 else newline
            continue
        except RecursionError:
            raise UsageError("the file is nested too deeply") from None
        if isinstance(value, dict):
            yield line, _flat(value)
        else:
            yield Reject(line, str(value)[:40], "not an object", shown)
        at = end


def _first(text: str) -> int:
    """Where the objects begin: after the bracket of the list that holds them."""
    start = len(text) - len(text.lstrip("\ufeff \t\r\n"))
    if text[start : start + 1] == "[":
        return start + 1
    if text[start : start + 1] == "{":
        try:
            value, end = _DECODER.raw_decode(text, start)
        except (json.JSONDecodeError, RecursionError):
            return start
        if not text[end:].strip() and isinstance(value, dict):
            for key, held in value.items():
                if isinstance(held, list) and any(isinstance(one, dict) for one in held):
                    return text.index("[", text.index(json.dumps(key, ensure_ascii=False))) + 1
    return start


def _flat(value: dict[str, Any]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for key, held in value.items():
        if key == "consent" and isinstance(held, dict):
            cells |= {f"consent_{name}": _text(one) for name, one in held.items()}
        elif key in _SPREAD and isinstance(held, dict):
            cells |= {name: _text(one) for name, one in held.items() if name not in cells}
        else:
            cells[key] = _text(held)
    return cells


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case list() if all(isinstance(one, str) for one in value):
            return "; ".join(value)
        case _:
            return json.dumps(value, ensure_ascii=False)
