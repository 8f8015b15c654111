"""How many people are in a segment that has a name: what was counted before is kept, and only those are asked again who
live in a block of numbers where somebody has changed since.

A count is kept for every BLOCK of people. Triggers of the database delete it with the very transaction that changes
anything about somebody in the block (migration 0013), so what is kept is true, whoever writes, and a change that is
rolled back makes nothing untrue. What is asked of a condition that an index answers fast is never kept.

Between the asking and the keeping somebody may change. So whoever counts first claims the blocks, then asks, then keeps
what still bears the claim: a change in between has deleted it. Nobody waits for that: while another writes, the number is
told and not kept.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, or_, select, update

from newsletter.model.campaign import DeliveryStatus
from newsletter.model.segment import Field, Segment, tests_in
from newsletter.problems import TryAgainLater
from newsletter.store.conditions import Asked, Clock, asked_of
from newsletter.store.counting import counted_fast
from newsletter.store.engine import Store
from newsletter.store.schema import campaigns, deliveries, incoming, segments, subscribers
from newsletter.store.schema_counts import segment_counts

BLOCK = 4_096
"""People of one block, by their numbers; the triggers know it too. Asking one takes some thousandths of a second."""
FEW = 8
"""Blocks that are asked each time rather than written down: that would cost as much."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is kept of a segment: the people of the blocks that stand, and the blocks that nobody has counted."""

    segment: int
    digest: str
    people: int
    missing: tuple[int, ...]


def count_of(store: Store, segment: Segment) -> int:
    """How many people are in a segment that is kept under its name."""
    with store.reading() as connection:
        fast = counted_fast(connection, segment)
        if fast is not None:
            return fast
        asked = asked_of(connection, segment.tree, Clock.of(segment.zone))
        standing = _standing(connection, segment, asked)
        if len(standing.missing) <= FEW:
            return standing.people + sum(
                _ask(connection, segment, asked, standing.missing).values()
            )
    claim = secrets.token_hex(8)
    with suppress(TryAgainLater), store.writing_at_once() as connection:
        _claim(connection, segment, standing, claim)
    with store.reading() as connection:
        asked = asked_of(connection, segment.tree, Clock.of(segment.zone))
        standing = _standing(connection, segment, asked)
        counts = _ask(connection, segment, asked, standing.missing)
    with suppress(TryAgainLater), store.writing_at_once() as connection:
        _keep(connection, standing, claim, counts)
    return standing.people + sum(counts.values())


def forget_counts(connection: Connection, name: str) -> None:
    """Lets go of what is kept of a segment."""
    number = select(segments.c.id).where(segments.c.name == name).scalar_subquery()
    connection.execute(delete(segment_counts).where(segment_counts.c.segment_id == number))


def _standing(connection: Connection, segment: Segment, asked: Asked) -> _Standing:
    number = connection.execute(
        select(segments.c.id).where(segments.c.name == segment.name)
    ).scalar()
    digest = _digest(connection, segment, asked)
    last = connection.execute(select(func.max(subscribers.c.id))).scalar()
    rows = connection.execute(
        select(segment_counts.c.block, segment_counts.c.people).where(
            segment_counts.c.segment_id == number,
            segment_counts.c.digest == digest,
            segment_counts.c.people.is_not(None),
        )
    )
    known = {row.block: row.people for row in rows}
    blocks = range(last // BLOCK + 1) if last is not None else range(0)
    missing = tuple(block for block in blocks if block not in known)
    return _Standing(number or 0, digest, sum(known.values()), missing)


def _digest(connection: Connection, segment: Segment, asked: Asked) -> str:
    """What the condition asks in the end: of which lists, from which day on, by which rules."""
    query = select(asked.condition(segment.tree)).compile(dialect=connection.dialect)
    asks = f"{query} {sorted(query.params.items())!r} {_received(connection, segment)!r}"
    return hashlib.sha256(asks.encode()).hexdigest()


def _received(connection: Connection, segment: Segment) -> list[tuple[object, ...]]:
    """What changes when somebody has received an issue that the condition asks of. The way of a mail must not become
    longer by a trigger, and an index answers this fast: a delivery that is accepted stays so until a mail comes back."""
    asked = [test for test in tests_in(segment.tree) if test.field is Field.RECEIVED]
    if not asked:
        return []
    of_these = select(campaigns.c.id)
    if all(test.values for test in asked):
        named = {slug for test in asked for slug in test.values}
        of_these = of_these.where(campaigns.c.slug.in_(named))
    query = (
        select(deliveries.c.campaign_id, func.count(), func.sum(deliveries.c.id))
        .where(
            deliveries.c.campaign_id.in_(of_these),
            deliveries.c.status == str(DeliveryStatus.ACCEPTED),
        )
        .group_by(deliveries.c.campaign_id)
        .order_by(deliveries.c.campaign_id)
    )
    last = connection.execute(select(func.max(incoming.c.id))).scalar()
    return [(last,), *(tuple(row) for row in connection.execute(query))]


def _ask(
    connection: Connection, segment: Segment, asked: Asked, blocks: Sequence[int]
) -> dict[int, int]:
    """The people of each of these blocks who are in the segment."""
    if not blocks:
        return {}
    block = (subscribers.c.id // BLOCK).label("block")
    runs = (
        and_(subscribers.c.id >= first * BLOCK, subscribers.c.id < (last + 1) * BLOCK)
        for first, last in _runs(blocks)
    )
    query = (
        select(block, func.count())
        .where(or_(*runs), subscribers.c.email != "", asked.condition(segment.tree))
        .group_by(block)
    )
    found = {row[0]: row[1] for row in connection.execute(query)}
    return {one: found.get(one, 0) for one in blocks}


def _runs(blocks: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of those that follow one another."""
    runs: list[tuple[int, int]] = []
    for one in blocks:
        if runs and runs[-1][1] == one - 1:
            runs[-1] = (runs[-1][0], one)
        else:
            runs.append((one, one))
    return runs


def _claim(connection: Connection, segment: Segment, standing: _Standing, claim: str) -> None:
    there = select(segments.c.id).where(
        segments.c.id == standing.segment, segments.c.name == segment.name
    )
    if connection.execute(there).first() is None:
        return  # it was removed meanwhile
    of_it = segment_counts.c.segment_id == standing.segment
    untrue = or_(segment_counts.c.digest != standing.digest, segment_counts.c.people.is_(None))
    connection.execute(delete(segment_counts).where(of_it, untrue))
    known = set(connection.execute(select(segment_counts.c.block).where(of_it)).scalars())
    rows = [
        {"block": one, "segment_id": standing.segment, "digest": standing.digest, "claim": claim}
        for one in standing.missing
        if one not in known
    ]
    if rows:
        connection.execute(insert(segment_counts), rows)


def _keep(
    connection: Connection, standing: _Standing, claim: str, counts: Mapping[int, int]
) -> None:
    query = (
        update(segment_counts)
        .where(
            segment_counts.c.block == bindparam("of_block"),
            segment_counts.c.segment_id == standing.segment,
            segment_counts.c.digest == standing.digest,
            segment_counts.c.claim == claim,
            segment_counts.c.people.is_(None),
        )
        .values(people=bindparam("counted"))
    )
    rows = [{"of_block": block, "counted": people} for block, people in counts.items()]
    if rows:
        connection.execute(query, rows)
