"""Signing up on the web, confirmed by mail: what visitors may cause, and how little they learn.

The answer to a plausible address is the same whether it is new, known or suppressed. A sign-up changes
nothing of a person who is known; their own confirmation does. Limits: one mail a day and three unanswered
ones to an address, and so many tries an hour from one network and for one domain.
"""

from __future__ import annotations

import datetime
import ipaddress
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from newsletter.delivery.system_mail import SystemMail
from newsletter.model.subscriber import Address, Consent, MailingList, Status, Subscriber
from newsletter.publication import Publication
from newsletter.store import lists as store_lists
from newsletter.store import sign_ups
from newsletter.store import subscribers as people
from newsletter.store.engine import Connection, open_store
from newsletter.store.events import log, now
from newsletter.store.forgotten import anybody_forgotten, is_forgotten, remember
from newsletter.subscribers.addresses import BadAddress, parse_address
from newsletter.subscribers.consent import Event, after
from newsletter.subscribers.importers.rows import cleaned
from newsletter.subscribers.tokens import (
    Grant,
    Key,
    Kind,
    keyed_hash,
    load_key,
    read_token,
    signed_token,
)
from newsletter.workflow.identities import hashes_of
from newsletter.workflow.lists import readers_title
from newsletter.workflow.pages import consent_words
from newsletter.workflow.system_mails import deliver, system_mail
from newsletter.workflow.unsubscribing import masked

READER = "reader:sign-up"
FASTEST = datetime.timedelta(seconds=2)
"""Nobody reads and fills in a form in less."""
FORM_LASTS = datetime.timedelta(hours=24)
CONFIRM_LASTS = datetime.timedelta(days=7)
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(hours=24)
MOST_UNANSWERED = 3
MOST_A_NETWORK, MOST_A_DOMAIN = 20, 200
"""Tries in an hour."""
MOST_A_MAILBOX = 3
"""Mails in a day."""
LONGEST_NAME = 200
_log = logging.getLogger("newsletter.sign_up")


@dataclass(frozen=True, slots=True)
class Form:
    """What a visitor sent. `shown` is the form's token of the time it was shown; `trap` is filled by robots."""

    email: str = ""
    name: str = ""
    lists: tuple[str, ...] = ()
    shown: str = ""
    trap: str = ""


class Answer(StrEnum):
    ASKED = "asked"
    AGAIN = "again"
    BAD_ADDRESS = "bad"
    NO_LIST = "choose"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Posted:
    """How a form was answered, and the mail that is now to be sent (by `send`), if one is."""

    answer: Answer
    mail: SystemMail | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the page behind a confirmation link shows. `preferences` is the token of the reader's settings."""

    address: str
    lists: tuple[str, ...]
    confirmed: bool
    preferences: str = ""


def shown_lists(publication: Publication) -> tuple[tuple[str, str], ...]:
    """The lists that anybody may sign up to, by name and title: the public ones, else the default list."""
    with open_store(publication) as store, store.reading() as connection:
        offered = _offered(publication, connection)
        return tuple((one.name, readers_title(publication, one)) for one in offered)


def form_token(publication: Publication, at: datetime.datetime | None = None) -> str:
    """The signed time at which a form is shown."""
    second = int((at or now()).timestamp())
    return signed_token(load_key(publication), Kind.FORM, Grant(0, second))


def sign_up(publication: Publication, form: Form, ip: str = "") -> Posted:
    """Takes a form. Writes down what is asked for, and returns the mail to be sent, if one may be."""
    if form.trap:
        return Posted(Answer.ASKED)
    try:
        parse_address(form.email)
    except BadAddress:
        return Posted(Answer.BAD_ADDRESS)
    if not _read_in_time(load_key(publication), form.shown):
        return Posted(Answer.AGAIN)
    return ask(publication, form, ip, at_once=True)


def ask(publication: Publication, form: Form, ip: str = "", *, at_once: bool = False) -> Posted:
    """The same without what only a browser has (the field for robots, the time): for programs with a key."""
    try:
        address = parse_address(form.email)
    except BadAddress:
        return Posted(Answer.BAD_ADDRESS)
    key = load_key(publication)
    with open_store(publication) as store, store.writing() as connection:
        lists = _wanted(publication, connection, form.lists)
        if not lists:
            return Posted(Answer.NO_LIST)
        if too_many(connection, key, address, ip):
            return Posted(Answer.BUSY)
        return asked(publication, connection, key, address, lists, form.name, ip, at_once=at_once)


def send(publication: Publication, posted: Posted) -> None:
    """Sends the mail of a sign-up. One that is refused is logged, and does not count against the address."""
    if posted.mail is None:
        return
    try:
        refused = deliver(publication, posted.mail)
    except Exception:
        _log.exception("a confirmation mail could not be sent")
        refused = "it failed"
    if refused:
        _log.error("a confirmation mail was refused: %s", refused)
        with open_store(publication) as store, store.writing() as connection:
            sign_ups.not_mailed(connection, posted.number)


def confirmation(publication: Publication, token: str) -> Confirmation | None:
    """What the page behind a confirmation link shows; None when it is none of ours or has expired."""
    key = load_key(publication)
    with open_store(publication) as store, store.reading() as connection:
        found = _valid(connection, key, token)
        return _confirmation(publication, connection, key, *found) if found else None


def confirm(publication: Publication, token: str, ip: str = "") -> Confirmation | None:
    """The person's own word: they are confirmed on every list they asked for. Acting twice is acting once."""
    key = load_key(publication)
    with open_store(publication) as store, store.writing() as connection:
        found = _valid(connection, key, token)
        if found is None:
            return None
        wanted, person = found
        if wanted.confirmed is None:
            _confirm(publication, connection, key, wanted, person, ip)
            wanted = replace(wanted, confirmed=now())
        return _confirmation(publication, connection, key, wanted, person)


def kept_ip(publication: Publication, ip: str) -> str:
    return ip if publication.settings.signup.keep_ip else ""


def _confirm(
    publication: Publication,
    connection: Connection,
    key: Key,
    wanted: sign_ups.SignUp,
    person: Subscriber,
    ip: str,
) -> None:
    address = parse_address(person.email)
    sign_ups.lift_bounce(connection, address)
    remember(connection, hashes_of(connection, key, address.key))
    consent = Consent(now(), "sign-up form", wanted.text, kept_ip(publication, ip))
    for list_id in wanted.lists:
        people.change_status(
            connection,
            list_id,
            person.id,
            lambda before: after(before, Event.CONFIRM),
            kind="confirmed",
            actor=READER,
            consent=consent,
        )
    name, language = wanted.name or person.name, wanted.language or person.language
    if sign_ups.change_person(connection, person.id, name, language):
        log(connection, "changed", READER, subscriber=person.id)
    sign_ups.confirm_sign_up(connection, wanted.id, now())


def _offered(publication: Publication, connection: Connection) -> tuple[MailingList, ...]:
    if not publication.settings.signup.open:
        return ()
    found = tuple(one.list for one in store_lists.all_lists(connection))
    public = tuple(one for one in found if one.public)
    if public or not (name := publication.settings.default_list):
        return public
    default = tuple(one for one in found if one.name == name)
    return default or (MailingList(0, name),)


def _wanted(
    publication: Publication, connection: Connection, chosen: Sequence[str]
) -> tuple[MailingList, ...]:
    """The chosen lists of those on offer; the only one there is needs no choosing."""
    offered = _offered(publication, connection)
    lists = offered if len(offered) == 1 else tuple(one for one in offered if one.name in chosen)
    return tuple(
        one if one.id else store_lists.make_list(connection, one.name, READER) for one in lists
    )


def _read_in_time(key: Key, shown: str) -> bool:
    grant = read_token(key, Kind.FORM, shown)
    if grant is None:
        return False
    age = now() - datetime.datetime.fromtimestamp(grant.subscriber, datetime.UTC)
    return FASTEST <= age <= FORM_LASTS


def too_many(connection: Connection, key: Key, address: Address, ip: str) -> bool:
    """Whether the limits of a network or a domain are reached; counts this try."""
    at = now()
    limits = {keyed_hash(key.secret, "domain", address.domain): MOST_A_DOMAIN}
    if ip:
        limits[keyed_hash(key.secret, "network", _network(ip))] = MOST_A_NETWORK
    full = any(
        sign_ups.attempts_since(connection, bucket, at - HOUR) >= most
        for bucket, most in limits.items()
    )
    sign_ups.keep_attempts(connection, list(limits), at, at - DAY)
    return full


def _network(ip: str) -> str:
    try:
        parsed = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    bits = 24 if parsed.version == 4 else 56
    return str(ipaddress.ip_network(f"{parsed}/{bits}", strict=False))


def asked(
    publication: Publication,
    connection: Connection,
    key: Key,
    address: Address,
    lists: Sequence[MailingList],
    called: str,
    ip: str,
    *,
    actor: str = READER,
    at_once: bool = True,
) -> Posted:
    """Writes down that somebody is to confirm; with the mail that asks them to, if one may be sent. `at_once`:
    they have seen our own form, so that a list with single opt-in takes their word."""
    hashes = hashes_of(connection, key, address.key)
    forgotten = anybody_forgotten(connection) and is_forgotten(connection, hashes)
    if sign_ups.final_suppression(connection, address) or (
        forgotten and is_forgotten(connection, hashes, finally_=True)
    ):
        return Posted(Answer.ASKED)
    language = publication.settings.language
    text = consent_words(publication, language)
    consent = Consent(now(), "sign-up form", text, kept_ip(publication, ip))
    person = people.find_subscriber(connection, address.key)
    person = person or people.make_subscriber(connection, address, "")
    statuses = [
        _signed_up(
            connection,
            one,
            person,
            consent if at_once and not (forgotten or one.double_opt_in) else None,
            actor,
        )
        for one in lists
    ]
    allowed = (
        sign_ups.mails_since(connection, person.id, now() - DAY) == 0
        and sign_ups.mails_unanswered(connection, person.id) < MOST_UNANSWERED
        and _may_be_mailed(connection, key, address)
    )
    wanted = sign_ups.SignUp(
        id=0,
        subscriber=person.id,
        asked=now(),
        lists=tuple(one.id for one in lists),
        name=cleaned(called.strip())[:LONGEST_NAME].strip(),
        language=language,
        text=text,
        ip=kept_ip(publication, ip),
    )
    number = sign_ups.keep_sign_up(connection, wanted, now() if allowed else None)
    if not allowed:
        return Posted(Answer.ASKED)
    known = all(status is Status.CONFIRMED for status in statuses)
    name = "settings" if known and not people.suppression_of(connection, address) else "confirm"
    link = _link(publication, key, name, number, person.id)
    mail = system_mail(publication, name, person, link)
    return Posted(Answer.ASKED, mail, number)


def _may_be_mailed(connection: Connection, key: Key, address: Address) -> bool:
    """Whether a mailbox had few mails today, by whatever tag it was written (`ann+1@`, `a.nn@`): counts this one. Which
    addresses are one person's is another matter; here it only costs a mail."""
    local, _, domain = address.key.rpartition("@")
    mailbox = f"{local.partition('+')[0].replace('.', '')}@{domain}"
    bucket, at = keyed_hash(key.secret, "mailbox", mailbox), now()
    if sign_ups.attempts_since(connection, bucket, at - DAY) >= MOST_A_MAILBOX:
        return False
    sign_ups.keep_attempts(connection, [bucket], at, at - DAY)
    return True


def _link(publication: Publication, key: Key, name: str, number: int, person: int) -> str:
    if name == "settings":
        token = signed_token(key, Kind.PREFERENCES, Grant(0, person))
        return f"{publication.base_url}/preferences/{token}"
    return f"{publication.base_url}/confirm/{signed_token(key, Kind.CONFIRM, Grant(0, number))}"


def _signed_up(
    connection: Connection,
    to: MailingList,
    person: Subscriber,
    consent: Consent | None,
    actor: str,
) -> Status:
    """With a `consent`, which a list with single opt-in takes, signing up may be all that is asked for."""
    event = Event.SIGN_UP if consent is None else Event.SIGN_UP_AT_ONCE
    before, status = people.change_status(
        connection,
        to.id,
        person.id,
        lambda before: after(before, event),
        kind="signed up",
        actor=actor,
        consent=consent,
    )
    if before is status:
        log(connection, "signed up again", actor, subscriber=person.id, list_id=to.id)
    return status


def _valid(
    connection: Connection, key: Key, token: str
) -> tuple[sign_ups.SignUp, Subscriber] | None:
    """The sign-up and person of a link that still works."""
    grant = read_token(key, Kind.CONFIRM, token)
    wanted = sign_ups.find_sign_up(connection, grant.subscriber) if grant else None
    if wanted is None or now() - wanted.asked > CONFIRM_LASTS:
        return None
    person = people.subscriber_by_id(connection, wanted.subscriber)
    if person is None or not person.email:
        return None
    if sign_ups.final_suppression(connection, parse_address(person.email)):
        return None
    return wanted, person


def _confirmation(
    publication: Publication,
    connection: Connection,
    key: Key,
    wanted: sign_ups.SignUp,
    person: Subscriber,
) -> Confirmation:
    found = (store_lists.list_by_id(connection, number) for number in wanted.lists)
    names = tuple(readers_title(publication, one) for one in found if one is not None)
    confirmed = wanted.confirmed is not None
    token = signed_token(key, Kind.PREFERENCES, Grant(0, person.id)) if confirmed else ""
    return Confirmation(masked(person.email), names, confirmed, token)
