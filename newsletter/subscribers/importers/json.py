"""JSON: a list of objects, wherever in an object it stands, one object a line (JSONL), a list of addresses, rows
with a header, or people by their addresses.

Nested objects become attributes: `attributes`, `fields`, `custom_fields`, `merge_fields`, `metadata` by their own
keys, `consent` by the columns of our own export, of others a list of names, any other as JSON text. Whoever is on
several lists, each with a status of its own, makes a record for each. Line numbers are those of the file.
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
LISTS = "lists"
OF_LIST = f"{LISTS}[]."
"""How columns begin that tell of one of the lists that somebody is on."""
_SPREAD = ("attributes", "attribs", "fields", "custom_fields", "merge_fields", "metadata", "data")
_SUBSCRIPTION = "subscription_status"
_HELD = 4
"""Objects in each other in which a list is looked for."""
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
    (at, inside), line = _first(text), 1
    last = 0
    header: list[str] = []
    while at < len(text):
        if inside and text[at] == "]":
            return  # what comes after the list is not of it
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
            people = _by_address(value)
            yield from (
                (line, _flat(each)) for one in people or [value] for each in _on_each_list(one)
            )
        elif isinstance(value, str) and "@" in value:
            yield line, {"email": value}
        elif isinstance(value, list) and inside and not header:
            header = [_text(one) for one in value]
        elif isinstance(value, list) and inside:
            yield line, dict(zip(header, map(_text, value), strict=False))
        else:
            yield Reject(line, str(value)[:40], "not an object", shown)
        at = end


def _first(text: str) -> tuple[int, bool]:
    """Where the objects begin, and whether that is inside of a list."""
    start = len(text) - len(text.lstrip("\ufeff \t\r\n"))
    if text[start : start + 1] == "[":
        return start + 1, True
    if text[start : start + 1] == "{":
        try:
            value, end = _DECODER.raw_decode(text, start)
        except (json.JSONDecodeError, RecursionError):
            return start, False
        if not text[end:].strip() and isinstance(value, dict) and (path := _list_in(value)):
            at = start
            for key in path:
                at = _value_of(text, at, key)
            return at + 1, True
    return start, False


def _list_in(value: Any, depth: int = 0) -> list[str | int]:
    """The way to the first list of an object that holds people, from outside inwards; empty where there is none."""
    if isinstance(value, list):
        value = dict(enumerate(value[:1]))
    if (
        not isinstance(value, dict)
        or depth > _HELD
        or any(_is_email(one) for one in value.values())
    ):
        return []
    for key, held in value.items():
        if isinstance(held, list) and any(_is_person(one) for one in held):
            return [key]
    for key, held in value.items():
        if isinstance(held, dict | list) and (found := _list_in(held, depth + 1)):
            return [key, *found]
    return []


def _is_email(value: Any) -> bool:
    return isinstance(value, str) and "@" in value


def _is_person(value: Any) -> bool:
    if isinstance(value, dict):
        return any(
            _is_email(one) or (isinstance(one, dict) and _is_person(one)) for one in value.values()
        )
    return _is_email(value) or (isinstance(value, list) and any(map(_is_email, value)))


def _value_of(text: str, at: int, key: str | int) -> int:
    """Where the value of a key begins in the object, or the first of the list, that begins at `at`."""
    if isinstance(key, int):
        return at + 1 + len(text[at + 1 :]) - len(text[at + 1 :].lstrip())
    at += 1
    while True:
        at = _past(text, at, ",")
        name, at = _DECODER.raw_decode(text, at)
        at = _past(text, at, ":")
        if name == key:
            return at
        _, at = _DECODER.raw_decode(text, at)


def _past(text: str, at: int, mark: str) -> int:
    while text[at] in f"{mark} \t\r\n":
        at += 1
    return at


def _by_address(value: dict[str, Any]) -> list[dict[str, Any]]:
    """The people of an object whose keys are their addresses."""
    if not value or not all("@" in key and isinstance(one, dict) for key, one in value.items()):
        return []
    return [{"email": key, **one} for key, one in value.items()]


def _on_each_list(value: dict[str, Any]) -> list[dict[str, Any]]:
    """Somebody once for each list that they are on, where a subscription has a status of its own; on no list, once."""
    lists = value.get(LISTS)
    if not isinstance(lists, list) or not all(_is_subscription(one) for one in lists):
        return [value]
    person = {name: held for name, held in value.items() if name != LISTS}
    told = [{f"{OF_LIST}{name}": held for name, held in one.items()} for one in lists]
    return [one | person for one in told or [{f"{OF_LIST}{_SUBSCRIPTION}": ""}]]


def _is_subscription(value: Any) -> bool:
    return isinstance(value, dict) and _SUBSCRIPTION in value


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
        case list() if value and all(isinstance(one, dict) and "name" in one for one in value):
            return "; ".join(_text(one["name"]) for one in value)
        case _:
            return json.dumps(value, ensure_ascii=False)
