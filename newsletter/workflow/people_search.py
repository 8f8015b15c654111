"""Searching subscribers: filters, words, pages; the same people that a bulk action then means."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from newsletter.model.segment import All, Condition, Field, Not, Operator, Test
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.store import people_search as store
from newsletter.store.engine import Connection, open_store
from newsletter.workflow import segments

SORTS = ("-joined", "joined", "address", "-address")
PAGE = 50
MOST_COUNTED = store.MOST_COUNTED
Found = store.Found


@dataclass(frozen=True, slots=True)
class Filters:
    """Who is meant; what is empty filters nothing. `list` finds whoever has a subscription to it, with `status` in
    that status. `attribute` is `city=Berlin`, or `city` for whoever has it. `since` and `until` are days (ISO)."""

    words: str = ""
    list: str = ""
    status: str = ""
    segment: str = ""
    language: str = ""
    source: str = ""
    tag: str = ""
    attribute: str = ""
    suppressed: str = ""
    since: str = ""
    until: str = ""
    ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """`total` is None on later pages; MOST_COUNTED + 1 stands for more than that. `next` is empty on the last."""

    people: tuple[Found, ...]
    next: str
    total: int | None


def search(
    publication: Publication,
    filters: Filters,
    *,
    sort: str = "",
    after: str = "",
    most: int = PAGE,
) -> Page:
    """A page of those who are meant. Raises UsageError for a segment that is not there, or a day that is none."""
    order = sort if sort in SORTS else SORTS[0]
    with open_store(publication) as opened, opened.reading() as connection:
        wanted = _wanted(publication, connection, filters)
        people, following = store.page_of(connection, wanted, order, after, most)
        if after:
            return Page(people, following, None)
        total = store.count_of(connection, wanted) if following else len(people)
    return Page(people, following, total)


def count(publication: Publication, filters: Filters) -> int:
    """How many are meant, however many they are."""
    return len(ids(publication, filters))


def ids(publication: Publication, filters: Filters) -> tuple[int, ...]:
    """The numbers of all who are meant."""
    with open_store(publication) as opened, opened.reading() as connection:
        return store.ids_of(connection, _wanted(publication, connection, filters))


def _wanted(publication: Publication, connection: Connection, filters: Filters) -> store.Wanted:
    parts = _parts(filters)
    if filters.segment:
        parts.append(segments.find(publication, connection, filters.segment).tree)
    zone = publication.settings.timezone
    return store.Wanted(All(tuple(parts)), filters.words, zone, filters.ids)


def _parts(filters: Filters) -> list[Condition]:
    parts: list[Condition] = []
    if filters.list or filters.status:
        operator = Operator.EQUAL if filters.status else Operator.EXISTS
        values = (filters.status,) if filters.status else ()
        parts.append(Test(Field.STATUS, filters.list, operator, values))
    for field, value in (
        (Field.LANGUAGE, filters.language),
        (Field.SOURCE, filters.source),
        (Field.TAG, filters.tag),
    ):
        if value:
            parts.append(Test(field, "", Operator.EQUAL, (value,)))
    if filters.attribute:
        key, equals, value = (one.strip() for one in filters.attribute.partition("="))
        operator = Operator.EQUAL if equals else Operator.EXISTS
        parts.append(Test(Field.ATTRIBUTE, key, operator, (value,) if equals else ()))
    if filters.suppressed:
        test = Test(Field.SUPPRESSED, "", Operator.EXISTS)
        parts.append(test if filters.suppressed == "yes" else Not(test))
    for operator, day in ((Operator.AT_LEAST, filters.since), (Operator.AT_MOST, filters.until)):
        if day:
            parts.append(Test(Field.CREATED, "", operator, (_day(day),)))
    return parts


def _day(text: str) -> str:
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(f"not a day: {text}", "Write it so: 2026-05-31") from None
