"""Addresses and domains that are never written to, one by one: adding, lifting, finding. Every change is an event.

Events hold no address: whom it was about is the subscriber's id, where there is one, and the number of the
suppression, which is never given twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from newsletter.model.subscriber import Suppression
from newsletter.store.events import log, now
from newsletter.store.identities import folded
from newsletter.store.schema import subscribers, suppressions

_AT_ONCE = 1_000


def add_suppression(connection: Connection, wanted: Suppression, actor: str) -> bool:
    """Adds one, and logs it; False where it was there, whose older reason stays."""
    plain = wanted.value
    wanted = replace(wanted, value=folded(connection, plain))
    known = _row(connection, wanted.value)
    if known is not None:
        if plain not in (known.value, *known.typed):
            typed = sorted({*known.typed, known.value, plain})
            connection.execute(
                update(suppressions).where(suppressions.c.id == known.id).values(typed=typed)
            )
        return False
    values = {
        "typed": [plain] if plain != wanted.value else [],
        "value": wanted.value,
        "is_domain": wanted.is_domain,
        "reason": wanted.reason,
        "kind": wanted.kind,
        "since": wanted.since or now(),
    }
    made = connection.execute(insert(suppressions).values(values).returning(suppressions.c.id))
    _log(connection, "suppressed", actor, int(made.scalar_one()), wanted)
    return True


def lift_suppression(connection: Connection, value: str, actor: str, why: str = "") -> bool:
    """Takes one away, and logs who did; False where there is none."""
    row = _row(connection, value)
    if row is None:
        return False
    connection.execute(delete(suppressions).where(suppressions.c.id == row.id))
    _log(connection, "suppression lifted", actor, row.id, suppression(row), why)
    return True


def find_suppression(connection: Connection, value: str) -> Suppression | None:
    row = _row(connection, value)
    return suppression(row) if row else None


def suppression_by_id(connection: Connection, number: int) -> Suppression | None:
    row = connection.execute(select(suppressions).where(suppressions.c.id == number)).one_or_none()
    return suppression(row) if row else None


def suppressions_after(
    connection: Connection, after: int, most: int, search: str = "", kind: str = ""
) -> tuple[Suppression, ...]:
    """The next few by number."""
    query = _found(search, kind).order_by(None).order_by(suppressions.c.id)
    query = query.where(suppressions.c.id > after).limit(most)
    return tuple(map(suppression, connection.execute(query)))


def _row(connection: Connection, value: str) -> Row[Any] | None:
    """That of a domain, or of the person whose address it is."""
    return connection.execute(
        select(suppressions).where(suppressions.c.value == folded(connection, value))
    ).one_or_none()


def some_suppressions(
    connection: Connection, search: str = "", kind: str = "", after: str = "", most: int = 100
) -> tuple[Suppression, ...]:
    """The first few by value, after one, whose value or reason has the words in it."""
    query = _found(search, kind).where(suppressions.c.value > after).limit(most)
    return tuple(map(suppression, connection.execute(query)))


def all_suppressions(
    connection: Connection, search: str = "", kind: str = ""
) -> Iterator[Suppression]:
    """Every one by value, read as they are asked for."""
    rows = connection.execution_options(stream_results=True).execute(_found(search, kind))
    for part in rows.partitions(_AT_ONCE):
        yield from map(suppression, part)


def count_suppressions(connection: Connection) -> dict[str, int]:
    """How many there are of each kind."""
    rows = connection.execute(
        select(suppressions.c.kind, func.count())
        .group_by(suppressions.c.kind)
        .order_by(suppressions.c.kind)
    )
    return {str(kind): int(count) for kind, count in rows}


def suppression(row: Row[Any]) -> Suppression:
    return Suppression(row.value, row.reason, row.since, bool(row.is_domain), row.kind, row.id)


def _found(search: str, kind: str) -> Select[Any]:
    query = select(suppressions).order_by(suppressions.c.value)
    if kind:
        query = query.where(suppressions.c.kind == kind)
    if search:
        small = search.lower()
        query = query.where(
            suppressions.c.value.contains(small, autoescape=True)
            | func.lower(suppressions.c.reason).contains(small, autoescape=True)
        )
    return query


def _log(
    connection: Connection,
    event: str,
    actor: str,
    number: int,
    about: Suppression,
    why: str = "",
) -> None:
    person = connection.execute(
        select(subscribers.c.id).where(subscribers.c.email_key == about.value)
    ).scalar()
    data: dict[str, Any] = {"suppression": number, "suppressed_as": about.kind, "why": why}
    if about.is_domain:
        data["domain"] = about.value
    log(connection, event, actor, subscriber=person, **data)
