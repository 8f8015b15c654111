"""How a list grew, week by week or month by month, and where its people came from.

Joining is becoming confirmed; leaving is being confirmed no more: by one's own word, or because mails came back or
were complained of. Who was imported with an older time of consent joined then. Who came or went by an import, or a change of many, that was undone counts as neither. The total of
a period is that of its end, counted back from today. What was counted is kept, and only what happened since is added,
since a large event log takes a second.
"""

from __future__ import annotations

import datetime
from collections import Counter, OrderedDict
from collections.abc import Iterable
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
    counts: Counter[Status] = Counter()
    with open_store(publication) as opened, opened.reading() as connection:
        list_id = one_list(connection, list_name).id if list_name else None
        for one in store_lists.all_lists(connection):
            if list_id in (None, one.list.id):
                counts.update(one.counts)
        changes = _changes(publication, connection, list_id, day)
    confirmed = counts[Status.CONFIRMED]
    periods = _periods(changes, by, first, day, confirmed)
    return Growth(list_name, periods, confirmed, counts.total())


def sources(publication: Publication, list_name: str = "") -> tuple[SourceCount, ...]:
    """Where the people of one list, or of all, came from, the most frequent first."""
    with open_store(publication) as opened, opened.reading() as connection:
        list_id = one_list(connection, list_name).id if list_name else None
        last = store.last_event(connection)
        key = (str(publication.root), publication.settings.store.url, list_id)
        kept = _sources_kept.get(key)
        if kept is None or kept[0] != last:
            kept = (last, _summed(store.sources(connection, list_id)))
            _keep(_sources_kept, key, kept)
    return kept[1]


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


def _changes(
    publication: Publication, connection: Connection, list_id: int | None, today: datetime.date
) -> tuple[store.Changes, ...]:
    """The changes of a good year. Those that were read before are kept; the log only grows, so what is newer is
    added to them, unless an import was undone."""
    first = first_day(today, "month") - datetime.timedelta(days=7)
    since = datetime.datetime.combine(first, datetime.time(), datetime.UTC)
    key = (str(publication.root), publication.settings.store.url, list_id, first)
    last = store.last_event(connection)
    read, changes = _changes_kept.get(key, (0, ()))
    if read != last:
        if read > last or store.undone_since(connection, read):  # or another database
            read, changes = 0, ()
        counted: Counter[tuple[datetime.date, Status | None, Status | None]] = Counter()
        for one in (*changes, *store.changes_since(connection, list_id, since, read)):
            counted[one.day, one.before, one.after] += one.number
        changes = tuple(store.Changes(*which, number) for which, number in counted.items())
        _keep(_changes_kept, key, (last, changes))
    return changes


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


def _summed(found: Iterable[tuple[str, Status, int]]) -> tuple[SourceCount, ...]:
    people: Counter[str] = Counter()
    confirmed: Counter[str] = Counter()
    for source, status, number in found:
        people[source] += number
        confirmed[source] += number if status is Status.CONFIRMED else 0
    largest = [name for name, _ in people.most_common(MOST_SOURCES)]
    made = [SourceCount(name, people[name], confirmed[name]) for name in largest]
    rest = sorted(set(people) - set(largest))
    if rest:
        every = sum(people[one] for one in rest), sum(confirmed[one] for one in rest)
        made.append(SourceCount("", *every, others=True))
    return tuple(made)


Key = tuple[Any, ...]
_changes_kept: OrderedDict[Key, tuple[int, tuple[store.Changes, ...]]] = OrderedDict()
_sources_kept: OrderedDict[Key, tuple[int, tuple[SourceCount, ...]]] = OrderedDict()
_guard = Lock()
_MOST_KEPT = 64


def _keep(kept: OrderedDict[Key, Made], key: Key, made: Made) -> None:
    with _guard:
        kept[key] = made
        while len(kept) > _MOST_KEPT:
            kept.popitem(last=False)
