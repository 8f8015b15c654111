"""Searching subscribers and changing many at once, on either database."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from newsletter.model.people import Filters, PeoplePage, Sort
from newsletter.model.subscriber import Status
from newsletter.problems import NotConfirmed, UsageError
from newsletter.publication import Publication
from newsletter.store import people as store_people
from newsletter.store.engine import Store
from newsletter.store.schema import events
from newsletter.subscribers.tokens import make_key_file
from newsletter.workflow import bulk, people, subscribers, suppressions
from newsletter.workflow.importing import all_imports, import_file, undo_import

_PEOPLE = """email,name,language,city,tags,created,consent_when,consent_source,list,status
anna@example.com,Anna Ähre,de,Berlin,vip,2020-05-01,2020-05-01T10:00:00Z,fair,weekly,confirmed
bob@example.org,Bob,en,上海,x; y,2021-06-15,2021-06-15T10:00:00Z,form,weekly,confirmed
cleo@example.com,,,,,2022-01-01,,,weekly,unsubscribed
dora@sub.example.com,Dora,de,Berlin,,2023-01-01T00:00:00Z,2023-01-01T00:00:00Z,form,other,confirmed
emil@example.net,100% Émil_,zh,,,2024-01-01,2024-02-02T10:00:00Z,form,other,confirmed
"""


@pytest.fixture
def here(fresh: Publication, store: Store, tmp_path: Path) -> Publication:
    file = tmp_path / "people.csv"
    file.write_text(_PEOPLE, encoding="utf-8")
    make_key_file(fresh.root / "subscribers" / "secret.key")
    assert import_file(fresh, file, apply=True).new == 5
    suppressions.add(fresh, "emil@example.net", actor="eve")
    return fresh


def _names(page: PeoplePage) -> str:
    return "".join(one.person.email[0] for one in page.people)


@pytest.mark.parametrize(
    ("filters", "who"),
    [
        (Filters(), "abcde"),
        (Filters(text="ann"), "a"),
        (Filters(text="EXAMPLE.COM"), "acd"),
        (Filters(text="@example.com"), "ac"),
        (Filters(text="äh anna"), "a"),
        (Filters(text="émil"), "e"),
        (Filters(text="0% É"), "e"),
        (Filters(text="%"), "e"),
        (Filters(text="' OR 1=1 --"), ""),
        (Filters(list="weekly"), "abc"),
        (Filters(list="weekly", status="confirmed"), "ab"),
        (Filters(status="unsubscribed"), "c"),
        (Filters(list="other", status="unsubscribed"), ""),
        (Filters(language="de"), "ad"),
        (Filters(source="form"), "bde"),
        (Filters(tag="vip"), "a"),
        (Filters(suppressed=True), "e"),
        (Filters(suppressed=False), "abcd"),
        (Filters(since=datetime.date(2021, 6, 15), until=datetime.date(2023, 1, 1)), "bcd"),
        (Filters(condition="attributes.city = Berlin", list="other"), "d"),
    ],
)
@pytest.mark.parametrize("few", [True, False])
def test_filters_leave(
    here: Publication, monkeypatch: pytest.MonkeyPatch, filters: Filters, who: str, few: bool
) -> None:
    monkeypatch.setattr(store_people, "FEW", 20_000 if few else -1)
    assert _names(people.search(here, filters)) == who
    assert people.count(here, filters) == len(who)


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("few", [True, False])
def test_pages_show_everybody_once_in_order(
    here: Publication, monkeypatch: pytest.MonkeyPatch, sort: Sort, descending: bool, few: bool
) -> None:
    monkeypatch.setattr(store_people, "FEW", 20_000 if few else -1)
    whole = people.search(here, Filters(), sort=sort, descending=descending)
    assert whole.after == ""
    shown, after = "", ""
    for _ in range(5):
        page = people.search(here, Filters(), sort=sort, descending=descending, after=after, most=2)
        shown, after = shown + _names(page), page.after
        if not after:
            break
    assert shown == _names(whole)
    order = {"email": "abcde", "created": "abcde", "name": "ceabd"}[sort]
    assert shown == (order[::-1] if descending else order)


def test_a_page_that_is_none_is_refused(here: Publication) -> None:
    for hostile in ("x", "WzEsMl0", "bnVsbA", "W10", "é"):
        for sort in Sort:
            if (sort, hostile) == (Sort.EMAIL, "WzEsMl0") or (sort, hostile) == (
                Sort.NAME,
                "WzEsMl0",
            ):
                continue
            with pytest.raises(UsageError):
                people.search(here, Filters(), sort=sort, after=hostile)


def test_somebody_of_a_page_is_shown_with_lists_and_suppression(here: Publication) -> None:
    (emil,) = people.search(here, Filters(text="emil@")).people
    assert (emil.statuses, emil.suppressed) == (
        {"other": Status.CONFIRMED},
        "suppressed by hand",
    )


def test_statuses_are_counted_for_what_the_filters_leave(here: Publication) -> None:
    found = people.counts_by_status(here, Filters(list="weekly"))
    assert (found[Status.CONFIRMED], found[Status.UNSUBSCRIBED], found[Status.BOUNCED]) == (2, 1, 0)


def test_a_filter_that_names_nothing_there_is_refused(here: Publication) -> None:
    for filters in (Filters(list="wekly"), Filters(segment="x"), Filters(status="gone")):
        with pytest.raises(UsageError):
            people.search(here, filters)


def test_a_person_is_told_whole_by_number_and_not_when_forgotten(here: Publication) -> None:
    (anna,) = people.search(here, Filters(text="anna")).people
    record = people.person(here, anna.person.id)
    assert record is not None
    assert record["subscriptions"][0]["consent"]["source"] == "fair"
    assert [event["kind"] for event in record["events"]] == ["imported"]
    subscribers.forget_person(here, "anna@example.com")
    assert people.person(here, anna.person.id) is None
    assert people.count(here, Filters()) == 4


def test_many_are_unsubscribed_when_their_number_is_typed_and_it_can_be_undone(
    here: Publication, store: Store
) -> None:
    target = Filters(list="weekly")
    with pytest.raises(NotConfirmed, match="it is about 3 people"):
        bulk.unsubscribe(here, target, "weekly", actor="ada", count=2)
    assert people.count(here, Filters(list="weekly", status="confirmed")) == 2
    done = bulk.unsubscribe(here, target, "weekly", actor="ada", count=3)
    assert (done.chosen, done.changed, done.unchanged) == (3, 2, 1)
    assert people.count(here, Filters(list="weekly", status="unsubscribed")) == 3
    logged = _events(store, "unsubscribed")
    assert [(row.actor, row.data["before"]) for row in logged] == [("ada", "confirmed")] * 2
    undone = undo_import(here, done.batch, actor="ada")
    assert undone.put_back == 2
    assert people.count(here, Filters(list="weekly", status="confirmed")) == 2
    assert all_imports(here)[0].undone is not None


def test_undoing_leaves_those_alone_to_whom_something_happened_since(here: Publication) -> None:
    done = bulk.unsubscribe(here, Filters(list="weekly"), "weekly", actor="ada", count=3)
    subscribers.forget_person(here, "anna@example.com")
    assert undo_import(here, done.batch, actor="ada").put_back == 1
    assert people.count(here, Filters(list="weekly", status="confirmed")) == 1


def test_adding_many_raises_nobody_who_left_and_nobody_suppressed(here: Publication) -> None:
    everybody = [one.person.id for one in people.search(here, Filters()).people]
    done = bulk.add_to_list(here, everybody, "weekly", consent="their letters", actor="ada")
    # anna and bob are on it, cleo left it, emil is suppressed.
    assert (done.chosen, done.changed, done.unchanged, done.blocked) == (5, 1, 2, 2)
    assert _names(people.search(here, Filters(list="weekly", status="confirmed"))) == "abd"
    (dora,) = people.search(here, Filters(text="dora")).people
    record = people.person(here, dora.person.id)
    assert record is not None
    consent = {one["list"]: one["consent"] for one in record["subscriptions"]}["weekly"]
    assert (consent["source"], consent["text"]) == ("bulk:ada", "their letters")
    with pytest.raises(UsageError, match="why may they be written to"):
        bulk.add_to_list(here, everybody, "weekly", consent=" ", actor="ada")
    undo_import(here, done.batch, actor="ada")
    assert people.count(here, Filters(list="weekly")) == 3


def test_tags_and_attributes_are_given_taken_and_undone(here: Publication) -> None:
    target = Filters(language="de")
    done = bulk.tag(here, target, "spring", actor="ada")
    assert (done.changed, people.count(here, Filters(tag="spring"))) == (2, 2)
    assert people.count(here, Filters(tag="vip")) == 1
    assert bulk.tag(here, target, "SPRING", actor="ada").changed == 0
    taken = bulk.tag(here, target, "Spring", actor="ada", remove=True)
    assert (taken.changed, people.count(here, Filters(tag="spring"))) == (2, 0)
    undo_import(here, taken.batch, actor="ada")
    assert people.count(here, Filters(tag="spring")) == 2
    bulk.set_attribute(here, target, "city", "Bonn", actor="ada")
    assert people.count(here, Filters(condition="attributes.city = Bonn")) == 2
    bulk.set_attribute(here, target, "city", "", actor="ada")
    assert people.count(here, Filters(condition="attributes.city exists")) == 1
    for bad in ("", "a;b"):
        with pytest.raises(UsageError):
            bulk.tag(here, target, bad, actor="ada")


def test_many_are_suppressed_and_it_can_be_undone(here: Publication) -> None:
    done = bulk.suppress(here, Filters(), reason="a mistake", actor="ada", count=5)
    assert (done.changed, done.unchanged) == (4, 1)
    assert people.count(here, Filters(suppressed=True)) == 5
    undo_import(here, done.batch, actor="ada")
    assert _names(people.search(here, Filters(suppressed=True))) == "e"


def test_many_are_forgotten_for_good(here: Publication) -> None:
    target = Filters(list="weekly")
    with pytest.raises(NotConfirmed):
        bulk.forget_people(here, target, actor="ada", count=None)
    done = bulk.forget_people(here, target, actor="ada", count=3)
    assert (done.changed, done.batch) == (3, 0)
    assert _names(people.search(here, Filters())) == "de"


def test_one_person_needs_no_number_typed(here: Publication) -> None:
    (bob,) = people.search(here, Filters(text="bob")).people
    assert bulk.chosen(here, [bob.person.id, bob.person.id, 10**9]) == 1
    assert bulk.unsubscribe(here, [bob.person.id], actor="ada").changed == 1


def _events(store: Store, kind: str) -> list[Any]:
    with store.reading() as connection:
        return list(connection.execute(select(events).where(events.c.kind == kind)))
