"""Changing one key of a file's front matter and no other byte: for forms, which know a key and a value.

Works on lines. What is not one line of text or one short list (a table, a block of lines) is left to whoever
writes the text itself: `CannotEdit` says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

_FENCE = re.compile(r"---[ \t]*")
_KEY = re.compile(r"(?P<key>[A-Za-z_][\w-]*)[ \t]*:(?P<rest>.*)", re.DOTALL)
_COMMENT = re.compile(
    r"(?P<value>(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|[^#\"']*?))(?P<comment>\s+#.*)?\s*"
)
_PLAIN = re.compile(r"[^\W\d_][^:#\[\]{}&*!|>%@`\"'\n,\\]*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class CannotEdit(ValueError):
    """The key is written in a way that only its text can be changed."""


@dataclass(frozen=True, slots=True)
class _Span:
    """A key's lines: from `start` up to, not including, `end`."""

    key: str
    start: int
    end: int


def with_key(text: str, key: str, value: str | Sequence[str]) -> str:
    """The text with a key set, or taken out where the value is empty. Raises CannotEdit."""
    lines, opening, closing = _matter(text)
    span = next((one for one in _spans(lines, opening, closing) if one.key == key), None)
    if span is None:
        return _with_new(
            text, lines, opening, closing, [f"{key}: {_written(value)}"] if value else []
        )
    if span.end - span.start > 1 and any(line.strip() for line in lines[span.start + 1 : span.end]):
        if isinstance(value, str) or not _is_plain_list(lines[span.start : span.end]):
            raise CannotEdit(f"{key} takes several lines; edit it as text")
        lines[span.start : span.end] = [f"{key}: {_written(value)}"] if value else []
        return "\n".join(lines)
    if not value:
        del lines[span.start]
        return "\n".join(lines)
    found = _KEY.match(lines[span.start])
    assert found is not None
    rest = _COMMENT.fullmatch(found["rest"])
    if rest is None and not found["rest"].strip().startswith(("[", "{")):
        raise CannotEdit(f"{key} is written in a way that only its text can be changed")
    comment = rest["comment"] or "" if rest is not None else ""
    lines[span.start] = f"{key}: {_written(value)}{comment}"
    return "\n".join(lines)


def with_entry(text: str, key: str, entry: Sequence[tuple[str, str]]) -> str:
    """The text with one more table at the end of a list of tables. Raises CannotEdit."""
    lines, opening, closing = _matter(text)
    rows = [
        f"  {'- ' if at == 0 else '  '}{name}: {_written(value)}"
        for at, (name, value) in enumerate(entry)
    ]
    span = next((one for one in _spans(lines, opening, closing) if one.key == key), None)
    if span is None:
        return _with_new(text, lines, opening, closing, [f"{key}:", *rows])
    if lines[span.start].partition(":")[2].strip():
        raise CannotEdit(f"{key} is not a list of lines; edit it as text")
    last = span.end
    while last > span.start + 1 and not lines[last - 1].strip():
        last -= 1
    indent = next(
        (len(one) - len(one.lstrip()) for one in lines[span.start + 1 : last] if one.strip()), 2
    )
    lines[last:last] = [" " * indent + row[2:] for row in rows]
    return "\n".join(lines)


def keys_of(text: str) -> dict[str, bool]:
    """The keys there are, and whether a form can change each."""
    lines, opening, closing = _matter(text)
    found: dict[str, bool] = {}
    for span in _spans(lines, opening, closing):
        whole = lines[span.start : span.end]
        several = any(line.strip() for line in whole[1:])
        found[span.key] = not several or _is_plain_list(whole)
    return found


def matter_of(text: str) -> tuple[list[str], int, int]:
    """Lines, and the numbers of the opening and closing fence; both -1 without front matter. Raises CannotEdit."""
    return _matter(text)


def span_of(lines: Sequence[str], opening: int, closing: int, key: str) -> tuple[int, int] | None:
    """The lines of a key: its first, and the one behind its last; None when the key is not there."""
    found = next((one for one in _spans(lines, opening, closing) if one.key == key), None)
    return (found.start, found.end) if found else None


def new_rows(
    text: str, lines: Sequence[str], opening: int, closing: int, rows: Sequence[str]
) -> str:
    """The text with rows more at the end of its front matter, which it gets where it has none."""
    return _with_new(text, list(lines), opening, closing, rows)


def _matter(text: str) -> tuple[list[str], int, int]:
    """Lines, and the numbers of the opening and closing fence; both -1 without front matter."""
    lines = text.split("\n")
    if not lines or not _FENCE.fullmatch(lines[0].lstrip("\ufeff")):
        return lines, -1, -1
    closing = next((n for n, line in enumerate(lines[1:], 1) if _FENCE.fullmatch(line)), -1)
    if closing < 0:
        raise CannotEdit("the front matter has no end")
    return lines, 0, closing


def _spans(lines: Sequence[str], opening: int, closing: int) -> list[_Span]:
    starts = [
        (n, found["key"])
        for n in range(opening + 1, max(closing, 0))
        if (found := _KEY.match(lines[n]))
    ]
    ends = [*(n for n, _ in starts[1:]), closing][: len(starts)]
    return [_Span(key, n, _end(lines, n, end)) for (n, key), end in zip(starts, ends, strict=True)]


def _end(lines: Sequence[str], start: int, end: int) -> int:
    """Comments and empty lines before the next key belong to that."""
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return end


def _with_new(text: str, lines: list[str], opening: int, closing: int, rows: Sequence[str]) -> str:
    if not rows:
        return text
    if opening < 0:
        return "\n".join(["---", *rows, "---", "", *lines])
    lines[closing:closing] = rows
    return "\n".join(lines)


def _is_plain_list(lines: Sequence[str]) -> bool:
    """`key:` and below it lines of `- text` without tables in them."""
    head, *rest = lines
    return not head.partition(":")[2].strip() and all(
        re.fullmatch(r"\s*- [^:{}\[\]]+", line) for line in rest if line.strip()
    )


def _written(value: str | Sequence[str]) -> str:
    if not isinstance(value, str):
        return "[" + ", ".join(_scalar(one) for one in value) + "]"
    return _scalar(value)


def _scalar(text: str) -> str:
    """Plain where YAML reads it as the same text, else in double quotes."""
    text = " ".join(text.split())
    plain = _DATE.fullmatch(text) or (
        _PLAIN.fullmatch(text) and text.lower() not in _WORDS and not text.endswith(" ")
    )
    return text if plain else json.dumps(text, ensure_ascii=False)
