"""What is kept of how many people are in a segment, on either database: true after every change, by whomever, and used."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from newsletter.model.clicks import Click, MailLink
from newsletter.model.people import Filters
from newsletter.model.segment import Segment
from newsletter.problems import TryAgainLater
from newsletter.publication import Publication
from newsletter.store import clicks, conditions, counting, standing_counts
from newsletter.store.engine import Store, open_store
from newsletter.store.events import now
from newsletter.store.lists import make_list
from newsletter.store.schema import deliveries
from newsletter.store.schema import subscribers as people_table
from newsletter.store.schema_counts import segment_counts
from newsletter.store.segments import save_segment
from newsletter.store.standing_counts import BLOCK, count_of
from newsletter.subscribers.segments import parse
from newsletter.workflow import bulk, segments, subscribers, suppressions
from newsletter.workflow.importing import all_imports, import_file, undo_import

CONDITIONS = {
    "vienna": "list = weekly and language = de and attributes.age > 40",
    "new": "joined > 30 days ago and not suppressed exists",
    "words": "attributes.city contains ie or name contains ann or list = other",
    "clicked": "clicked > 3 days ago and list = weekly",
    "left": "status.weekly = unsubscribed or tag = vip",
}
ANN = Filters(text="p0@example.com")


@pytest.fixture(autouse=True)
def everything_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handful of people would be asked each time."""
    monkeypatch.setattr(standing_counts, "FEW", -1)
    monkeypatch.setattr(counting, "FEW", -1)


@pytest.fixture
def campaign(store: Store, begin: Callable[..., int]) -> int:
    number = begin()
    with store.writing() as connection:
        clicks.keep_links(connection, number, [MailLink(1, "https://a.example/", "link")])
        for name, condition in CONDITIONS.items():
            save_segment(connection, _segment(name, condition))
    return number


def test_a_count_is_true_after_every_change(
    fresh: Publication, store: Store, campaign: int, tmp_path: Path
) -> None:
    def click() -> None:
        with store.writing() as connection:
            clicks.add_click(connection, Click(campaign, 1, now(), 2))

    def a_machine_clicked() -> None:
        with store.writing() as connection:
            clicks.mark_automated(connection, [1], "burst")

    def german() -> None:
        file = tmp_path / "german.csv"
        file.write_text(
            "email,language,city,age,list\n"
            + "".join(f"p{n}@example.com,de,Wien,4{n},weekly\n" for n in range(5)),
            encoding="utf-8",
        )
        import_file(fresh, file, apply=True, consent="by hand")

    changes: dict[str, Callable[[], object]] = {
        "import": german,
        "sign-up": lambda: subscribers.add(fresh, "anna@example.org", "weekly", name="Anna"),
        "tag": lambda: bulk.tag(fresh, ANN, "vip", actor="eve"),
        "attribute": lambda: bulk.set_attribute(fresh, ANN, "city", "Kiel", actor="eve"),
        "click": click,
        "machine": a_machine_clicked,
        "suppressed": lambda: suppressions.add(fresh, "p1@example.com", actor="eve"),
        "domain": lambda: suppressions.add(fresh, "example.com", actor="eve"),
        "lifted": lambda: suppressions.lift(fresh, "example.com", actor="eve", admin=True),
        "left": lambda: subscribers.remove(fresh, "p0@example.com", "weekly"),
        "on a list": lambda: bulk.add_to_list(
            fresh, Filters(text="anna"), "other", consent="by hand", actor="eve"
        ),
        "forgotten": lambda: subscribers.forget_person(fresh, "p2@example.com"),
        "undone": lambda: undo_import(fresh, all_imports(fresh)[-1].id),
    }
    seen = {name: {_counted(store, name)} for name in CONDITIONS}
    for what, change in changes.items():
        change()
        for name in CONDITIONS:
            assert _counted(store, name) == _asked_anew(store, name), (what, name)
            assert _counted(store, name) == _asked_anew(store, name), (what, name, "again")
            seen[name].add(_counted(store, name))
    assert all(len(one) > 1 for one in seen.values()), "every condition has seen a change"


def test_only_those_are_asked_who_live_where_somebody_has_changed(
    store: Store, campaign: int
) -> None:
    with store.writing() as connection:
        far = {"id": 2 * BLOCK + 7, "email": "z@z.example", "email_key": "z@z.example"}
        rest = {"domain": "z.example", "name": "Hanna", "created": now(), "attributes": {}}
        connection.execute(insert(people_table).values(**far, **rest))
    assert _counted(store, "words") == 4
    assert _kept(store) == {0: 3, 1: 0, 2: 1}
    with store.writing() as connection:  # shows what is used, and what is not
        connection.execute(update(segment_counts).values(people=segment_counts.c.people + 100))
    assert _counted(store, "words") == 304
    with store.writing() as connection:
        one = people_table.c.id == far["id"]
        connection.execute(update(people_table).where(one).values(name="Otto"))
    assert set(_kept(store)) == {0, 1}
    assert _counted(store, "words") == 203
    assert _kept(store) == {0: 103, 1: 100, 2: 0}


def test_a_change_between_asking_and_keeping_is_not_lost(
    fresh: Publication, store: Store, campaign: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks = standing_counts._ask

    def meanwhile(*given: Any) -> Mapping[int, int]:
        counts = asks(*given)
        with open_store(fresh) as other, other.writing() as connection:
            connection.execute(update(people_table).values(language="de", attributes={"age": "50"}))
        monkeypatch.setattr(standing_counts, "_ask", asks)
        return counts

    monkeypatch.setattr(standing_counts, "_ask", meanwhile)
    assert _counted(store, "vienna") == 0, "as it was when it was asked"
    assert _kept(store) == {}
    assert _counted(store, "vienna") == 3


def test_two_who_count_at_once_keep_what_stands(
    fresh: Publication, store: Store, campaign: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one's number is older than the change, and the claim that it finds is the second one's."""
    asks = standing_counts._ask

    def meanwhile(*given: Any) -> Mapping[int, int]:
        monkeypatch.setattr(standing_counts, "_ask", asks)
        counts = asks(*given)
        with open_store(fresh) as other:
            with other.writing() as connection:
                everybody = {"language": "de", "attributes": {"age": "50"}}
                connection.execute(update(people_table).values(everybody))
            second = _segment("vienna", CONDITIONS["vienna"])
            with other.reading() as connection:
                asked = conditions.asked_of(connection, second.tree)
                standing = standing_counts._standing(connection, second, asked)
            with other.writing() as connection:
                standing_counts._claim(connection, second, standing, "second")
        return counts

    monkeypatch.setattr(standing_counts, "_ask", meanwhile)
    assert _counted(store, "vienna") == 0
    assert _kept(store) == {0: None}
    assert _counted(store, "vienna") == 3
    assert _kept(store) == {0: 3}


def test_nobody_waits_for_another_who_writes(
    fresh: Publication, store: Store, campaign: int
) -> None:
    with open_store(fresh) as other, other.writing() as connection:
        make_list(connection, "busy", "test")
        with pytest.raises(TryAgainLater, match="busy"), store.writing_at_once():
            pass
        assert _counted(store, "words") == 3
    assert _kept(store) == {}
    assert _counted(store, "words") == 3
    assert _kept(store) == {0: 3}


def test_a_day_later_another_day_is_asked_of(
    store: Store, campaign: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _counted(store, "new") == 3
    later = now() + datetime.timedelta(days=40)
    monkeypatch.setattr(conditions, "now", lambda: later)
    assert _counted(store, "new") == 0


def test_a_segment_that_is_changed_or_removed_leaves_nothing_behind(
    fresh: Publication, store: Store, campaign: int
) -> None:
    assert _counted(store, "words") == 3
    segments.save(fresh, "words", "name contains nobody or language = xx", actor="eve")
    assert segments.count(fresh, "words") == 0
    segments.delete(fresh, "words", actor="eve")
    assert _kept(store) == {}


def test_who_received_an_issue_is_counted_again_when_a_mail_is_accepted_or_comes_back(
    fresh: Publication, store: Store, campaign: int
) -> None:
    received = _segment("got", "received = one or language = de")
    with store.writing() as connection:
        save_segment(connection, received)
    assert count_of(store, received) == 0
    for status, number in (("accepted", 2), ("failed", 0)):
        with store.writing() as connection:
            two = deliveries.c.subscriber_id.in_((1, 3))
            connection.execute(update(deliveries).where(two).values(status=status))
        assert count_of(store, received) == number
        assert _kept(store) == {0: number}


def _segment(name: str, condition: str) -> Segment:
    return Segment(name, condition, parse(condition), by="test")


def _counted(store: Store, name: str) -> int:
    return count_of(store, _segment(name, CONDITIONS[name]))


def _asked_anew(store: Store, name: str) -> int:
    with store.reading() as connection:
        inside = conditions.matches(connection, parse(CONDITIONS[name]), conditions.Clock.of("UTC"))
        query = select(func.count()).select_from(people_table)
        return int(connection.execute(query.where(people_table.c.email != "", inside)).scalar_one())


def _kept(store: Store) -> dict[int, int | None]:
    with store.reading() as connection:
        rows = connection.execute(select(segment_counts.c.block, segment_counts.c.people))
        return {row.block: row.people for row in rows}
