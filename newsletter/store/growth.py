"""How lists grew and where their people came from: counts of the event log and of consents, by day and source.

The event log is read from a moment on; every change of a subscription in it says the status before and after. Whoever came
by an import with an older time of consent joined then, and not on the day of the import.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Date, and_, case, cast, func, select, text

from newsletter.model.subscriber import Status
from newsletter.store.import_batches import UNDONE
from newsletter.store.schema import events, import_batches, subscriptions


@dataclass(frozen=True, slots=True)
class Changes:
    """How many subscriptions went from one status to another on one day (UTC). `before` is None for new ones. What was
    put back counts as less of what was done, on the day it was done, so `number` may be negative."""

    day: datetime.date
    before: Status | None
    after: Status | None
    number: int


def changes_since(
    connection: Connection, list_id: int | None, since: datetime.datetime, newer_than: int = 0
) -> Iterator[Changes]:
    """Changes of one list, or of all, by the events with a higher number than `newer_than`."""
    before, after = events.c.data["before"].as_string(), events.c.data["after"].as_string()
    counted = (
        events.c.id > newer_than,
        events.c.at >= since,
        events.c.list_id.is_not(None),
        before.is_not(None),
        *((events.c.list_id == list_id,) if list_id is not None else ()),
    )
    undone = select(import_batches.c.id).where(import_batches.c.undone.is_not(None))
    brought = (
        events.c.kind == "imported",
        before == "",
        subscriptions.c.consent_when < events.c.at,
        events.c.data["batch"].as_integer().not_in(undone),
    )
    said_yes = _day(connection, subscriptions.c.consent_when)
    done = case((and_(*brought), said_yes), else_=_day(connection, events.c.at)).label("day")
    put_back = _day(connection, import_batches.c.at)
    of_it = and_(
        subscriptions.c.list_id == events.c.list_id,
        subscriptions.c.subscriber_id == events.c.subscriber_id,
    )
    queries = (
        (
            select(done, before, after, func.count())
            .select_from(events.outerjoin(subscriptions, of_it))
            .where(*counted, events.c.kind != UNDONE)
            .group_by(text("1"), before, after),
            1,
        ),
        (
            select(put_back, after, before, func.count())
            .join(import_batches, import_batches.c.id == events.c.data["batch"].as_integer())
            .where(*counted, events.c.kind == UNDONE)
            .group_by(put_back, after, before),
            -1,
        ),
    )
    for query, sign in queries:
        for on, was, now, number in connection.execute(query):
            if was != now:
                yield Changes(
                    on if isinstance(on, datetime.date) else datetime.date.fromisoformat(on),
                    Status(was) if was else None,
                    Status(now) if now else None,
                    sign * number,
                )


def last_event(connection: Connection) -> int:
    """The number of the newest event: what was counted before stands while it is the same."""
    return int(connection.execute(select(func.max(events.c.id))).scalar() or 0)


def undone_since(connection: Connection, number: int) -> bool:
    """Whether an import was undone after an event: who came by it stands on another day from then on."""
    newer = (events.c.id > number, events.c.kind == UNDONE)
    return connection.execute(select(events.c.id).where(*newer).limit(1)).first() is not None


def sources(connection: Connection, list_id: int | None) -> tuple[tuple[str, Status, int], ...]:
    """How many subscriptions have which source of consent, by status; an empty source where none is known."""
    source = subscriptions.c.consent_source
    query = select(source, subscriptions.c.status, func.count()).group_by(
        source, subscriptions.c.status
    )
    if list_id is not None:
        query = query.where(subscriptions.c.list_id == list_id)
    return tuple(
        (name, Status(status), number) for name, status, number in connection.execute(query)
    )


def _day(
    connection: Connection, at: ColumnElement[datetime.datetime]
) -> ColumnElement[datetime.date]:
    if connection.dialect.name == "sqlite":
        return func.substr(at, 1, 10)  # as it is kept; `date()` would parse each
    return cast(func.timezone("UTC", at), Date)
