"""A round trip: a real message with all of a campaign's headers leaves over the real way, and is read where it arrives.

It is read by itself where the address is that of the bounce mailbox; else a person saves it from their mail program and
has it looked at by `doctor --message FILE`. Its unsubscribe links do nothing.
"""

from __future__ import annotations

import email
import secrets
import time
from collections.abc import Callable, Iterator

from newsletter.delivery.dkim import signer_of
from newsletter.delivery.failures import Stage
from newsletter.delivery.mailboxes import open_mailbox
from newsletter.delivery.message import PREVIEW, Composer, Recipient, unsubscribe_url
from newsletter.delivery.transports import transport_of
from newsletter.model.campaign import Content
from newsletter.model.subscriber import MailingList
from newsletter.problems import NewsletterError
from newsletter.publication import Publication
from newsletter.store.events import now
from newsletter.workflow.findings import Finding, advice, missing, well

PATIENCE = 90.0
"""Seconds in which a message must have arrived."""
_SUBJECT = "A test of the way"
_SLOT = "{}"


def send_and_look(
    publication: Publication,
    address: str,
    look: Callable[[bytes], Iterator[Finding]],
    patience: float = PATIENCE,
) -> Iterator[Finding]:
    """Sends one message and looks at what arrived, where this machine can read it."""
    number = secrets.token_hex(8)
    content = _content(publication)
    try:
        told = _send(publication, content, address, number)
    except NewsletterError as caught:
        yield missing("round trip", f"nothing was sent: {caught.message}", caught.hint)
        return
    if told:
        yield missing("round trip", f"it was refused: {told}", "Check [smtp] and the address.")
        return
    if not _is_read_here(publication, address):
        yield advice(
            "round trip",
            f"a message is on its way to {address}",
            "Save it there as a file (“show original”, “download”) and call: newsletter doctor --network --message FILE",
        )
        return
    try:
        arrived = _wait_for(publication, number, patience)
    except NewsletterError as caught:
        yield missing("round trip", caught.message, caught.hint)
        return
    if arrived is None:
        yield missing(
            "round trip", f"it did not arrive in {patience:.0f} seconds", "Look at the relay's log."
        )
        return
    yield well("round trip", f"a message to {address} has arrived")
    yield from look(arrived)


def _content(publication: Publication) -> Content:
    settings = publication.settings.sender
    text = f"{_SUBJECT}, from {publication.name}. Nothing has to be done with it."
    return Content(
        slug="doctor",
        subject=_SUBJECT,
        html=f'<!doctype html><html lang="en"><title>{_SUBJECT}</title><p>Nothing has to be done with this.</p></html>\n',
        text=f"{text}\n",
        language="en",
        markers=(),
        pictures=(),
        sender_name=settings.name or publication.name,
        sender_email=settings.email,
        reply_to=settings.reply_to,
        web_url=publication.base_url,
        base_url=publication.base_url,
        publication=publication.name,
    )


def _send(publication: Publication, content: Content, address: str, number: str) -> str:
    """Why it was refused; empty when it was taken."""
    host = content.sender_email.rpartition("@")[2]
    back = publication.settings.bounces.address
    recipient = Recipient(
        email=address,
        unsubscribe_url=unsubscribe_url(publication.base_url, PREVIEW),
        message_id=f"<doctor.{number}@{host}>",
        list=MailingList(0, "doctor", publication.name),
        acts=True,
        unsubscribe_mail=f"mailto:{back.replace(_SLOT, PREVIEW)}?subject=unsubscribe"
        if back
        else "",
    )
    message = Composer(content, now(), signer=signer_of(publication)).message(recipient)
    transport = transport_of(publication)
    try:
        reply = transport.send(
            back.replace(_SLOT, PREVIEW) or content.sender_email, address, message
        )
    finally:
        transport.close()
    taken = reply.stage is Stage.CONTENT and 200 <= reply.code < 300
    return "" if taken else str(reply)


def _is_read_here(publication: Publication, address: str) -> bool:
    bounces = publication.settings.bounces
    return bool(bounces.host) and address.lower() in (
        bounces.username.lower(),
        bounces.address.replace(_SLOT, PREVIEW).lower(),
        bounces.address.replace(f"+{_SLOT}", "").lower(),
    )


def _wait_for(publication: Publication, number: str, patience: float) -> bytes | None:
    wanted = f"<doctor.{number}@".encode()
    end = time.monotonic() + patience
    seen: set[str] = set()
    while time.monotonic() < end:
        mailbox = open_mailbox(publication)
        try:
            for mail in mailbox.mails(lambda source: None):
                if mail.source in seen:
                    continue
                seen.add(mail.source)
                message_id = str(email.message_from_bytes(mail.data).get("Message-ID", ""))
                if message_id.encode("utf-8", "replace").startswith(wanted):
                    mailbox.done(mail.source, ours=True)
                    return mail.data
        finally:
            mailbox.close()
        time.sleep(min(2.0, max(0.0, end - time.monotonic())))
    return None
