"""The mails that the system writes itself, in the publication's words and look: templates/mail/<theme>/."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from newsletter.delivery.dkim import signer_of
from newsletter.delivery.system_mail import SystemMail, system_message
from newsletter.delivery.transports import Smtp, Transport, transport_of
from newsletter.editions.templates import environment, render_template
from newsletter.editions.tokens import load_tokens
from newsletter.model.language import direction
from newsletter.model.subscriber import Subscriber
from newsletter.publication import Publication
from newsletter.store.events import now
from newsletter.workflow.pages import page_words
from newsletter.workflow.returning import returns_of


def system_mail(
    publication: Publication, name: str, to: Subscriber, link: str, language: str = ""
) -> SystemMail:
    """`name` is `confirm`, `settings` or `link`. It says nothing that a visitor typed but the address it goes to."""
    settings = publication.settings
    spoken = language or settings.language
    words = {
        key: word.replace("{name}", settings.name)
        for key, word in page_words(publication, spoken).items()
    }
    templates = environment(publication, "mail")
    values: Mapping[str, object] = {
        "publication": settings,
        "language": spoken,
        "direction": direction(spoken),
        "words": words,
        "tokens": load_tokens(publication)[0],
        "link": link,
    }
    text, html = (
        render_template(publication, templates, f"{name}.{kind}.j2", **values)
        for kind in ("txt", "html")
    )
    subject = words[f"mail_{name}_subject"]
    sender = settings.sender
    return_to, envelope_id = returns_of(publication, to)
    return SystemMail(
        sender.name or settings.name,
        sender.email,
        to.email,
        subject,
        text,
        html,
        spoken,
        return_to,
        envelope_id,
    )


def deliver(publication: Publication, mail: SystemMail, transport: Transport | None = None) -> str:
    """Sends one mail; empty when it was taken, else what the server said."""
    date = now()
    number = hashlib.sha256(f"{mail.to}\0{date.isoformat()}".encode()).hexdigest()[:24]
    way_out = transport or transport_of(publication)
    try:
        message = system_message(mail, date, number)
        if signer := signer_of(publication):
            message = signer.headers(message) + message
        sender = mail.return_to or mail.sender_email
        if isinstance(way_out, Smtp):
            reply = way_out.send(sender, mail.to, message, envelope_id=mail.envelope_id)
        else:
            reply = way_out.send(sender, mail.to, message)
    finally:
        way_out.close()
    return "" if 200 <= reply.code < 300 else f"{reply.code} {reply.text}".strip()
