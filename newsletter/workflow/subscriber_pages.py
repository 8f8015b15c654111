"""People as programs see and change them: in pages by number, one by one, and leaving lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newsletter.model.campaign import Delivery, DeliveryStatus
from newsletter.model.subscriber import Status
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.store import lists as store_lists
from newsletter.store import people_pages, sign_ups
from newsletter.store import subscribers as people
from newsletter.store.details import merge_attributes
from newsletter.store.engine import open_store
from newsletter.store.events import log
from newsletter.store.finding import in_segment
from newsletter.store.forgotten import forget
from newsletter.store.people_pages import OnList, Person, Told
from newsletter.store.records import record_of
from newsletter.subscribers.addresses import BadAddress, parse_address
from newsletter.subscribers.consent import Event, after
from newsletter.subscribers.importers.cells import cleaned, cleaned_attributes
from newsletter.subscribers.tokens import load_key
from newsletter.workflow import segments
from newsletter.workflow.identities import hashes_of
from newsletter.workflow.signing_up import LONGEST_NAME

__all__ = ["OnList", "People", "Person", "Told", "Wanted"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom a page is about: by address, list (its number), status, segment (its name)."""

    email: str = ""
    list_id: int | None = None
    status: Status | None = None
    segment: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """A page; `next` is where the following one begins, None at the end."""

    items: tuple[Person, ...]
    next: int | None


def page(publication: Publication, wanted: Wanted, after: int, most: int) -> People:
    """The next people; nobody for an address that is none."""
    key = ""
    if wanted.email:
        try:
            key = parse_address(wanted.email).key
        except BadAddress:
            return People((), None)
    with open_store(publication) as store, store.reading() as connection:
        inside = segments.find(publication, connection, wanted.segment) if wanted.segment else None
        found = people_pages.people_after(
            connection,
            after,
            most + 1,
            key=key,
            list_id=wanted.list_id,
            status=wanted.status,
            more=() if inside is None else (in_segment(connection, inside),),
        )
    more = len(found) > most
    return People(found[:most], found[most - 1].subscriber.id if more else None)


def one(publication: Publication, subscriber: int) -> Person | None:
    with open_store(publication) as store, store.reading() as connection:
        return people_pages.person_by_id(connection, subscriber)


def change(
    publication: Publication,
    subscriber: int,
    *,
    name: str | None = None,
    language: str | None = None,
    attributes: Mapping[str, str | None] | None = None,
    actor: str,
) -> Person | None:
    """Changes what is given; an attribute of None goes. None when there is nobody."""
    with open_store(publication) as store, store.writing() as connection:
        found = people_pages.person_by_id(connection, subscriber)
        if found is None:
            return None
        now_called = found.subscriber.name
        if name is not None:
            now_called = cleaned(name.strip())[:LONGEST_NAME].strip()
        spoken = found.subscriber.language if language is None else language
        changed = sign_ups.change_person(connection, subscriber, now_called, spoken)
        changed |= merge_attributes(connection, subscriber, cleaned_attributes(attributes or {}))
        if changed:
            log(connection, "changed", actor, subscriber=subscriber)
        return people_pages.person_by_id(connection, subscriber)


def leave(publication: Publication, subscriber: int, list_id: int, *, actor: str) -> Person | None:
    """Unsubscribes somebody from one list; None when they are not on it."""
    with open_store(publication) as store, store.writing() as connection:
        if people.status_of(connection, list_id, subscriber) is None:
            return None
        people.change_status(
            connection,
            list_id,
            subscriber,
            lambda before: after(before, Event.UNSUBSCRIBE),
            kind="unsubscribed",
            actor=actor,
        )
        return people_pages.person_by_id(connection, subscriber)


def forget_by_id(publication: Publication, subscriber: int, *, actor: str) -> bool:
    """Erases somebody, as `subscribers forget` does; False when there is nobody."""
    key = load_key(publication)
    with open_store(publication) as store, store.writing() as connection:
        person = people.subscriber_by_id(connection, subscriber)
        if person is None or not person.email:
            return False
        identity = parse_address(person.email).key
        forget(connection, person.id, identity, hashes_of(connection, key, identity)[0], actor)
    return True


def record(publication: Publication, subscriber: int) -> dict[str, Any] | None:
    """Everything that is known of somebody."""
    with open_store(publication) as store, store.reading() as connection:
        person = people.subscriber_by_id(connection, subscriber)
        if person is None or not person.email:
            return None
        return record_of(connection, parse_address(person.email).key)


def events(
    publication: Publication, subscriber: int, after: int, most: int
) -> tuple[tuple[Told, ...], int | None] | None:
    """What happened to somebody, in pages; None when there is nobody."""
    with open_store(publication) as store, store.reading() as connection:
        if people_pages.person_by_id(connection, subscriber) is None:
            return None
        found = people_pages.events_after(connection, subscriber, after, most + 1)
    return found[:most], found[most - 1].id if len(found) > most else None


def deliveries(
    publication: Publication,
    campaign: int,
    after: int,
    most: int,
    status: DeliveryStatus | None = None,
) -> tuple[tuple[Delivery, ...], int | None]:
    """The deliveries of a campaign, in pages."""
    with open_store(publication) as store, store.reading() as connection:
        found = people_pages.deliveries_after(connection, campaign, after, most + 1, status)
    shown = tuple(delivery for _, delivery in found[:most])
    return shown, found[most - 1][0] if len(found) > most else None


def list_id_of(publication: Publication, name: str) -> int:
    """The number of the list of this name; raises UsageError."""
    with open_store(publication) as store, store.reading() as connection:
        found = store_lists.find_list(connection, name)
    if found is None:
        raise UsageError(f"there is no list {name}")
    return found.id
