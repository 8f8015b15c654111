"""Segments in the database: conditions by name, who is in one, and the indexes that make asking fast.

When a segment is saved, every attribute that it asks of gets an index of that expression; when no segment asks of it
any more, the index goes. How many are in one: `counting.py`, `standing_counts.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Index,
    MetaData,
    Row,
    Table,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.schema import CreateIndex, DropIndex

from newsletter.model.segment import Field, Segment, Test, from_json, to_json
from newsletter.model.subscriber import Subscriber
from newsletter.store import conditions
from newsletter.store.events import log, now
from newsletter.store.finding import in_segment
from newsletter.store.schema import segments, subscribers, subscriptions
from newsletter.store.spelling_out import attribute_indexes, index_name
from newsletter.store.standing_counts import forget_counts
from newsletter.store.subscribers import subscriber

_AT_ONCE = 1_000


def save_segment(connection: Connection, segment: Segment) -> bool:
    """Keeps a segment under its name; False when it was there with these very words."""
    known = find_segment(connection, segment.name)
    if known is not None and known["condition"] == segment.text:
        return False
    values = {"condition": segment.text, "by": segment.by, "saved": now()}
    if known is None:
        connection.execute(insert(segments).values({**values, "name": segment.name}))
    else:
        connection.execute(update(segments).where(segments.c.name == segment.name).values(values))
    kind = "segment made" if known is None else "segment changed"
    log(connection, kind, segment.by, segment=segment.name)
    return True


def delete_segment(connection: Connection, name: str, actor: str) -> bool:
    forget_counts(connection, name)
    gone = connection.execute(delete(segments).where(segments.c.name == name)).rowcount
    if gone:
        log(connection, "segment removed", actor, segment=name)
    return bool(gone)


def find_segment(connection: Connection, name: str) -> Mapping[str, Any] | None:
    """A segment as it is kept: name, condition, by, saved."""
    row = connection.execute(select(segments).where(segments.c.name == name)).one_or_none()
    return _kept(row) if row else None


def all_segments(connection: Connection) -> tuple[Mapping[str, Any], ...]:
    """Every segment by name."""
    return tuple(
        _kept(row) for row in connection.execute(select(segments).order_by(segments.c.name))
    )


def members(connection: Connection, segment: Segment) -> Iterator[Subscriber]:
    """Everybody in a segment, by address, read as they are asked for."""
    inside = in_segment(connection, segment)
    query = select(subscribers).where(inside).order_by(subscribers.c.email_key)
    rows = connection.execution_options(stream_results=True).execute(query)
    for part in rows.partitions(_AT_ONCE):
        yield from map(subscriber, part)


def index_attributes(connection: Connection, asked: Sequence[Test]) -> None:
    """Makes the indexes that these tests want, of all segments, and drops those that none wants."""
    dialect = connection.dialect.name
    # On a copy of the table's description: these indexes are no part of the schema.
    aside = MetaData()
    people, joins = subscribers.to_metadata(aside), subscriptions.to_metadata(aside)
    wanted = {
        str(index.name): index
        for test in asked
        for index in (*_wanted(test, dialect, people), *_wanted_of_joins(test, joins))
    }
    there = attribute_indexes(connection)
    for name in sorted(there - wanted.keys()):
        connection.execute(DropIndex(Index(name, people.c.id)))
    for name in sorted(wanted.keys() - there):
        connection.execute(CreateIndex(wanted[name]))
    if dialect == "postgresql" and wanted.keys() - there:
        connection.execute(text("ANALYZE subscribers"))  # how often an expression is what


def kept_segment(segment: Segment | None) -> dict[str, Any] | None:
    """A segment as a campaign keeps it."""
    if segment is None:
        return None
    return {
        "name": segment.name,
        "text": segment.text,
        "tree": to_json(segment.tree),
        "zone": segment.zone,
    }


def segment_of(kept: Mapping[str, Any] | None) -> Segment | None:
    """The segment that a campaign keeps."""
    if kept is None:
        return None
    return Segment(kept["name"], kept["text"], from_json(kept["tree"]), kept["zone"])


def _wanted(test: Test, dialect: str, people: Table) -> Iterator[Index]:
    """The indexes of one test, on a description of the table that is thrown away."""
    kept = people.c.attributes
    if test.field is Field.TAG:
        for tag in test.values:
            has_it = conditions.has_tag(tag, dialect, kept)
            name = index_name(tag, "tag")
            yield Index(name, people.c.id, sqlite_where=has_it, postgresql_where=has_it)
    if test.field is Field.LANGUAGE:
        yield Index(index_name("language", "of"), func.lower(people.c.language), people.c.id)
    if test.field is not Field.ATTRIBUTE:
        return
    value = conditions.attribute(test.of, dialect, kept)
    if test.operator not in conditions.ORDERING:
        yield Index(index_name(test.of, "text"), value)
    elif test.operator in conditions.ORDERING:
        if conditions.number_of(test.values[0]) is None:
            yield Index(index_name(test.of, "text"), value)
        else:
            yield Index(index_name(test.of, "number"), conditions.as_number(value, dialect))


def _wanted_of_joins(test: Test, joins: Table) -> Iterator[Index]:
    if test.field is Field.JOINED:
        since = conditions.joined(joins)
        yield Index(
            index_name("joined", "since"),
            since,
            joins.c.status,
            joins.c.list_id,
            joins.c.subscriber_id,
        )


def _kept(row: Row[Any]) -> Mapping[str, Any]:
    return {"name": row.name, "condition": row.condition, "by": row.by, "saved": row.saved}
