"""Changing what is known of one person: name, language, attributes; and mailing the confirmation once more.

An operator may correct what somebody is called. Whether they are written to is theirs to say: a person who waits may
be mailed the link again, within the limits that a sign-up has, and confirms it themselves.
"""

from __future__ import annotations

from collections.abc import Mapping

from newsletter.model.subscriber import Status, Subscriber
from newsletter.problems import NewsletterError, UsageError
from newsletter.publication import Publication
from newsletter.store import sign_ups
from newsletter.store import subscribers as people
from newsletter.store.details import change_details
from newsletter.store.engine import Connection, open_store
from newsletter.store.events import log, now
from newsletter.subscribers.addresses import parse_address
from newsletter.subscribers.importers.rows import cleaned
from newsletter.subscribers.tokens import Grant, Kind, load_key, signed_token
from newsletter.workflow.lists import one_list
from newsletter.workflow.pages import consent_words
from newsletter.workflow.signing_up import DAY, LONGEST_NAME, MOST_UNANSWERED
from newsletter.workflow.system_mails import deliver, system_mail

MOST_ATTRIBUTES = 200
LONGEST_KEY, LONGEST_VALUE = 100, 2000


def change_person(
    publication: Publication,
    subscriber_id: int,
    *,
    name: str,
    language: str,
    attributes: Mapping[str, str],
    actor: str,
) -> tuple[str, ...]:
    """Sets name, language and all attributes; one with an empty value goes. Returns what changed by name."""
    kept = {
        cleaned(key.strip()): cleaned(value.strip())
        for key, value in attributes.items()
        if key.strip() and value.strip()
    }
    _check(name, language, kept)
    with open_store(publication) as store, store.writing() as connection:
        _known(connection, subscriber_id)
        return change_details(
            connection,
            subscriber_id,
            cleaned(name.strip()),
            cleaned(language.strip()),
            kept,
            actor,
        )


def confirm_again(
    publication: Publication, subscriber_id: int, list_name: str, *, actor: str
) -> str:
    """Mails somebody who waits on a list the link to confirm; returns the address. Raises UsageError when they do
    not wait, may not be written to, or were mailed lately or too often."""
    key = load_key(publication)
    text = consent_words(publication, publication.settings.language)
    with open_store(publication) as store, store.writing() as connection:
        person = _known(connection, subscriber_id)
        to = one_list(connection, list_name)
        if people.status_of(connection, to.id, person.id) is not Status.PENDING:
            raise UsageError(f"{person.email} does not wait for a confirmation on {to.name}")
        if reason := people.suppression_of(connection, parse_address(person.email)):
            raise UsageError(f"{person.email} is suppressed: {reason}", "Nothing was sent.")
        _refuse_bombing(connection, person)
        wanted = sign_ups.SignUp(
            id=0,
            subscriber=person.id,
            asked=now(),
            lists=(to.id,),
            name="",
            language=person.language or publication.settings.language,
            text=text,
            ip="",
        )
        number = sign_ups.keep_sign_up(connection, wanted, now())
        ids = {"subscriber": person.id, "list_id": to.id}
        log(connection, "confirmation mailed again", actor, **ids)
    token = signed_token(key, Kind.CONFIRM, Grant(0, number))
    mail = system_mail(publication, "confirm", person, f"{publication.base_url}/confirm/{token}")
    try:
        refused = deliver(publication, mail)
    except NewsletterError:
        _not_sent(publication, number)
        raise
    if refused:
        _not_sent(publication, number)
        raise NewsletterError(f"the mail was refused: {refused}", "Nothing was sent.")
    return person.email


def _known(connection: Connection, subscriber_id: int) -> Subscriber:
    person = people.subscriber_by_id(connection, subscriber_id)
    if person is None or not person.email:
        raise UsageError("there is nobody of this number", "Perhaps they were forgotten.")
    return person


def _refuse_bombing(connection: Connection, person: Subscriber) -> None:
    if sign_ups.mails_since(connection, person.id, now() - DAY):
        raise UsageError(f"{person.email} was mailed within the last 24 hours", "Try tomorrow.")
    if sign_ups.mails_unanswered(connection, person.id) >= MOST_UNANSWERED:
        raise UsageError(
            f"{person.email} has not answered {MOST_UNANSWERED} mails",
            "No more is sent. They can still sign up by themselves.",
        )


def _not_sent(publication: Publication, number: int) -> None:
    """The mail did not go out: it does not count against the address."""
    with open_store(publication) as store, store.writing() as connection:
        sign_ups.not_mailed(connection, number)


def _check(name: str, language: str, attributes: Mapping[str, str]) -> None:
    if len(name) > LONGEST_NAME or len(language) > 40:
        raise UsageError("that name or language is too long")
    if len(attributes) > MOST_ATTRIBUTES:
        raise UsageError(f"more than {MOST_ATTRIBUTES} attributes are too many")
    for key, value in attributes.items():
        if len(key) > LONGEST_KEY or len(value) > LONGEST_VALUE:
            raise UsageError(f"the attribute {key[:40]} is too long")
