"""Changing many people at once, as a batch that can be undone (`import_batches`): statements over a set of people,
not one person after the other, so that a change of a million does not hold the database for long.

The people are laid in a temporary table first: what a condition holds for is asked once, before anything changes.
Which status follows is the caller's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Table,
    and_,
    bindparam,
    delete,
    false,
    func,
    insert,
    literal,
    not_,
    select,
    true,
    update,
)

from newsletter.model.segment import Segment
from newsletter.model.subscriber import Consent, Status
from newsletter.store.columns import Id
from newsletter.store.events import now
from newsletter.store.finding import in_segment
from newsletter.store.schema import (
    import_changes,
    subscribers,
    subscriptions,
    suppressions,
)
from newsletter.store.subscribers import consent_row, suppressed

chosen = Table(
    "chosen",
    MetaData(),
    Column("subscriber_id", Id, primary_key=True),
    prefixes=["TEMPORARY"],
)
_AT_ONCE = 500
_CHANGE = ("batch_id", "subscriber_id", "list_id", "before", "after", "made", "suppressed")


def choose(connection: Connection, who: Segment | Sequence[int]) -> int:
    """Lays down whom the change is about; returns how many they are. Erased people are never chosen."""
    connection.execute(delete(chosen)) if _there(connection) else chosen.create(connection)
    if isinstance(who, Segment):
        inside = in_segment(connection, who)
        wanted = select(subscribers.c.id).where(inside)
        connection.execute(insert(chosen).from_select(["subscriber_id"], wanted))
    else:
        for at in range(0, len(who), _AT_ONCE):
            some = subscribers.c.id.in_(who[at : at + _AT_ONCE])
            wanted = select(subscribers.c.id).where(some, subscribers.c.email != "")
            wanted = wanted.where(subscribers.c.id.not_in(select(chosen.c.subscriber_id)))
            connection.execute(insert(chosen).from_select(["subscriber_id"], wanted))
    return _number(connection, select(func.count()).select_from(chosen))


def drop(connection: Connection) -> None:
    chosen.drop(connection)


def chosen_ids(connection: Connection) -> list[int]:
    return list(connection.execute(select(chosen.c.subscriber_id)).scalars())


def move(
    connection: Connection, batch: int, before: Status, after: Status, list_id: int | None
) -> int:
    """Gives every subscription of the chosen with one status another, on one list or on all."""
    here = [
        subscriptions.c.status == str(before),
        subscriptions.c.subscriber_id.in_(select(chosen.c.subscriber_id)),
    ]
    if list_id is not None:
        here.append(subscriptions.c.list_id == list_id)
    changes = select(
        literal(batch),
        subscriptions.c.subscriber_id,
        subscriptions.c.list_id,
        literal(str(before)),
        literal(str(after)),
        false(),
        false(),
    ).where(*here)
    connection.execute(insert(import_changes).from_select(_CHANGE, changes, include_defaults=False))
    moved = connection.execute(
        update(subscriptions).where(*here).values(status=str(after), changed=now())
    )
    return moved.rowcount


def join(
    connection: Connection, batch: int, list_id: int, status: Status, consent: Consent
) -> tuple[int, int]:
    """Puts those of the chosen on a list who have no subscription to it and are not suppressed. Returns how many
    they are, and how many were left out for being suppressed."""
    there = and_(
        subscriptions.c.list_id == list_id, subscriptions.c.subscriber_id == subscribers.c.id
    )
    new = select(subscribers.c.id).where(
        subscribers.c.id.in_(select(chosen.c.subscriber_id)),
        not_(select(literal(1)).where(there).exists()),
    )
    barred = _number(
        connection, select(func.count()).select_from(new.where(suppressed()).subquery())
    )
    who = new.where(not_(suppressed())).subquery("who")
    changes = select(
        literal(batch),
        who.c.id,
        literal(list_id),
        literal(""),
        literal(str(status)),
        false(),
        false(),
    )
    connection.execute(insert(import_changes).from_select(_CHANGE, changes, include_defaults=False))
    row = {"status": str(status), "changed": now(), **consent_row(consent)}
    values = [literal(value, subscriptions.c[name].type) for name, value in row.items()]
    made = select(literal(list_id), import_changes.c.subscriber_id, *values).where(
        import_changes.c.batch_id == batch
    )
    connection.execute(insert(subscriptions).from_select(["list_id", "subscriber_id", *row], made))
    return _changes(connection, batch), barred


def stand_with(connection: Connection, list_id: int, status: Status | None) -> int:
    """How many of the chosen have a status on a list, or any."""
    query = select(func.count()).where(
        subscriptions.c.list_id == list_id,
        subscriptions.c.subscriber_id.in_(select(chosen.c.subscriber_id)),
    )
    if status is not None:
        query = query.where(subscriptions.c.status == str(status))
    return _number(connection, query)


def suppress_chosen(connection: Connection, batch: int, reason: str) -> int:
    """Suppresses every address of the chosen that is not suppressed by itself yet."""
    known = select(literal(1)).where(suppressions.c.value == subscribers.c.email_key).exists()
    who = [subscribers.c.id.in_(select(chosen.c.subscriber_id)), not_(known)]
    changes = select(
        literal(batch), subscribers.c.id, literal(None), literal(""), literal(""), false(), true()
    ).where(*who)
    connection.execute(insert(import_changes).from_select(_CHANGE, changes, include_defaults=False))
    row = {"is_domain": False, "reason": reason, "since": now(), "kind": "manual"}
    values = [literal(value, suppressions.c[name].type) for name, value in row.items()]
    connection.execute(
        insert(suppressions).from_select(
            ["value", *row], select(subscribers.c.email_key, *values).where(*who)
        )
    )
    return _changes(connection, batch)


def change_attributes(
    connection: Connection,
    batch: int,
    change: Callable[[Mapping[str, str]], Mapping[str, str]],
) -> int:
    """Lets `change` make new attributes of the old ones of each of the chosen; returns how many it changed."""
    changed = 0
    for people in _parts(connection):
        rows: list[dict[str, Any]] = []
        for number, name, language, before in people:
            after = dict(change(before))
            if after != before:
                kept = {"name": name, "language": language}
                details = {
                    "before": {**kept, "attributes": before},
                    "after": {**kept, "attributes": after},
                }
                rows.append({"person": number, "to": after, "details": details})
        if not rows:
            continue
        changed += len(rows)
        connection.execute(
            update(subscribers)
            .where(subscribers.c.id == bindparam("person"))
            .values(attributes=bindparam("to", type_=subscribers.c.attributes.type)),
            [{"person": row["person"], "to": row["to"]} for row in rows],
        )
        connection.execute(
            insert(import_changes),
            [
                {
                    "batch_id": batch,
                    "subscriber_id": row["person"],
                    "list_id": None,
                    "before": "",
                    "after": "",
                    "made": False,
                    "suppressed": False,
                    "details": row["details"],
                }
                for row in rows
            ],
        )
    return changed


def _parts(connection: Connection) -> Iterator[list[tuple[int, str, str, dict[str, str]]]]:
    """The chosen with what is known of them, some at a time, by number."""
    last = 0
    while True:
        rows = connection.execute(
            select(
                subscribers.c.id,
                subscribers.c.name,
                subscribers.c.language,
                subscribers.c.attributes,
            )
            .where(subscribers.c.id.in_(select(chosen.c.subscriber_id)), subscribers.c.id > last)
            .order_by(subscribers.c.id)
            .limit(_AT_ONCE * 10)
        ).all()
        if not rows:
            return
        yield [(row.id, row.name, row.language, dict(row.attributes or {})) for row in rows]
        last = rows[-1].id


def _changes(connection: Connection, batch: int) -> int:
    """How many changes a batch holds; not every database tells how many rows an INSERT made."""
    query = select(func.count()).where(import_changes.c.batch_id == batch)
    return _number(connection, query)


def _there(connection: Connection) -> bool:
    return connection.dialect.has_table(connection, chosen.name)


def _number(connection: Connection, query: Any) -> int:
    return int(connection.execute(query).scalar_one())
