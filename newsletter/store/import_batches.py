"""Batches: what one import, or one change of many people, did, so that it can be told and undone.

Undoing puts back what the import changed, except for people to whom anything happened since: their own
word, a bounce or another import is newer than the batch, and stands.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Executable,
    Row,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from newsletter.store.events import event, now
from newsletter.store.schema import (
    deliveries,
    events,
    exclusions,
    import_batches,
    import_changes,
    sign_ups,
    subscribers,
    subscriptions,
    suppressions,
)

UNDONE = "import undone"
"""The event of one change that was put back."""
_LAST_EVENT = "last_event"
_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Batch:
    id: int
    at: datetime.datetime
    file: str
    format: str
    counts: Mapping[str, int]
    undone: datetime.datetime | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Undone:
    """`put_back` subscriptions are as they were; `kept` ones had changed since and were left alone."""

    put_back: int
    kept: int


def begin_batch(connection: Connection, actor: str, file: str, format: str) -> int:
    values = {"at": now(), "actor": actor, "file": file, "format": format, "counts": {}}
    made = connection.execute(insert(import_batches).values(values).returning(import_batches.c.id))
    return int(made.scalar_one())


def end_batch(
    connection: Connection,
    batch: int,
    actor: str,
    counts: Mapping[str, int],
    *,
    kind: str = "imported",
) -> None:
    """Writes an event for each change of the batch, and the counts of all."""
    kinds = connection.execute(
        select(import_changes.c.before, import_changes.c.after)
        .where(import_changes.c.batch_id == batch)
        .distinct()
    ).all()
    at = literal(now(), events.c.at.type)
    for before, after in kinds:
        data = {"before": before, "after": after, "batch": batch}
        connection.execute(
            insert(events).from_select(
                ["at", "kind", "actor", "subscriber_id", "list_id", "data"],
                select(
                    at,
                    literal(kind),
                    literal(actor),
                    import_changes.c.subscriber_id,
                    import_changes.c.list_id,
                    literal(data, JSON()),
                ).where(
                    import_changes.c.batch_id == batch,
                    import_changes.c.before == before,
                    import_changes.c.after == after,
                ),
                include_defaults=False,
            )
        )
    if kind != "suppressed":
        suppressed = select(
            at,
            literal("suppressed"),
            literal(actor),
            import_changes.c.subscriber_id,
            literal({"batch": batch}, JSON()),
        ).where(import_changes.c.batch_id == batch, import_changes.c.suppressed.is_(True))
        connection.execute(
            insert(events).from_select(
                ["at", "kind", "actor", "subscriber_id", "data"], suppressed, include_defaults=False
            )
        )
    last = connection.execute(select(func.max(events.c.id))).scalar() or 0
    connection.execute(
        update(import_batches)
        .where(import_batches.c.id == batch)
        .values(counts={**counts, _LAST_EVENT: last})
    )


def all_batches(connection: Connection) -> tuple[Batch, ...]:
    """Every batch, the newest first."""
    rows = connection.execute(select(import_batches).order_by(import_batches.c.id.desc()))
    return tuple(_batch(row) for row in rows)


def find_batch(connection: Connection, batch: int) -> Batch | None:
    row = connection.execute(
        select(import_batches).where(import_batches.c.id == batch)
    ).one_or_none()
    return _batch(row) if row else None


def undo_batch(connection: Connection, batch: int, actor: str) -> Undone:
    """Undoes a batch as far as nothing happened since."""
    last = connection.execute(
        select(import_batches.c.counts).where(import_batches.c.id == batch)
    ).scalar_one()[_LAST_EVENT]
    newer = (
        select(literal(1))
        .where(events.c.subscriber_id == import_changes.c.subscriber_id, events.c.id > last)
        .exists()
    )
    query = select(import_changes).where(import_changes.c.batch_id == batch)
    changes = connection.execute(query.where(~newer).order_by(import_changes.c.id.desc())).all()
    kept = connection.execute(
        select(func.count())
        .select_from(import_changes)
        .where(import_changes.c.batch_id == batch, newer)
    ).scalar_one()
    for at in range(0, len(changes), _AT_ONCE):
        _undo(connection, changes[at : at + _AT_ONCE], actor, batch)
    connection.execute(
        update(import_batches).where(import_batches.c.id == batch).values(undone=now())
    )
    return Undone(len(changes), int(kept))


def _undo(connection: Connection, changes: Sequence[Row[Any]], actor: str, batch: int) -> None:
    """Puts changes back, the latest first, a statement for all of a kind."""
    of_lists = [one for one in changes if one.list_id is not None]
    here = (
        subscriptions.c.list_id == bindparam("list"),
        subscriptions.c.subscriber_id == bindparam("person"),
    )
    _each(
        connection,
        delete(subscriptions).where(*here),
        [_place(one) for one in of_lists if not one.before],
    )
    _each(
        connection,
        update(subscriptions).where(*here).values(status=bindparam("to"), changed=bindparam("at")),
        [
            _place(one) | {"to": one.before, "at": now()}
            for one in of_lists
            if one.before and one.before != one.after
        ],
    )
    person = subscribers.c.id == bindparam("person")
    _each(
        connection,
        update(subscribers).where(person),
        [{"person": one.subscriber_id, **one.details["before"]} for one in changes if one.details],
    )
    key = select(subscribers.c.email_key).where(person).scalar_subquery()
    _each(
        connection,
        delete(suppressions).where(suppressions.c.value == key),
        [{"person": one.subscriber_id} for one in changes if one.suppressed],
    )
    made = [one.subscriber_id for one in changes if one.made]
    connection.execute(
        insert(events),
        [
            event(
                UNDONE,
                actor,
                subscriber=change.subscriber_id,
                list_id=change.list_id,
                before=change.after,
                after=change.before,
                batch=batch,
            )
            for change in changes
        ],
    )
    ids = [change.id for change in changes]
    connection.execute(delete(import_changes).where(import_changes.c.id.in_(ids)))
    if made:
        _remove_unused(connection, made)


def _place(change: Row[Any]) -> dict[str, Any]:
    return {"list": change.list_id, "person": change.subscriber_id}


def _each(connection: Connection, statement: Executable, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(statement, rows)


def _remove_unused(connection: Connection, people: list[int]) -> None:
    """People whom the batch made go, unless something else here speaks of them."""
    used = [
        select(literal(1)).where(table.c.subscriber_id == subscribers.c.id).exists()
        for table in (subscriptions, deliveries, exclusions, sign_ups, import_changes)
    ]
    connection.execute(
        delete(subscribers).where(subscribers.c.id.in_(people), *(~one for one in used))
    )


def _batch(row: Row[Any]) -> Batch:
    counts = {name: count for name, count in row.counts.items() if name != _LAST_EVENT}
    return Batch(row.id, row.at, row.file, row.format, counts, row.undone, row.actor)
