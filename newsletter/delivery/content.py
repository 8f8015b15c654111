"""Freezing: a mail without recipient, the issue's sender and the publication's addresses become one value."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parseaddr

from newsletter.model.campaign import Content
from newsletter.model.clicks import FIELD as CLICK_TOKEN
from newsletter.model.clicks import Clicks, tracked
from newsletter.model.edition import EmailEdition, Marker
from newsletter.model.issue import Issue
from newsletter.publication import Publication

MOST_MARKERS = 10_000


def freeze(edition: EmailEdition, publication: Publication, issue: Issue) -> Content:
    """What a campaign sends. Same arguments, same content, same digest. Where links are counted, they lead over
    the publication's site here and nowhere else: the text part, the web and print keep the plain addresses."""
    name, email = sender(publication, issue)
    rules = publication.click_rules
    marker = _click_marker(edition.markers)
    html, links = tracked(edition.html, rules, marker.token)
    return Content(
        slug=issue.slug,
        subject=edition.subject,
        html=html,
        text=edition.text,
        language=edition.language,
        markers=(*edition.markers, marker) if links else edition.markers,
        pictures=edition.pictures if edition.embedded else (),
        sender_name=name,
        sender_email=email,
        reply_to=issue.reply_to or publication.settings.sender.reply_to,
        web_url=publication.issue_url(issue.slug),
        base_url=publication.base_url,
        publication=publication.name,
        clicks=str(rules.mode if links else Clicks.OFF),
        links=links,
    )


def _click_marker(markers: Sequence[Marker]) -> Marker:
    """A marker whose token no other has."""
    used = {marker.token for marker in markers}
    free = (f"NLM{number:04}Z" for number in range(MOST_MARKERS))
    return Marker(next(token for token in free if token not in used), CLICK_TOKEN)


def sender(publication: Publication, issue: Issue) -> tuple[str, str]:
    """Name and address: the issue's `from` where it has one, else the publication's sender."""
    settings = publication.settings.sender
    if issue.sender:
        name, email = parseaddr(issue.sender)
        if "@" in email:
            return name or settings.name or publication.name, email
    return settings.name or publication.name, settings.email
