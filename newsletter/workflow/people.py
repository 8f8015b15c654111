"""Looking at all subscribers: searching with filters, counting, one person's record. Nothing here changes anything.

Changes of many at once are in `bulk`, of one in `subscribers`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from newsletter.model.people import Filters, PeoplePage, Sort
from newsletter.model.segment import All, AnyOf, Condition, Field, Not, Operator, Segment, Test
from newsletter.model.subscriber import Status
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.store import people as store
from newsletter.store import subscribers as store_subscribers
from newsletter.store.counting import count_in, count_up_to
from newsletter.store.engine import Connection, open_store
from newsletter.store.records import record_of
from newsletter.subscribers.addresses import identity_of
from newsletter.subscribers.segments import parse
from newsletter.workflow import segments
from newsletter.workflow.lists import one_list

PAGE = 50
MANY = 20_000
MOST_WORDS = 8


def search(
    publication: Publication,
    filters: Filters,
    *,
    sort: Sort = Sort.EMAIL,
    descending: bool = False,
    after: str = "",
    most: int = PAGE,
) -> PeoplePage:
    """A page of the people whom the filters leave, after the page whose `after` is given."""
    with open_store(publication) as opened, opened.reading() as connection:
        wanted = condition_of(publication, connection, filters)
        few = _few(publication, connection, filters)
        return store.page_of(
            connection,
            wanted,
            sort=sort,
            descending=descending,
            after=after,
            most=most,
            few=few,
        )


def count(publication: Publication, filters: Filters) -> int:
    """How many people the filters leave."""
    if filters.segment and filters == Filters(segment=filters.segment):
        return segments.count(publication, filters.segment)
    with open_store(publication) as opened, opened.reading() as connection:
        return count_in(connection, condition_of(publication, connection, filters))


def count_shown(publication: Publication, filters: Filters) -> int | None:
    """How many the filters leave, to be told beside a page of them; None for more than MANY that have some words, which
    are not all looked at for that."""
    if not filters.text.strip():
        return count(publication, filters)
    with open_store(publication) as opened, opened.reading() as connection:
        found = count_up_to(connection, condition_of(publication, connection, filters), MANY)
    return found if found <= MANY else None


def counts_by_status(publication: Publication, filters: Filters) -> dict[Status, int]:
    """How many of those whom the filters leave have each status, on `filters.list` or on any list; somebody with
    two statuses on two lists counts in both."""
    with open_store(publication) as opened, opened.reading() as connection:
        base = condition_of(publication, connection, filters)
        return {status: _with_status(connection, base, filters.list, status) for status in Status}


def person(publication: Publication, subscriber: int) -> dict[str, Any] | None:
    """Everything that is known of somebody, by number, ready for JSON: lists, consent, suppression, mails and the
    whole history; None for somebody who is not there, or was forgotten."""
    with open_store(publication) as opened, opened.reading() as connection:
        found = store_subscribers.subscriber_by_id(connection, subscriber)
        if found is None or not found.email:
            return None
        return record_of(connection, identity_of(found.email))


def condition_of(publication: Publication, connection: Connection, filters: Filters) -> Segment:
    """The filters as one condition. Raises UsageError for a list, status or segment that is not there, and
    BadCondition."""
    parts: list[Condition] = []
    if filters.segment:
        parts.append(segments.find(publication, connection, filters.segment).tree)
    if filters.condition.strip():
        parts.append(parse(filters.condition))
    parts += _of_lists(connection, filters)
    for field, value in (
        (Field.LANGUAGE, filters.language),
        (Field.SOURCE, filters.source),
        (Field.TAG, filters.tag),
    ):
        if value:
            parts.append(Test(field, "", Operator.EQUAL, (value,)))
    if filters.suppressed is not None:
        suppressed = Test(Field.SUPPRESSED, "", Operator.EXISTS)
        parts.append(suppressed if filters.suppressed else Not(suppressed))
    if filters.since:
        parts.append(Test(Field.CREATED, "", Operator.AT_LEAST, (filters.since.isoformat(),)))
    if filters.until:
        parts.append(Test(Field.CREATED, "", Operator.AT_MOST, (filters.until.isoformat(),)))
    parts.append(words_in(filters.text))
    return Segment("", "", All(tuple(parts)), publication.settings.timezone)


def _few(publication: Publication, connection: Connection, filters: Filters) -> bool:
    """Whether few are left by what is counted fast: everything but words. Rare words are known to be few when they are
    looked up; of those that many have, a page is soon full."""
    others = replace(filters, text="")
    if filters.text.strip() and others == Filters():
        return False
    return count_in(connection, condition_of(publication, connection, others)) <= store.FEW


def _of_lists(connection: Connection, filters: Filters) -> list[Condition]:
    if filters.list:
        one_list(connection, filters.list)
    if filters.status:
        if filters.status not in set(Status):
            raise UsageError(
                f"there is no status {filters.status}", f"There are: {', '.join(Status)}"
            )
        return [Test(Field.STATUS, filters.list, Operator.EQUAL, (filters.status,))]
    return [Test(Field.STATUS, filters.list, Operator.EXISTS)] if filters.list else []


def words_in(text: str) -> All:
    """Each word is in the address or in the name; one that begins with @ is the beginning of a domain."""
    parts: list[Condition] = []
    for word in text.split()[:MOST_WORDS]:
        if word.startswith("@") and len(word) > 1:
            parts.append(Test(Field.DOMAIN, "", Operator.STARTS, (word[1:].lower(),)))
            continue
        in_email = Test(Field.EMAIL, "", Operator.CONTAINS, (word,))
        in_name = Test(Field.NAME, "", Operator.CONTAINS, (word,))
        parts.append(in_email if "@" in word else AnyOf((in_email, in_name)))
    return All(tuple(parts))


def _with_status(connection: Connection, base: Segment, list_name: str, status: Status) -> int:
    test = Test(Field.STATUS, list_name, Operator.EQUAL, (str(status),))
    return count_in(connection, Segment("", "", All((base.tree, test)), base.zone))
