"""A segment: a named condition on subscribers, as the text that a person wrote and as the tree it means.

The tree is plain data that JSON can hold, so a campaign keeps the condition it was confirmed with. How it is
written is in `subscribers/segments.py`, how it is asked of a database in `store/conditions.py`.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Field(StrEnum):
    """What a test looks at. `ATTRIBUTE` always, `STATUS` and `JOINED` at will, name what they are `of`."""

    EMAIL = "email"
    NAME = "name"
    LANGUAGE = "language"
    DOMAIN = "domain"
    CREATED = "created"
    LIST = "list"
    STATUS = "status"
    JOINED = "joined"
    SOURCE = "source"
    TAG = "tag"
    SUPPRESSED = "suppressed"
    RECEIVED = "received"
    CLICKED = "clicked"
    ATTRIBUTE = "attributes"


class Operator(StrEnum):
    EQUAL = "="
    UNEQUAL = "!="
    LESS = "<"
    MORE = ">"
    AT_MOST = "<="
    AT_LEAST = ">="
    IN = "in"
    CONTAINS = "contains"
    STARTS = "starts"
    ENDS = "ends"
    EXISTS = "exists"


@dataclass(frozen=True, slots=True)
class Test:
    """`attributes.city in (Berlin, Bonn)`: the field, what it is of (`city`), the operator, the values as typed."""

    __test__ = False
    field: Field
    of: str
    operator: Operator
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; with no part, it holds for everybody."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One part holds at least."""

    parts: tuple[Condition, ...]


Condition = Test | Not | All | AnyOf
ALWAYS = All(())


@dataclass(frozen=True, slots=True)
class Segment:
    """`text` is the condition as it was written, `tree` what it means, `zone` where its days begin."""

    name: str
    text: str
    tree: Condition = ALWAYS
    zone: str = "UTC"
    by: str = ""
    saved: datetime.datetime | None = None


def tests_in(condition: Condition) -> tuple[Test, ...]:
    """Every test of a condition, from left to right."""
    match condition:
        case Test():
            return (condition,)
        case Not():
            return tests_in(condition.part)
        case All() | AnyOf():
            return tuple(test for part in condition.parts for test in tests_in(part))


def list_names(test: Test) -> tuple[str, ...]:
    """The mailing lists that a test names."""
    if test.field is Field.LIST:
        return test.values
    return (test.of,) if test.of and test.field in (Field.STATUS, Field.JOINED) else ()


def to_json(condition: Condition) -> list[Any]:
    """The tree as lists and texts; `from_json` reads them back."""
    match condition:
        case Test():
            return [
                "test",
                str(condition.field),
                condition.of,
                str(condition.operator),
                list(condition.values),
            ]
        case Not():
            return ["not", to_json(condition.part)]
        case All():
            return ["and", *map(to_json, condition.parts)]
        case AnyOf():
            return ["or", *map(to_json, condition.parts)]


def from_json(data: Sequence[Any]) -> Condition:
    match data:
        case ["test", field, of, operator, values]:
            return Test(Field(field), of, Operator(operator), tuple(values))
        case ["not", part]:
            return Not(from_json(part))
        case ["and", *parts]:
            return All(tuple(map(from_json, parts)))
        case ["or", *parts]:
            return AnyOf(tuple(map(from_json, parts)))
    raise ValueError(f"not a condition: {data!r}")
