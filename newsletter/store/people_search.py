"""Finding people: those a condition holds for and whose name or address has some words in it, a page at a time.

A page begins where the one before ended (a keyset), so the thousandth is as quick as the first. The order is by the
day of joining or by address, which have an index each.
"""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, tuple_

from newsletter.model.segment import Condition, Segment
from newsletter.model.subscriber import Status, Subscriber
from newsletter.store.conditions import Clock, matches
from newsletter.store.counting import count_in
from newsletter.store.schema import lists, subscribers, subscriptions
from newsletter.store.subscribers import subscriber, suppressed_because

MOST_COUNTED = 10_000
"""With words to look for, no more than this are counted."""
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is looked for. `ids`, where there are any, are the only ones that may be found."""

    condition: Condition
    words: str = ""
    zone: str = "UTC"
    ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A person of a page, with the statuses by list (its title) and why the address is suppressed."""

    person: Subscriber
    lists: tuple[tuple[str, str, Status], ...]
    suppressed: str


def page_of(
    connection: Connection, wanted: Wanted, sort: str, after: str, most: int
) -> tuple[tuple[Found, ...], str]:
    """The first people after a place, and the place where the next page begins; empty for the last page."""
    down, column = sort.startswith("-"), _column(sort)
    query = _found(connection, wanted, select(subscribers))
    order = (column.desc(), subscribers.c.id.desc()) if down else (column, subscribers.c.id)
    if place := _place(after, column):
        here = tuple_(column, subscribers.c.id)
        query = query.where(here < place if down else here > place)
    rows = connection.execute(query.order_by(*order).limit(most + 1)).all()
    people = [subscriber(row) for row in rows[:most]]
    following = _told(people[-1], sort) if len(rows) > most else ""
    return _with_lists(connection, people), following


def count_of(connection: Connection, wanted: Wanted) -> int:
    """How many are found; where words are looked for, MOST_COUNTED + 1 stands for more."""
    if not wanted.words and not wanted.ids:
        return count_in(connection, Segment("", "", wanted.condition, wanted.zone))
    some = _found(connection, wanted, select(subscribers.c.id)).limit(MOST_COUNTED + 1)
    return int(connection.execute(select(func.count()).select_from(some.subquery())).scalar_one())


def ids_of(connection: Connection, wanted: Wanted) -> tuple[int, ...]:
    """The numbers of everybody who is found, in order."""
    query = _found(connection, wanted, select(subscribers.c.id)).order_by(subscribers.c.id)
    return tuple(connection.execute(query).scalars())


def _found(connection: Connection, wanted: Wanted, query: Select[Any]) -> Select[Any]:
    query = query.where(
        subscribers.c.email != "",
        matches(connection, wanted.condition, Clock.of(wanted.zone)),
        *_words(wanted.words),
    )
    return query.where(subscribers.c.id.in_(wanted.ids)) if wanted.ids else query


def _words(words: str) -> Iterator[ColumnElement[bool]]:
    """Every word stands in the name or in the address."""
    for word in words.split()[:8]:
        # As typed too: SQLite's own `lower` knows no letter beyond ASCII.
        spellings = dict.fromkeys((word.lower(), word))
        yield or_(
            *(func.lower(subscribers.c.name).contains(one, autoescape=True) for one in spellings),
            *(subscribers.c.name.contains(one, autoescape=True) for one in spellings),
            subscribers.c.email_key.contains(word.lower(), autoescape=True),
        )


def _column(sort: str) -> ColumnElement[Any]:
    return subscribers.c.email_key if sort.endswith("address") else subscribers.c.created


def _told(person: Subscriber, sort: str) -> str:
    """A place in the order, as an address carries it."""
    key = person.email.lower() if sort.endswith("address") else str(person.created)
    text = json.dumps([key, person.id])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(after: str, column: ColumnElement[Any]) -> tuple[Any, int] | None:
    """The place that an address carries; None for one that is none."""
    try:
        key, number = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        if column is subscribers.c.created:
            return datetime.datetime.fromisoformat(key), int(number)
        return str(key), int(number)
    except (ValueError, TypeError):
        return None


def _with_lists(connection: Connection, people: Sequence[Subscriber]) -> tuple[Found, ...]:
    ids = [one.id for one in people]
    on: dict[int, list[tuple[str, str, Status]]] = {}
    query = (
        select(subscriptions.c.subscriber_id, lists.c.name, lists.c.title, subscriptions.c.status)
        .join(lists, lists.c.id == subscriptions.c.list_id)
        .where(subscriptions.c.subscriber_id.in_(ids))
        .order_by(lists.c.name)
    )
    for person, name, title, status in connection.execute(query):
        on.setdefault(person, []).append((name, title or name, Status(status)))
    reasons = select(subscribers.c.id, suppressed_because().label("reason"))
    why = {
        row.id: row.reason for row in connection.execute(reasons.where(subscribers.c.id.in_(ids)))
    }
    return tuple(Found(one, tuple(on.get(one.id, ())), why.get(one.id, "")) for one in people)
