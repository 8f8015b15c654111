"""What an operator does with subscribers one by one, and sees of all: add, remove, show, forget, list, export.

Removing is unsubscribing: the row is kept, so that no import brings the person back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from newsletter.model.subscriber import Address, Consent, Status, Subscription
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.store import lists as store_lists
from newsletter.store import subscribers as people
from newsletter.store.engine import open_store
from newsletter.store.events import log, now
from newsletter.store.finding import rub_out
from newsletter.store.forgotten import anybody_forgotten, forget, is_forgotten, keep_hash
from newsletter.store.records import record_of
from newsletter.subscribers.addresses import BadAddress, parse_address
from newsletter.subscribers.consent import Event, after
from newsletter.subscribers.exports import csv_lines
from newsletter.subscribers.importers.cells import cleaned
from newsletter.subscribers.tokens import load_key
from newsletter.workflow.identities import hashes_of
from newsletter.workflow.lists import check_name, one_list
from newsletter.workflow.unsubscribing import unsubscribe as unsubscribe
from newsletter.workflow.unsubscribing import unsubscribe_page as unsubscribe_page

OPERATOR = "cli"


def add(
    publication: Publication,
    address: str,
    list_name: str,
    *,
    name: str = "",
    consent_text: str = "",
    actor: str = OPERATOR,
    source: str = OPERATOR,
) -> Status:
    """Puts somebody on a list on the operator's word; returns the status, which an operator never raises."""
    parsed = _parsed(address)
    check_name(list_name)
    name, said = cleaned(name), cleaned(consent_text)
    consent = Consent(now(), source, said or "added on the operator's word")
    with open_store(publication) as store, store.writing() as connection:
        if reason := people.suppression_of(connection, parsed):
            raise UsageError(f"{address} is suppressed: {reason}", "Nothing was changed.")
        if anybody_forgotten(connection) and is_forgotten(
            connection, hashes_of(connection, load_key(publication), parsed.key)
        ):
            raise UsageError(
                f"{address} asked to be forgotten", "They can come back by signing up themselves."
            )
        to = store_lists.find_list(connection, list_name)
        to = to or store_lists.make_list(connection, list_name, actor)
        person = people.find_subscriber(connection, parsed.key)
        if person is None:
            person = people.make_subscriber(connection, parsed, name)
        elif name and name != person.name:
            people.rename(connection, person.id, name)
            log(connection, "changed", OPERATOR, subscriber=person.id)
        _, status = people.change_status(
            connection,
            to.id,
            person.id,
            lambda before: after(before, Event.ADD),
            kind="added",
            actor=actor,
            consent=consent,
        )
    return status


def remove(
    publication: Publication, address: str, list_name: str = "", *, actor: str = OPERATOR
) -> tuple[str, ...]:
    """Unsubscribes somebody from one list, or from all; returns the names of the lists they were on."""
    parsed = _parsed(address)
    with open_store(publication) as store, store.writing() as connection:
        person = people.find_subscriber(connection, parsed.key)
        if person is None:
            raise UsageError(f"nobody here has the address {address}")
        wanted = one_list(connection, list_name).id if list_name else None
        left: list[str] = []
        for list_id in people.list_ids_of(connection, person.id):
            if wanted is not None and list_id != wanted:
                continue
            before, status = people.change_status(
                connection,
                list_id,
                person.id,
                lambda before: after(before, Event.UNSUBSCRIBE),
                kind="unsubscribed",
                actor=actor,
            )
            found = store_lists.list_by_id(connection, list_id)
            if before is not status and found is not None:
                left.append(found.name)
    return tuple(left)


def record(publication: Publication, address: str) -> dict[str, Any]:
    """Everything that is known of one person, ready for JSON."""
    parsed = _parsed(address)
    with open_store(publication) as store, store.reading() as connection:
        found = record_of(connection, parsed.key)
    if found is None:
        raise UsageError(f"nobody here has the address {address}")
    return found


def forget_person(publication: Publication, address: str, *, actor: str = OPERATOR) -> bool:
    """Erases somebody and keeps a keyed hash of the address, so that no import brings them back. An address
    that is not known is remembered as well; False tells that nobody had it."""
    parsed = _parsed(address)
    key = load_key(publication)
    with open_store(publication) as store, store.writing() as connection:
        hash = hashes_of(connection, key, parsed.key)[0]
        person = people.find_subscriber(connection, parsed.key)
        if person is None:
            keep_hash(connection, parsed.key, hash)
            rub_out(connection)  # it may have been suppressed
            log(connection, "forgotten", OPERATOR)
        else:
            forget(connection, person.id, parsed.key, hash, actor)
    return person is not None


def subscriptions(publication: Publication, list_name: str = "") -> Iterator[Subscription]:
    """Everybody on a list, or on every list, by address."""
    with open_store(publication) as store, store.reading() as connection:
        wanted = one_list(connection, list_name).id if list_name else None
        yield from people.all_subscriptions(connection, wanted)


def export(publication: Publication, list_name: str = "") -> Iterator[str]:
    """Everybody on a list, or on every list, as lines of CSV."""
    with open_store(publication) as store, store.reading() as connection:
        wanted = one_list(connection, list_name).id if list_name else None
        names = people.attribute_names(connection, wanted)
        yield from csv_lines(people.all_subscriptions(connection, wanted), names)


def _parsed(address: str) -> Address:
    try:
        return parse_address(address)
    except BadAddress as caught:
        raise UsageError(f"not an address: {address} ({caught})") from None
