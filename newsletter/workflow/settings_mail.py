"""The way from any mail to a reader's settings: their link, sent to their own address.

The link in a mail leaves a list and nothing more, so that whoever a mail was passed on to sees no settings. One
such mail a day at most; the page says the same whether one was sent.
"""

from __future__ import annotations

import logging

from newsletter.delivery.system_mail import SystemMail
from newsletter.publication import Publication
from newsletter.store import sign_ups
from newsletter.store import subscribers as people
from newsletter.store.engine import open_store
from newsletter.store.events import now
from newsletter.subscribers.addresses import parse_address
from newsletter.subscribers.tokens import (
    Grant,
    Kind,
    keyed_hash,
    load_key,
    read_unsubscribe_token,
    signed_token,
)
from newsletter.workflow.pages import page_language
from newsletter.workflow.signing_up import DAY
from newsletter.workflow.system_mails import deliver, system_mail

_log = logging.getLogger("newsletter.settings_mail")


def settings_mail(publication: Publication, token: str) -> tuple[bool, SystemMail | None]:
    """Whether an unsubscribe token is one of ours, and the mail that is to be sent now (by `send`), if one may be."""
    key = load_key(publication)
    grant = read_unsubscribe_token(key, token)
    if grant is None:
        return False, None
    with open_store(publication) as store, store.writing() as connection:
        person = people.subscriber_by_id(connection, grant.subscriber)
        if person is None or not person.email:
            return False, None
        if people.suppression_of(connection, parse_address(person.email)):
            return True, None
        bucket = keyed_hash(key.secret, "settings mail", str(person.id))
        if sign_ups.attempts_since(connection, bucket, now() - DAY):
            return True, None
        sign_ups.keep_attempts(connection, [bucket], now(), now() - DAY)
    own = signed_token(key, Kind.PREFERENCES, Grant(0, person.id))
    link = f"{publication.base_url}/preferences/{own}"
    spoken = page_language(publication, person.language)
    return True, system_mail(publication, "link", person, link, spoken)


def send(publication: Publication, mail: SystemMail) -> None:
    """Sends it. One that is refused is logged."""
    try:
        refused = deliver(publication, mail)
    except Exception:
        _log.exception("the mail with a link to settings could not be sent")
        return
    if refused:
        _log.error("the mail with a link to settings was refused: %s", refused)
