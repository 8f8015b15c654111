"""A program adds somebody, or puts them on a list: the consent rules of the web's form hold here as well.

With a text that the person agreed to, they are confirmed as by an import: no status is ever raised, and whoever is
suppressed or asked to be forgotten stays away. Without one they are pending, and the mail that asks them to
confirm goes out under the limits of sign-ups.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from newsletter.model.subscriber import Address, Consent, MailingList, Status, Subscriber
from newsletter.problems import NewsletterError
from newsletter.publication import Publication
from newsletter.store import lists as store_lists
from newsletter.store import sign_ups
from newsletter.store import subscribers as people
from newsletter.store.details import merge_attributes
from newsletter.store.engine import Connection, open_store
from newsletter.store.events import log
from newsletter.store.forgotten import anybody_forgotten, is_forgotten
from newsletter.subscribers.addresses import BadAddress, parse_address
from newsletter.subscribers.consent import Event, after
from newsletter.subscribers.importers.cells import cleaned, cleaned_attributes
from newsletter.subscribers.tokens import Key, load_key
from newsletter.workflow import signing_up
from newsletter.workflow.identities import hashes_of
from newsletter.workflow.signing_up import LONGEST_NAME, Answer, Posted


class Why(StrEnum):
    """Why somebody was not added."""

    BAD_ADDRESS = "invalid"
    UNKNOWN_LIST = "unknown-list"
    SUPPRESSED = "suppressed"
    FORGOTTEN = "forgotten"
    TOO_MANY = "too-many-requests"


class NotAdded(NewsletterError):
    """Nothing was changed. `why` says why, for programs."""

    def __init__(self, why: Why, message: str) -> None:
        super().__init__(message)
        self.why = why


@dataclass(frozen=True, slots=True)
class Addition:
    """Whom to add. `consent` is what they agreed to, elsewhere; `ip` is theirs, for the limits of sign-ups."""

    email: str
    name: str = ""
    language: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    lists: tuple[str, ...] = ()
    consent: Consent | None = None
    ip: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """`made` when the person was new. `posted` holds the mail that is to be sent now, if one is."""

    subscriber: int
    made: bool
    posted: Posted


def add(publication: Publication, addition: Addition, *, actor: str) -> Added:
    """Adds somebody to lists. Raises NotAdded, having changed nothing."""
    address = _parsed(addition.email)
    key = load_key(publication)
    with open_store(publication) as store, store.writing() as connection:
        lists = [_list(connection, name) for name in dict.fromkeys(addition.lists)]
        person = people.find_subscriber(connection, address.key)
        _refuse_barred(connection, key, address, by_word=addition.consent is not None)
        made = person is None
        if person is None:
            person = people.make_subscriber(connection, address, "")
            log(connection, "added", actor, subscriber=person.id)
        if made or addition.consent is not None:
            _describe(connection, person, addition)
        if addition.consent is not None:
            _confirm(connection, person, lists, addition.consent, actor)
            return Added(person.id, made, Posted(Answer.ASKED))
        posted = _ask(publication, connection, key, address, lists, addition, actor)
        return Added(person.id, made, posted)


def put_on_list(
    publication: Publication,
    subscriber: int,
    list_id: int,
    consent: Consent | None,
    *,
    ip: str = "",
    actor: str,
) -> Added | None:
    """The same for somebody who is known; None when they or the list are not."""
    with open_store(publication) as store, store.reading() as connection:
        person = people.subscriber_by_id(connection, subscriber)
        to = store_lists.list_by_id(connection, list_id)
    if person is None or not person.email or to is None:
        return None
    addition = Addition(person.email, lists=(to.name,), consent=consent, ip=ip)
    return add(publication, addition, actor=actor)


def _parsed(text: str) -> Address:
    try:
        return parse_address(text)
    except BadAddress as caught:
        raise NotAdded(Why.BAD_ADDRESS, f"not an address: {caught}") from None


def _list(connection: Connection, name: str) -> MailingList:
    found = store_lists.find_list(connection, name)
    if found is None:
        raise NotAdded(Why.UNKNOWN_LIST, f"there is no list {name}")
    return found


def _refuse_barred(connection: Connection, key: Key, address: Address, *, by_word: bool) -> None:
    """Nobody but the person lifts a bounce or a wish to be forgotten, and nobody here the rest."""
    hashes = hashes_of(connection, key, address.key)
    suppressed = (
        people.suppression_of(connection, address) != ""
        if by_word
        else sign_ups.final_suppression(connection, address)
    )
    if suppressed:
        raise NotAdded(Why.SUPPRESSED, "this address is suppressed")
    if anybody_forgotten(connection) and is_forgotten(connection, hashes, finally_=not by_word):
        raise NotAdded(Why.FORGOTTEN, "this person asked to be forgotten")


def _describe(connection: Connection, person: Subscriber, addition: Addition) -> None:
    name = cleaned(addition.name.strip())[:LONGEST_NAME].strip() or person.name
    language = addition.language or person.language
    sign_ups.change_person(connection, person.id, name, language)
    merge_attributes(connection, person.id, cleaned_attributes(addition.attributes))


def _confirm(
    connection: Connection,
    person: Subscriber,
    lists: Sequence[MailingList],
    consent: Consent,
    actor: str,
) -> None:
    consent = replace(consent, source=cleaned(consent.source), text=cleaned(consent.text))
    for one in lists:
        people.change_status(
            connection,
            one.id,
            person.id,
            lambda before: after(before, Event.IMPORT_CONFIRMED),
            kind="added",
            actor=actor,
            consent=consent,
        )


def _ask(
    publication: Publication,
    connection: Connection,
    key: Key,
    address: Address,
    lists: Sequence[MailingList],
    addition: Addition,
    actor: str,
) -> Posted:
    person = people.find_subscriber(connection, address.key)
    statuses = [people.status_of(connection, one.id, person.id) for one in lists] if person else []
    if all(status is Status.CONFIRMED for status in statuses):
        return Posted(Answer.ASKED)
    if signing_up.too_many(connection, key, address, addition.ip):
        raise NotAdded(Why.TOO_MANY, "too many sign-ups from this network or for this domain")
    return signing_up.asked(
        publication,
        connection,
        key,
        address,
        lists,
        addition.name,
        addition.ip,
        actor=actor,
        at_once=False,
    )
