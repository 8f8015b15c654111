"""Choosing one person among all: a few at a time, both ways, and who stands beside whom."""

from __future__ import annotations

import pytest

from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.store.engine import Store
from newsletter.subscribers.tokens import make_key_file
from newsletter.workflow import persons, subscribers
from newsletter.workflow.persons import MOST, SomePeople, person, person_by_address
from newsletter.workflow.persons import place_of as place
from newsletter.workflow.persons import some_people as some


@pytest.fixture
def here(fresh: Publication, store: Store) -> Publication:
    """Thirty people, every tenth without a name; numbers and addresses are in opposite orders."""
    for n in reversed(range(30)):
        name = "" if n % 10 == 0 else f"Émile {n}" if n % 2 else f"王 {n}"
        subscribers.add(fresh, f"p{n:02}@example.com", "weekly", name=name)
    return fresh


def told(found: SomePeople) -> list[str]:
    return [one.address[1:3] for one in found.people]


def test_people_come_a_few_at_a_time_in_both_directions(here: Publication) -> None:
    first = some(here)
    assert told(first) == [f"{n:02}" for n in range(MOST)]
    assert first.before == ""
    second = some(here, after=first.after)
    assert told(second) == [f"{n:02}" for n in range(MOST, 2 * MOST)]
    third = some(here, after=second.after)
    assert told(third) == [f"{n:02}" for n in range(2 * MOST, 30)]
    assert third.after == ""
    assert told(some(here, before=third.before)) == told(second)
    assert told(some(here, before=second.before)) == told(first)
    assert some(here, before=second.before).before == ""


def test_words_are_looked_for_in_names_and_addresses_whatever_their_case(
    here: Publication,
) -> None:
    assert told(some(here, "émile 2")) == ["21", "23", "25", "27", "29"]
    assert told(some(here, "王 p1")) == ["12", "14", "16", "18"]
    assert told(some(here, "%")) == []
    assert some(here, "nobody at all") == SomePeople()


def test_somebody_stands_between_others_of_those_who_are_found(here: Publication) -> None:
    second, third, fourth = some(here).people[1:4]
    stands = place(here, third.key)
    assert stands is not None
    assert (stands.number, stands.total) == (3, 30)
    assert (stands.previous, stands.next) == (second.key, fourth.key)
    among = place(here, fourth.key, "émile")
    assert among is not None
    assert (among.number, among.total, among.previous) == (2, 15, second.key)
    beside = place(here, third.key, "émile")
    assert beside is not None
    assert (beside.number, beside.previous, beside.next) == (0, second.key, fourth.key)


@pytest.mark.parametrize("key", ["", "nameless", "random", "0", "99999999999999999999", "x"])
def test_who_is_no_subscriber_stands_nowhere(here: Publication, key: str) -> None:
    assert place(here, key) is None


def test_a_number_that_nobody_has_begins_at_the_first(here: Publication) -> None:
    assert told(some(here, after="987654")) == told(some(here))
    nowhere = place(here, "987654")
    assert nowhere is not None
    assert (nowhere.number, nowhere.previous, nowhere.next) == (0, "", "")


def test_somebody_at_random_is_anybody_and_somebody_without_a_name_always_the_same(
    here: Publication,
) -> None:
    drawn = {found.key for _ in range(200) if (found := person(here, persons.RANDOM))}
    assert len(drawn) > 15
    nameless = person(here, persons.NAMELESS)
    assert nameless is not None
    assert nameless.name == ""
    assert person(here, persons.NAMELESS) == nameless


def test_whoever_was_erased_is_not_to_be_chosen(here: Publication) -> None:
    make_key_file(here.root / "subscribers" / "secret.key")
    gone = some(here).people[0]
    subscribers.forget_person(here, gone.address)
    assert gone.key not in {one.key for one in some(here).people}
    assert person(here, gone.key) is None
    assert all(person(here, persons.RANDOM) is not None for _ in range(20))


def test_an_address_leads_to_its_subscriber_or_is_refused(here: Publication) -> None:
    assert person_by_address(here, " P07@example.com ").name == "Émile 7"
    with pytest.raises(UsageError, match="nobody has the address"):
        person_by_address(here, "p99@example.com")
