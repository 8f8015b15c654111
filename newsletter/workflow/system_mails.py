"""The mails that the system writes itself, in the publication's words and look: templates/mail/<theme>/."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from newsletter.delivery.system_mail import SystemMail, system_message
from newsletter.delivery.transports import Transport, transport_of
from newsletter.editions.templates import environment, render_template
from newsletter.editions.tokens import load_tokens
from newsletter.model.language import direction
from newsletter.publication import Publication
from newsletter.store.events import now
from newsletter.workflow.pages import page_words


def system_mail(
    publication: Publication, name: str, to: str, link: str, language: str = ""
) -> SystemMail:
    """`name` is `confirm` or `settings`. It says nothing that a visitor typed but the address it goes to."""
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
    return SystemMail(sender.name or settings.name, sender.email, to, subject, text, html, spoken)


def deliver(publication: Publication, mail: SystemMail, transport: Transport | None = None) -> str:
    """Sends one mail; empty when it was taken, else what the server said."""
    date = now()
    number = hashlib.sha256(f"{mail.to}\0{date.isoformat()}".encode()).hexdigest()[:24]
    way_out = transport or transport_of(publication)
    try:
        reply = way_out.send(mail.sender_email, mail.to, system_message(mail, date, number))
    finally:
        way_out.close()
    return "" if 200 <= reply.code < 300 else f"{reply.code} {reply.text}".strip()
