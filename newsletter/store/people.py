"""Subscribers, searched: a page by keyset, in the order that is asked for, with lists and suppression of each.

Where few are found, they are looked up and then put in order; where many are, the index of the order is walked until
the page is full. Pages go on after the last person of the page before, so that a page far down costs what the first
does, and nobody is shown twice while others come and go.
"""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from newsletter.model.people import Found, PeoplePage, Sort
from newsletter.model.segment import Segment
from newsletter.model.subscriber import Status
from newsletter.problems import UsageError
from newsletter.store.conditions import Clock, asked_of
from newsletter.store.finding import FEW as FEW
from newsletter.store.finding import narrowed
from newsletter.store.schema import lists, subscribers, subscriptions
from newsletter.store.subscribers import subscriber, suppressed_because


def page_of(
    connection: Connection,
    wanted: Segment,
    *,
    sort: Sort,
    descending: bool = False,
    after: str = "",
    most: int = 50,
    few: bool = False,
) -> PeoplePage:
    """A page of the people whom a condition holds for; `few` says that they are no more than FEW."""
    narrow = narrowed(connection, wanted.tree)
    few = few or narrow is not None
    asked = asked_of(connection, wanted.tree, Clock.of(wanted.zone), as_sets=few)
    key = _KEYS[sort]
    # An expression is in no index: the people are found first.
    order = key if not few else func.coalesce(key, key)
    query = select(subscribers, suppressed_because().label("suppressed")).where(
        subscribers.c.email != "", asked.condition(wanted.tree)
    )
    if narrow is not None:
        query = query.where(narrow)
    if after:
        query = query.where(_beyond(key, *_read(after, sort), descending))
    ordered = [order.desc(), subscribers.c.id.desc()] if descending else [order, subscribers.c.id]
    rows = connection.execute(query.order_by(*ordered).limit(most + 1)).all()
    shown = rows[:most]
    statuses = _statuses(connection, [row.id for row in shown])
    people = tuple(
        Found(subscriber(row), statuses.get(row.id, {}), row.suppressed) for row in shown
    )
    more = len(rows) > most
    return PeoplePage(people, _written(shown[-1], sort) if more else "")


def _statuses(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, Status]]:
    found: dict[int, dict[str, Status]] = {}
    rows = connection.execute(
        select(subscriptions.c.subscriber_id, lists.c.name, subscriptions.c.status)
        .join(lists, lists.c.id == subscriptions.c.list_id)
        .where(subscriptions.c.subscriber_id.in_(ids))
        .order_by(lists.c.name)
    )
    for row in rows:
        found.setdefault(row.subscriber_id, {})[row.name] = Status(row.status)
    return found


_KEYS: dict[Sort, Any] = {
    Sort.EMAIL: subscribers.c.email_key,
    Sort.NAME: subscribers.c.name,
    Sort.CREATED: subscribers.c.created,
}


def _beyond(key: Any, value: Any, number: int, descending: bool) -> ColumnElement[bool]:
    """Whoever comes after a person in the order; those who are equal in it stand by their number."""
    if descending:
        return or_(key < value, and_(key == value, subscribers.c.id < number))
    return or_(key > value, and_(key == value, subscribers.c.id > number))


def _written(row: Any, sort: Sort) -> str:
    value = {Sort.EMAIL: row.email_key, Sort.NAME: row.name, Sort.CREATED: row.created}[sort]
    if isinstance(value, datetime.datetime):
        value = value.isoformat()
    return base64.urlsafe_b64encode(json.dumps([value, row.id]).encode()).decode().rstrip("=")


def _read(after: str, sort: Sort) -> tuple[Any, int]:
    try:
        text = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4))
        value, number = json.loads(text)
        moment = datetime.datetime.fromisoformat(value) if sort is Sort.CREATED else str(value)
        return moment, int(number)
    except (ValueError, TypeError):
        raise UsageError(f"there is no page after {after!r}", "Begin at the first.") from None
