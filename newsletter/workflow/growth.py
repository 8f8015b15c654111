"""How a list grew, week by week or month by month, and where its people came from.

Joining is becoming confirmed; leaving is being confirmed no more: by one's own word, or because mails came back or
were complained of. The total of a period is that of its end, counted back from today. What was counted is kept
while nothing happens, since a large event log takes a second.
"""

from __future__ import annotations

import datetime
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

from newsletter.model.subscriber import Status
from newsletter.publication import Publication
from newsletter.store import growth as store
from newsletter.store import lists as store_lists
from newsletter.store.engine import Connection, open_store
from newsletter.store.events import now
from newsletter.workflow.lists import one_list

WEEKS, MONTHS = 53, 13
MOST_SOURCES = 12
Made = TypeVar("Made")
_RETURNED = frozenset({Status.BOUNCED, Status.COMPLAINED})


@dataclass(frozen=True, slots=True)
class Period:
    """A week or month: its first day, who joined, left by their own word, bounced or complained, and how many were
    on the list at its end."""

    start: datetime.date
    joined: int
    left: int
    bounced: int
    total: int


@dataclass(frozen=True, slots=True)
class SourceCount:
    """`source` is what the consent says, empty where it says nothing. `others` sums up the small ones."""

    source: str
    people: int
    confirmed: int
    others: bool = False


@dataclass(frozen=True, slots=True)
class Growth:
    """`confirmed` subscriptions there are today, of `subscriptions` in all."""

    list_name: str
    periods: tuple[Period, ...]
    confirmed: int
    subscriptions: int
    sources: tuple[SourceCount, ...]


def growth(
    publication: Publication,
    list_name: str = "",
    *,
    by: str = "week",
    today: datetime.date | None = None,
) -> Growth:
    """The last year of one list, or of all, `by` week (from Monday) or month. Raises UsageError for a list that is
    not there."""
    day = today or now().date()
    first = first_day(day, by)
    with open_store(publication) as opened, opened.reading() as connection:
        list_id = one_list(connection, list_name).id if list_name else None
        last = store.last_event(connection)
        key = (str(publication.root), publication.settings.store.url, list_id, by, day)
        return _kept(key, last, lambda: _counted(connection, list_name, list_id, by, first, day))


def first_day(day: datetime.date, by: str) -> datetime.date:
    """The first day of the oldest period that ends up to today."""
    if by == "month":
        month = day.year * 12 + day.month - 1 - (MONTHS - 1)
        return datetime.date(month // 12, month % 12 + 1, 1)
    return start_of(day, by) - datetime.timedelta(weeks=WEEKS - 1)


def start_of(day: datetime.date, by: str) -> datetime.date:
    """The first day of the period that a day is in."""
    if by == "month":
        return day.replace(day=1)
    return day - datetime.timedelta(days=day.weekday())


def _counted(
    connection: Connection,
    list_name: str,
    list_id: int | None,
    by: str,
    first: datetime.date,
    today: datetime.date,
) -> Growth:
    counts: Counter[Status] = Counter()
    for one in store_lists.all_lists(connection):
        if list_id in (None, one.list.id):
            counts.update(one.counts)
    since = datetime.datetime.combine(first, datetime.time(), datetime.UTC)
    changes = store.changes_since(connection, list_id, since)
    return Growth(
        list_name,
        _periods(changes, by, first, today, counts[Status.CONFIRMED]),
        counts[Status.CONFIRMED],
        counts.total(),
        _sources(store.sources(connection, list_id)),
    )


def _periods(
    changes: Iterable[store.Changes],
    by: str,
    first: datetime.date,
    today: datetime.date,
    confirmed: int,
) -> tuple[Period, ...]:
    joined: Counter[datetime.date] = Counter()
    left: Counter[datetime.date] = Counter()
    bounced: Counter[datetime.date] = Counter()
    for one in changes:
        start = start_of(min(one.day, today), by)
        if one.after is Status.CONFIRMED:
            joined[start] += one.number
        elif one.before is Status.CONFIRMED:
            (bounced if one.after in _RETURNED else left)[start] += one.number
    made: list[Period] = []
    total = confirmed
    for start in reversed(list(_starts(first, today, by))):
        made.append(Period(start, joined[start], left[start], bounced[start], total))
        total = max(0, total - joined[start] + left[start] + bounced[start])
    return tuple(reversed(made))


def _starts(first: datetime.date, today: datetime.date, by: str) -> Iterable[datetime.date]:
    start = first
    while start <= today:
        yield start
        start = start_of(start + datetime.timedelta(days=31 if by == "month" else 7), by)


def _sources(found: Iterable[tuple[str, Status, int]]) -> tuple[SourceCount, ...]:
    people: Counter[str] = Counter()
    confirmed: Counter[str] = Counter()
    for source, status, number in found:
        people[source] += number
        confirmed[source] += number if status is Status.CONFIRMED else 0
    largest = [name for name, _ in people.most_common(MOST_SOURCES)]
    made = [SourceCount(name, people[name], confirmed[name]) for name in largest]
    rest = sorted(set(people) - set(largest))
    if rest:
        made.append(
            SourceCount(
                "", sum(people[one] for one in rest), sum(confirmed[one] for one in rest), True
            )
        )
    return tuple(made)


_counts: OrderedDict[tuple[Any, ...], tuple[int, Any]] = OrderedDict()
_guard = Lock()


def _kept(key: tuple[Any, ...], last: int, make: Callable[[], Made]) -> Made:
    with _guard:
        before = _counts.get(key)
    if before is not None and before[0] == last:
        kept: Made = before[1]
        return kept
    made = make()
    with _guard:
        _counts[key] = (last, made)
        while len(_counts) > 64:
            _counts.popitem(last=False)
    return made
