"""Values of front matter before anybody decided what they mean: text, lists and tables, each with its line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scalar:
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Sequence:
    items: list[Value]
    line: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """`entries` by key, with the line of the key."""

    entries: dict[str, tuple[int, Value]]
    line: int


Value = Scalar | Sequence | Mapping
