"""Freezing: a mail without recipient, the issue's sender and the publication's addresses become one value."""

from __future__ import annotations

from email.utils import parseaddr

from newsletter.model.campaign import Content
from newsletter.model.edition import EmailEdition
from newsletter.model.issue import Issue
from newsletter.publication import Publication


def freeze(edition: EmailEdition, publication: Publication, issue: Issue) -> Content:
    """What a campaign sends. Same arguments, same content, same digest."""
    name, email = sender(publication, issue)
    return Content(
        slug=issue.slug,
        subject=edition.subject,
        html=edition.html,
        text=edition.text,
        language=edition.language,
        markers=edition.markers,
        pictures=edition.pictures if edition.embedded else (),
        sender_name=name,
        sender_email=email,
        reply_to=issue.reply_to or publication.settings.sender.reply_to,
        web_url=publication.issue_url(issue.slug),
        base_url=publication.base_url,
        publication=publication.name,
    )


def sender(publication: Publication, issue: Issue) -> tuple[str, str]:
    """Name and address: the issue's `from` where it has one, else the publication's sender."""
    settings = publication.settings.sender
    if issue.sender:
        name, email = parseaddr(issue.sender)
        if "@" in email:
            return name or settings.name or publication.name, email
    return settings.name or publication.name, settings.email
