"""People to look at an issue as: a real one by number, a random one, one without a name; searching and stepping
through them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from newsletter.model.people import Filters
from newsletter.model.subscriber import Subscriber
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.store import choosing
from newsletter.store import subscribers as people
from newsletter.store.engine import open_store, store_exists
from newsletter.subscribers.addresses import identity_of
from newsletter.workflow.people import condition_of

NAMELESS, RANDOM = "nameless", "random"
MOST = 12
MOST_COUNTED = choosing.MOST
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Person:
    """`key` is what an address of the studio says: never the mail address, which is personal."""

    key: str
    name: str
    address: str
    attributes: Mapping[str, str]

    @property
    def shown(self) -> str:
        return f"{self.name} · {self.address}" if self.name else self.address


@dataclass(frozen=True, slots=True)
class SomePeople:
    """A few people to choose from. `before` and `after` are keys to go on from, empty where nobody comes."""

    people: tuple[Person, ...] = ()
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's number among the people who are chosen from, 0 for one who is not among them; `total` is counted up to
    MOST_COUNTED. `previous` and `next` are keys, empty at the ends."""

    number: int
    total: int
    previous: str
    next: str


_NOBODY = Person(NAMELESS, "", "reader@example.org", {})


def person(publication: Publication, key: str) -> Person | None:
    """The person of a key: a subscriber's number, `random`, or `nameless`; None when there is none. Somebody without
    a name can always be had: one who is made up where no subscriber is without."""
    nobody = _NOBODY if key == NAMELESS else None
    if not key or not store_exists(publication):
        return nobody
    with open_store(publication) as store, store.reading() as connection:
        if key in (RANDOM, NAMELESS):
            found = choosing.anybody(connection, nameless=key == NAMELESS)
        else:
            number = _number(key)
            found = people.subscriber_by_id(connection, number) if number else None
    return _person(found) if found is not None and found.email else nobody


def person_by_address(publication: Publication, address: str) -> Person:
    """The subscriber with an address. Raises UsageError when there is none."""
    found: Subscriber | None = None
    if store_exists(publication):
        with open_store(publication) as store, store.reading() as connection:
            found = people.find_subscriber(connection, identity_of(address.strip()))
    if found is None or not found.email:
        raise UsageError(f"nobody has the address {address}")
    return _person(found)


def some_people(
    publication: Publication, search: str = "", *, after: str = "", before: str = ""
) -> SomePeople:
    """A few subscribers whose name or address has each of the words in it, in the order of their addresses: the first
    of them, those behind a person, or those before one."""
    if not store_exists(publication):
        return SomePeople()
    with open_store(publication) as store, store.reading() as connection:
        wanted = condition_of(publication, connection, Filters(text=search))
        found = choosing.some_of(
            connection, wanted, MOST, after=_number(after), before=_number(before)
        )
    shown = SomePeople(tuple(_person(one) for one in found.people))
    if not shown.people:
        return shown
    return replace(
        shown,
        before=shown.people[0].key if found.before else "",
        after=shown.people[-1].key if found.after else "",
    )


def place_of(publication: Publication, key: str, search: str = "") -> Place | None:
    """Where a subscriber stands among those who are found; None for nobody real."""
    number = _number(key)
    if not number or not store_exists(publication):
        return None
    with open_store(publication) as store, store.reading() as connection:
        wanted = condition_of(publication, connection, Filters(text=search))
        found = choosing.beside(connection, wanted, number)
    return Place(found.number, found.total, str(found.previous or ""), str(found.next or ""))


def _person(one: Subscriber) -> Person:
    return Person(str(one.id), one.name, one.email, dict(one.attributes))


def _number(key: str) -> int:
    known = key.isascii() and key.isdecimal() and len(key) < 20
    return int(key) if known and int(key) <= _LARGEST else 0
