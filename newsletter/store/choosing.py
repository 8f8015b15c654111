"""People to choose one from: a few at a time in the order of their addresses, and who stands beside somebody.

A page goes on from a person, forwards or backwards, so that one far down costs what the first does. Counting stops at
`MOST`: whoever chooses does not need to know how many more there are. Nobody who was erased is among them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from sqlalchemy import Connection, Select, func, select

from newsletter.model.segment import Segment
from newsletter.model.subscriber import Subscriber
from newsletter.store.finding import in_segment
from newsletter.store.schema import subscribers
from newsletter.store.subscribers import subscriber

MOST = 10_000
_KEY = subscribers.c.email_key


@dataclass(frozen=True, slots=True)
class Some:
    """A page of people; whether others come before and after them."""

    people: tuple[Subscriber, ...]
    before: bool
    after: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """Somebody's number among those there are to choose from, 0 for one who is not; how many these are, at most MOST;
    and the neighbours."""

    number: int
    total: int
    previous: int | None
    next: int | None


def some_of(
    connection: Connection, wanted: Segment, most: int, *, after: int = 0, before: int = 0
) -> Some:
    """The first few whom a condition holds for: of all, behind a person, or before one, by their number."""
    query = _people(connection, wanted)
    edge = _key_of(connection, before or after)
    if edge is None:
        found = _read(connection, query.order_by(_KEY), most)
        return Some(found[:most], before=False, after=len(found) > most)
    if before:
        found = _read(connection, query.where(edge > _KEY).order_by(_KEY.desc()), most)
        return Some(found[:most][::-1], before=len(found) > most, after=True)
    found = _read(connection, query.where(edge < _KEY).order_by(_KEY), most)
    return Some(found[:most], before=True, after=len(found) > most)


def beside(connection: Connection, wanted: Segment, number: int) -> Beside:
    """Where somebody stands among those whom a condition holds for."""
    query = _people(connection, wanted)
    total = _count(connection, query)
    edge = _key_of(connection, number)
    if edge is None:
        return Beside(0, total, None, None)
    ahead = query.where(edge > _KEY)
    inside = bool(connection.execute(query.where(subscribers.c.id == number).limit(1)).first())
    return Beside(
        _count(connection, ahead) + 1 if inside else 0,
        total,
        _first_id(connection, ahead.order_by(_KEY.desc())),
        _first_id(connection, query.where(edge < _KEY).order_by(_KEY)),
    )


def anybody(connection: Connection, *, nameless: bool = False) -> Subscriber | None:
    """Somebody at random, drawn by number, so that nobody is counted; with `nameless` always the same person of whom no
    name is known."""
    there = [subscribers.c.email != ""]
    if nameless:
        there.append(subscribers.c.name == "")
        first = select(subscribers).where(*there).order_by(subscribers.c.id).limit(1)
        row = connection.execute(first).one_or_none()
        return subscriber(row) if row else None
    least, greatest = connection.execute(
        select(func.min(subscribers.c.id), func.max(subscribers.c.id))
    ).one()
    if least is None:
        return None
    drawn = random.randint(least, greatest)  # noqa: S311  # whom a preview shows is no secret
    for side in (subscribers.c.id >= drawn, subscribers.c.id < drawn):
        query = select(subscribers).where(*there, side).order_by(subscribers.c.id).limit(1)
        if row := connection.execute(query).one_or_none():
            return subscriber(row)
    return None


def _people(connection: Connection, wanted: Segment) -> Select[tuple[object, ...]]:
    return select(subscribers).where(in_segment(connection, wanted))


def _read(
    connection: Connection, query: Select[tuple[object, ...]], most: int
) -> tuple[Subscriber, ...]:
    return tuple(subscriber(row) for row in connection.execute(query.limit(most + 1)))


def _key_of(connection: Connection, number: int) -> str | None:
    if not number:
        return None
    found = select(_KEY).where(subscribers.c.id == number, subscribers.c.email != "")
    return connection.execute(found).scalar()


def _count(connection: Connection, query: Select[tuple[object, ...]]) -> int:
    some = query.with_only_columns(subscribers.c.id).limit(MOST).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def _first_id(connection: Connection, query: Select[tuple[object, ...]]) -> int | None:
    return connection.execute(query.with_only_columns(subscribers.c.id).limit(1)).scalar()
