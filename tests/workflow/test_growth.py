"""How a list grew, and where its people came from."""

from __future__ import annotations

import datetime
import threading
from pathlib import Path

import pytest

from newsletter.problems import UsageError
from newsletter.publication import Publication, load_publication
from newsletter.store.engine import open_store
from newsletter.store.schema import events, import_batches
from newsletter.workflow import subscribers
from newsletter.workflow.growth import first_day, growth, sources
from newsletter.workflow.importing import import_file, undo_import


@pytest.fixture
def orchard(new_publication: Path) -> Publication:
    return load_publication(new_publication, {})


def imported(publication: Publication, text: str, name: str = "people.csv", **more: str) -> int:
    file = publication.root / name
    file.write_text(text, encoding="utf-8")
    return import_file(publication, file, "weekly", apply=True, **more).batch  # type: ignore[arg-type]


def days_ago(publication: Publication, days: int) -> None:
    """Everything that happened up to now happened so many days earlier."""
    with open_store(publication) as store, store.writing() as connection:
        for table in (events, import_batches):
            for row in connection.execute(table.select()).all():
                at = row.at - datetime.timedelta(days=days)
                connection.execute(table.update().where(table.c.id == row.id).values(at=at))


def test_joins_leaves_and_bounces_stand_in_their_weeks_and_add_up(orchard: Publication) -> None:
    imported(orchard, "email,status\na@x.example,confirmed\nb@x.example,confirmed\n")
    imported(orchard, "email,status\nc@x.example,bounced\n")
    days_ago(orchard, 14)
    imported(orchard, "email,status\nd@x.example,confirmed\na@x.example,bounced\n", "more.csv")
    subscribers.remove(orchard, "b@x.example", "weekly")
    grown = growth(orchard, "weekly")
    assert len(grown.periods) == 53
    told = [(one.joined, one.left, one.bounced, one.total) for one in grown.periods]
    assert told[-3:] == [(2, 0, 0, 2), (0, 0, 0, 2), (1, 1, 1, 1)]
    assert set(told[:-3]) == {(0, 0, 0, 0)}
    assert grown.periods[-1].start.weekday() == 0
    assert (grown.confirmed, grown.subscriptions) == (1, 4)


def test_months_begin_on_their_first_day(orchard: Publication) -> None:
    imported(orchard, "email,status\na@x.example,confirmed\n")
    grown = growth(orchard, by="month")
    assert [one.start.day for one in grown.periods] == [1] * 13
    assert grown.periods[-1].joined == 1
    assert first_day(datetime.date(2026, 1, 31), "month") == datetime.date(2025, 1, 1)
    assert first_day(datetime.date(2026, 12, 5), "month") == datetime.date(2025, 12, 1)


def test_who_came_by_an_undone_import_never_joined_or_left(orchard: Publication) -> None:
    imported(orchard, "email,status\na@x.example,confirmed\n")
    batch = imported(
        orchard, "email,status\na@x.example,unsubscribed\nb@x.example,yes\n", "more.csv"
    )
    days_ago(orchard, 14)
    assert counted(orchard)[-3:] == [(2, 1, 1), (0, 0, 1), (0, 0, 1)]
    undo_import(orchard, batch)
    assert counted(orchard)[-3:] == [(1, 0, 1), (0, 0, 1), (0, 0, 1)]
    assert set(counted(orchard)[:-3]) == {(0, 0, 0)}


def counted(publication: Publication) -> list[tuple[int, int, int]]:
    return [(one.joined, one.left, one.total) for one in growth(publication, "weekly").periods]


def test_sources_are_those_of_the_consent_and_small_ones_are_summed_up(
    orchard: Publication,
) -> None:
    for number in range(14):
        people = "".join(f"p{number}-{one}@x.example\n" for one in range(20 - number))
        imported(orchard, f"email\n{people}", f"file{number:02}.csv", consent="yes")
    imported(orchard, "email\nunknown@x.example\n", "waiting.csv")
    found = sources(orchard, "weekly")
    assert (found[0].source, found[0].people, found[0].confirmed) == ("import:file00.csv", 20, 20)
    assert len(found) == 13
    assert (found[-1].others, found[-1].people, found[-1].confirmed) == (True, 16, 15)


def test_counts_are_fresh_after_every_change_and_for_all_lists(orchard: Publication) -> None:
    assert growth(orchard).confirmed == 0
    imported(orchard, "email,status\na@x.example,confirmed\n")
    assert growth(orchard).confirmed == 1
    subscribers.add(orchard, "a@x.example", "other")
    assert (growth(orchard).confirmed, growth(orchard, "other").confirmed) == (2, 1)
    with pytest.raises(UsageError, match="no such list"):
        growth(orchard, "none")


def test_several_people_may_look_at_once(orchard: Publication) -> None:
    imported(orchard, "email,status\na@x.example,confirmed\n")
    seen: list[int] = []
    threads = [
        threading.Thread(target=lambda: seen.append(growth(orchard, "weekly").confirmed))
        for _ in range(4)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert seen == [1] * 4


def test_whoever_is_imported_joined_when_they_said_yes(orchard: Publication) -> None:
    def day(days: int) -> str:
        return (datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days)).isoformat()

    text = (
        f"email,status,optin_time\na@x.example,confirmed,{day(21)}\nb@x.example,confirmed,{day(2000)}\n"
        f"c@x.example,confirmed,\nd@x.example,unsubscribed,{day(21)}\n"
    )

    def told() -> list[tuple[int, int]]:
        return [(one.joined, one.total) for one in growth(orchard, "weekly").periods]

    number = imported(orchard, text)
    assert told()[-5:] == [(0, 1), (1, 2), (0, 2), (0, 2), (1, 3)]
    assert told()[0] == (0, 1), "who said yes years ago was there all the time"
    undo_import(orchard, number)
    assert set(told()) == {(0, 0)}
    imported(orchard, text)
    assert told()[-5:] == [(0, 1), (1, 2), (0, 2), (0, 2), (1, 3)]
