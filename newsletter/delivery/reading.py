"""The mail as one person reads it, for looking at: their values in place, every personal link inert."""

from __future__ import annotations

from collections.abc import Mapping

from newsletter.delivery.segments import Segments
from newsletter.model.edition import EmailEdition
from newsletter.publication import Publication

INERT = "preview"
"""Stands where a reader's token would; the page behind it does nothing."""


def as_read_by(
    edition: EmailEdition,
    publication: Publication,
    *,
    name: str,
    email: str,
    attributes: Mapping[str, str],
) -> tuple[str, str, str, str]:
    """Subject, preheader, html and text. What somebody has no value for reads as its default."""
    values = {f"subscriber.{key}": value for key, value in attributes.items()} | {
        "subscriber.name": name,
        "subscriber.email": email,
        "unsubscribe_url": f"{publication.base_url}/unsubscribe/{INERT}",
        "web_url": f"{publication.base_url}/",
    }

    def filled(text: str, *, html: bool) -> str:
        return Segments(text, edition.markers, html=html).text(values)

    return (
        filled(edition.subject, html=False),
        filled(edition.preheader, html=False),
        filled(edition.html, html=True),
        filled(edition.text, html=False),
    )
