"""What the columns of a file are, by their names and by what stands in the first lines of them.

A name says what a column is; where it says nothing, or what the column holds belies it, the cells decide: the
addresses are where the @ are, a “state” of Texas is no status, a “subscribed” of the second of May is a time, and “nom” beside
“prénom” is the family's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from newsletter.problems import UsageError
from newsletter.subscribers.importers.cells import is_address
from newsletter.subscribers.importers.columns import (
    ATTRIBUTE,
    FIELDS,
    FURTHER,
    check_mapped,
    field_of,
    gives_reason,
    resembles,
)
from newsletter.subscribers.importers.moments import moment
from newsletter.subscribers.importers.rows import FLAGS, known_status, says_one_thing, status_of

_SINGLE = ("status",)
"""Columns of this very name mean what they say, whatever stands in them."""


def fields_of(
    header: Sequence[str], mapping: Mapping[str, str], lines: Sequence[Sequence[str]] = ()
) -> list[str]:
    """Which field each column is: one of FIELDS, IGNORED, or `attribute:NAME`; `status+3` is column 3, which has a say in
    the status as well. `lines` are the first ones.

    Raises UsageError when a mapped column is not there, or no column holds addresses.
    """
    check_mapped(header, mapping)
    found = [field_of(column.strip(), mapping.get(column, "")) for column in header]
    columns = _Columns(header, mapping, [[cell.strip() for cell in line] for line in lines])
    _settle_email(found, columns)
    _settle_status(found, columns)
    _settle_names(found, columns)
    for name in FIELDS:
        at = [place for place, field in enumerate(found) if field == name]
        for other in at:
            if other != (columns.mapped(name, at) if len(at) > 1 else other):
                several = name in (*FLAGS, "confirmed", "active") or (
                    name == "status" and columns.may_be(other)
                )
                found[other] = f"{name}{FURTHER}{other}" if several else columns.attribute(other)
    return _told_apart(found)


def _told_apart(found: list[str]) -> list[str]:
    """Attributes of one name keep what each holds: the second is `Tag 2`."""
    taken: set[str] = set()
    for at, field in enumerate(found):
        number, name = 1, field
        while field.startswith(ATTRIBUTE) and name in taken:
            number += 1
            name = f"{field} {number}"
        found[at] = name
        taken.add(name)
    return found


class _Columns:
    def __init__(
        self, header: Sequence[str], mapping: Mapping[str, str], lines: Sequence[Sequence[str]]
    ) -> None:
        self.header, self.mapping, self.lines = header, mapping, lines

    def cells(self, at: int) -> list[str]:
        """What stands in a column, where anything does."""
        return [line[at] for line in self.lines if at < len(line) and line[at]]

    def addresses(self, at: int) -> int:
        """How many cells of a column are addresses: a reference with an @ in it is none."""
        return sum(is_address(cell) for cell in self.cells(at))

    def attribute(self, at: int) -> str:
        name = self.header[at].strip()
        return f"{ATTRIBUTE}{name}" if name else "-"

    def mapped(self, field: str, among: Sequence[int]) -> int:
        """Which of several columns is a field: the one somebody named, else the first."""
        named = [at for at in among if self.mapping.get(self.header[at]) == field]
        return named[0] if named else among[0]

    def is_called_status(self, at: int) -> bool:
        return self.header[at].strip().lower() in _SINGLE

    def may_be(self, at: int) -> bool:
        """Whether a further column of statuses counts: nobody said which ones do, or somebody said that this one does."""
        return not self.is_mapped("status") or self.mapping.get(self.header[at]) == "status"

    def is_mapped(self, field: str) -> bool:
        return field in self.mapping.values()


def _settle_email(found: list[str], columns: _Columns) -> None:
    if columns.is_mapped("email"):
        return
    with_at = [sum("@" in cell for cell in columns.cells(at)) for at in range(len(found))]
    named = [at for at, field in enumerate(found) if field == "email"]
    best = max(range(len(found)), key=lambda at: with_at[at], default=0)
    if named and (not any(with_at) or any(with_at[at] for at in named)):
        keep = max(named, key=lambda at: (columns.addresses(at), -at))
    elif any(with_at) and not columns.mapping.get(columns.header[best]):
        keep = best
    else:
        raise UsageError(
            "no column of the file holds mail addresses",
            f"Name one: --map COLUMN=email. The file has: {', '.join(map(repr, columns.header))}",
        )
    for at in named:
        found[at] = columns.attribute(at)
    found[keep] = "email"


def _settle_status(found: list[str], columns: _Columns) -> None:
    """Columns that hold statuses; one that holds times is when they said yes; any other an attribute. Of several the
    first that says anything is the status, and others that hold nothing but statuses can only lower it."""
    _settle_likely(found, columns)
    if columns.is_mapped("status"):
        return
    places = [at for at, field in enumerate(found) if field == "status"]
    for at in places:
        words = set(columns.cells(at))
        known = sum(known_status(word) for word in words)
        if not words or known * 2 >= len(words) > 0 or (known and columns.is_called_status(at)):
            continue
        if all(moment(word) for word in words) and "consent_when" not in found:
            found[at] = "consent_when"
        elif not columns.is_called_status(at):
            found[at] = columns.attribute(at)
    good = [at for at in places if found[at] == "status"]
    for at in good:
        if at != max(good, key=lambda place: (bool(columns.cells(place)), -place)):
            all_known = columns.cells(at) and all(map(known_status, columns.cells(at)))
            found[at] = f"status{FURTHER}{at}" if all_known else columns.attribute(at)


def _settle_likely(found: list[str], columns: _Columns) -> None:
    """Columns whose names alone do not tell, and whose cells agree with what they seem to be."""
    for at, field in enumerate(found):
        if not field.startswith(ATTRIBUTE) or columns.mapping.get(columns.header[at]):
            continue
        likely, cells = resembles(columns.header[at]), columns.cells(at)
        if not likely or not cells:
            continue
        if likely in FLAGS and (
            gives_reason(columns.header[at]) or all(map(says_one_thing, cells))
        ):
            found[at] = likely
        elif (likely == "status" and all(map(known_status, cells))) or (
            likely == "reason" and all(map(_says_why, cells)) and "status" not in found
        ):
            found[at] = "status"


def _says_why(word: str) -> bool:
    return known_status(word) and status_of(word) in FLAGS.values()


def _settle_names(found: list[str], columns: _Columns) -> None:
    """“Name” beside a first or a last name is the other one, unless it holds both."""
    if "name" not in found or columns.is_mapped("name"):
        return
    at = found.index("name")
    if "first_name" in found and "last_name" not in found:
        first = found.index("first_name")
        pairs = [(line[at], line[first]) for line in columns.lines if len(line) > max(at, first)]
        whole = any(name and given and given in name for name, given in pairs)
        if any(name and given for name, given in pairs) and not whole:
            found[at] = "last_name"
    elif "last_name" in found and "first_name" not in found:
        last = found.index("last_name")
        pairs = [(line[at], line[last]) for line in columns.lines if len(line) > max(at, last)]
        whole = any(name and family and family in name for name, family in pairs)
        if any(name and family for name, family in pairs) and not whole:
            found[at] = "first_name"
