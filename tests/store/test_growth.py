"""Counting changes by day and sources: the same on both kinds of database."""

from __future__ import annotations

import datetime

from newsletter.model.subscriber import Status
from newsletter.publication import Publication
from newsletter.store.details import change_details
from newsletter.store.engine import open_store
from newsletter.store.growth import Changes, changes_since, last_event, sources
from newsletter.store.schema import events
from newsletter.subscribers.tokens import make_key_file
from newsletter.workflow import subscribers
from newsletter.workflow.growth import growth
from newsletter.workflow.people import person

LONG_AGO = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)


def test_changes_are_counted_by_day_in_utc_and_from_an_event_on(fresh: Publication) -> None:
    for number in range(3):
        subscribers.add(fresh, f"p{number}@example.com", "weekly")
    late = datetime.datetime(2026, 1, 31, 23, 59, 59, tzinfo=datetime.UTC)
    with open_store(fresh) as store, store.writing() as connection:
        connection.execute(events.update().values(at=late))
    subscribers.remove(fresh, "p0@example.com", "weekly")
    subscribers.add(fresh, "p0@example.com", "other", actor="me")
    with open_store(fresh) as store, store.reading() as connection:
        found = set(changes_since(connection, None, LONG_AGO))
        today = max(one.day for one in found)
        assert found == {
            Changes(late.date(), None, Status.CONFIRMED, 3),
            Changes(today, Status.CONFIRMED, Status.UNSUBSCRIBED, 1),
            Changes(today, None, Status.CONFIRMED, 1),
        }
        assert list(changes_since(connection, None, LONG_AGO, last_event(connection))) == []
        assert [one.number for one in changes_since(connection, 2, LONG_AGO)] == [1]


def test_whoever_is_forgotten_was_on_the_list_until_then(fresh: Publication) -> None:
    make_key_file(fresh.root / "subscribers" / "secret.key")
    for number in range(3):
        subscribers.add(fresh, f"p{number}@example.com", "weekly")
    long_ago = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=60)
    with open_store(fresh) as store, store.writing() as connection:
        connection.execute(events.update().values(at=long_ago))
    assert growth(fresh, "weekly", by="month").confirmed == 3
    subscribers.forget_person(fresh, "p0@example.com")
    told = growth(fresh, "weekly", by="month")
    assert (told.confirmed, told.subscriptions) == (2, 2)
    assert [period.total for period in told.periods[-2:]] == [3, 2]
    assert min(period.total for period in told.periods) == 0
    assert told.periods[-1].left == 1


def test_sources_are_those_of_the_consent_by_status(fresh: Publication) -> None:
    subscribers.add(fresh, "a@example.com", "weekly", source="studio", consent_text="said so")
    subscribers.add(fresh, "b@example.com", "weekly")
    subscribers.remove(fresh, "b@example.com")
    with open_store(fresh) as store, store.reading() as connection:
        assert sorted(sources(connection, 1)) == [
            ("cli", Status.UNSUBSCRIBED, 1),
            ("studio", Status.CONFIRMED, 1),
        ]
        assert sources(connection, 99) == ()


def test_details_that_are_as_they_were_leave_no_event(fresh: Publication) -> None:
    subscribers.add(fresh, "a@example.com", "weekly")
    for changed in (("name", "city"), ()):
        with open_store(fresh) as store, store.writing() as connection:
            assert change_details(connection, 1, "Ann", "", {"city": "Ulm"}, "me") == changed
    record = person(fresh, 1)
    assert record is not None
    assert (record["name"], record["attributes"]) == ("Ann", {"city": "Ulm"})
    assert [one["kind"] for one in record["events"]] == ["added", "changed"]
