"""A reader's own settings, behind the signed link: lists, name, language; a pause; leaving everything; their data, and
having it erased.

The address is masked wherever it is shown, since a link may be passed on with a mail.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from newsletter.model.subscriber import Consent, MailingList, Status, Subscriber
from newsletter.publication import Publication
from newsletter.store import lists as store_lists
from newsletter.store import pauses, sign_ups
from newsletter.store import subscribers as people
from newsletter.store.engine import Connection, open_store
from newsletter.store.events import log, now
from newsletter.store.forgotten import forget
from newsletter.store.records import record_of
from newsletter.subscribers.addresses import parse_address
from newsletter.subscribers.consent import Event, after
from newsletter.subscribers.importers.rows import cleaned
from newsletter.subscribers.tokens import Kind, load_key, read_token
from newsletter.workflow.identities import hashes_of
from newsletter.workflow.lists import readers_title
from newsletter.workflow.pages import consent_words
from newsletter.workflow.signing_up import LONGEST_NAME, kept_ip
from newsletter.workflow.unsubscribing import masked

READER = "reader:preferences"
PAUSE = datetime.timedelta(days=30)
LANGUAGES = {
    "en": "English",
    "zh-Hans": "简体中文",
    "zh-Hant": "繁體中文",
    "ja": "日本語",
    "ko": "한국어",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "pt": "Português",
    "it": "Italiano",
    "ru": "Русский",
    "ar": "العربية",
}


@dataclass(frozen=True, slots=True)
class Choice:
    name: str
    shown: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the page shows. `address` is masked."""

    address: str
    name: str
    language: str
    lists: tuple[Choice, ...]
    paused_until: datetime.datetime | None = None


def preferences(publication: Publication, token: str) -> Preferences | None:
    """What a reader has chosen; None for a token that is none of ours. Changes nothing."""
    grant = read_token(load_key(publication), Kind.PREFERENCES, token)
    if grant is None:
        return None
    with open_store(publication) as store, store.reading() as connection:
        person = people.subscriber_by_id(connection, grant.subscriber)
        return (
            _view(publication, connection, person) if person is not None and person.email else None
        )


def change_preferences(
    publication: Publication,
    token: str,
    *,
    name: str,
    language: str,
    lists: Sequence[str],
    ip: str = "",
) -> Preferences | None:
    """What a reader chooses: lists ticked are confirmed by their own word, those not ticked are left."""
    grant = read_token(load_key(publication), Kind.PREFERENCES, token)
    if grant is None:
        return None
    with open_store(publication) as store, store.writing() as connection:
        person = people.subscriber_by_id(connection, grant.subscriber)
        if person is None or not person.email:
            return None
        said = consent_words(publication, publication.settings.language)
        consent = Consent(now(), "preferences page", said, kept_ip(publication, ip))
        _choose(connection, person, lists, consent)
        spoken = language if language in LANGUAGES or language == person.language else ""
        called = cleaned(name.strip())[:LONGEST_NAME].strip()
        if sign_ups.change_person(connection, person.id, called, spoken):
            log(connection, "changed", READER, subscriber=person.id)
        person = people.subscriber_by_id(connection, person.id)
        assert person is not None
        return _view(publication, connection, person)


def pause(publication: Publication, token: str) -> Preferences | None:
    """No mail for `PAUSE`; subscriptions stay. Pausing again begins anew."""
    return _changed(publication, token, now() + PAUSE)


def resume(publication: Publication, token: str) -> Preferences | None:
    """Mail from now on, though the pause is not over."""
    return _changed(publication, token, None)


def data_of(publication: Publication, token: str) -> dict[str, Any] | None:
    """Everything that is known of a reader, ready for JSON, with the address masked. Changes nothing."""
    person = _reader(publication, token)
    if person is None:
        return None
    with open_store(publication) as store, store.reading() as connection:
        found = record_of(connection, parse_address(person.email).key)
    return _masked(found, person.email) if found is not None else None


def erase(publication: Publication, token: str) -> bool:
    """Erases a reader by their own word, as `subscribers forget` does; False for a token that is none of ours."""
    person = _reader(publication, token)
    if person is None:
        return False
    key = load_key(publication)
    identity = parse_address(person.email).key
    with open_store(publication) as store, store.writing() as connection:
        forget(connection, person.id, identity, hashes_of(connection, key, identity)[0], READER)
    return True


def _reader(publication: Publication, token: str) -> Subscriber | None:
    grant = read_token(load_key(publication), Kind.PREFERENCES, token)
    if grant is None:
        return None
    with open_store(publication) as store, store.reading() as connection:
        person = people.subscriber_by_id(connection, grant.subscriber)
    return person if person is not None and person.email else None


def _changed(
    publication: Publication, token: str, until: datetime.datetime | None
) -> Preferences | None:
    person = _reader(publication, token)
    if person is None:
        return None
    with open_store(publication) as store, store.writing() as connection:
        if until is None:
            pauses.resume(connection, person.id)
        else:
            pauses.pause(connection, person.id, until)
        log(connection, "paused" if until else "resumed", READER, subscriber=person.id)
        return _view(publication, connection, person)


def _masked(value: Any, address: str) -> Any:
    """The same with the address masked wherever it stands."""
    match value:
        case str():
            return value.replace(address, masked(address)).replace(address.lower(), masked(address))
        case dict():
            return {key: _masked(one, address) for key, one in value.items()}
        case list():
            return [_masked(one, address) for one in value]
        case _:
            return value


def leave_all(publication: Publication, token: str) -> Preferences | None:
    """Unsubscribes from everything; name and language stay."""
    found = preferences(publication, token)
    if found is None:
        return None
    return change_preferences(
        publication, token, name=found.name, language=found.language, lists=()
    )


def _choose(
    connection: Connection, person: Subscriber, chosen: Sequence[str], consent: Consent
) -> None:
    """Lets each list follow its tick. Suppressed addresses can leave, and join nothing."""
    barred = sign_ups.final_suppression(connection, parse_address(person.email))
    for one, status in _lists(connection, person):
        wanted = one.name in chosen
        if wanted == (status is Status.CONFIRMED) or (wanted and barred):
            continue
        if not wanted and status is None:
            continue
        event = Event.CONFIRM if wanted else Event.UNSUBSCRIBE
        if wanted:
            sign_ups.lift_bounce(connection, parse_address(person.email))
        people.change_status(
            connection,
            one.id,
            person.id,
            lambda before, event=event: after(before, event),  # type: ignore[misc]
            kind="confirmed" if wanted else "unsubscribed",
            actor=READER,
            consent=consent,
        )


def _lists(
    connection: Connection, person: Subscriber
) -> tuple[tuple[MailingList, Status | None], ...]:
    """The public lists and the person's own, with their status on each."""
    found = (
        (one.list, people.status_of(connection, one.list.id, person.id))
        for one in store_lists.all_lists(connection)
    )
    return tuple((one, status) for one, status in found if one.public or status is not None)


def _view(publication: Publication, connection: Connection, person: Subscriber) -> Preferences:
    choices = (
        Choice(one.name, readers_title(publication, one), status is Status.CONFIRMED)
        for one, status in _lists(connection, person)
    )
    return Preferences(
        masked(person.email),
        person.name,
        person.language,
        tuple(choices),
        pauses.paused_until(connection, person.id),
    )
