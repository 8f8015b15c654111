"""People to look at an issue as: a real one by number, a random one, one without a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.publication import Publication
from newsletter.store import people as all_people
from newsletter.store import subscribers as people
from newsletter.store.engine import open_store, store_exists
from newsletter.workflow.people import words_in

NAMELESS, RANDOM = "nameless", "random"
MOST = 12


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


_NOBODY = Person(NAMELESS, "", "reader@example.org", {})


def person(publication: Publication, key: str) -> Person | None:
    """The person of a key: a subscriber's number, `random`, or `nameless`; None when there is none. Somebody without
    a name can always be had: one who is made up where no subscriber is without."""
    nobody = _NOBODY if key == NAMELESS else None
    if not key or not store_exists(publication):
        return nobody
    with open_store(publication) as store, store.reading() as connection:
        if key in (RANDOM, NAMELESS):
            found = people.any_subscriber(connection, nameless=key == NAMELESS)
        else:
            found = people.subscriber_by_id(connection, int(key)) if key.isdecimal() else None
    if found is None:
        return nobody
    return Person(str(found.id), found.name, found.email, dict(found.attributes))


def some_people(publication: Publication, search: str = "") -> tuple[Person, ...]:
    """A few subscribers whose name or address has the words in it, for a list to choose from."""
    if not store_exists(publication):
        return ()
    with open_store(publication) as store, store.reading() as connection:
        found = all_people.some_people(connection, words_in(search), MOST)
    return tuple(Person(str(one.id), one.name, one.email, dict(one.attributes)) for one in found)
