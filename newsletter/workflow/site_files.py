"""The small files that programs look for at a site's root: robots.txt, security.txt (RFC 9116), and the sitemap."""

from __future__ import annotations

import datetime

from newsletter.publication import Publication
from newsletter.workflow.archive import sitemap_of
from newsletter.workflow.published import all_published

_PERSONAL = ("/api/", "/c/", "/confirm/", "/preferences/", "/subscribe", "/unsubscribe/")
_GOOD_FOR = datetime.timedelta(days=180)
"""RFC 9116 § 2.5.5 asks for less than a year."""


def robots_txt(publication: Publication) -> str:
    """Everything but the pages behind personal links may be read by whoever likes."""
    barred = "".join(f"Disallow: {path}\n" for path in _PERSONAL)
    return f"User-agent: *\n{barred}Sitemap: {publication.base_url}/sitemap.xml\n"


def security_txt(publication: Publication, at: datetime.datetime) -> str:
    """Where to report a weakness; good for half a year from the day of `at`."""
    settings = publication.settings
    contact = settings.security.contact or settings.sender.reply_to or settings.sender.email
    if "@" in contact and not contact.startswith(("https://", "mailto:")):
        contact = f"mailto:{contact}"
    day = at.astimezone(datetime.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    languages = dict.fromkeys((settings.language.partition("-")[0], "en"))
    lines = [
        f"Contact: {contact}",
        f"Expires: {day + _GOOD_FOR:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(languages)}",
    ]
    if publication.base_url.startswith("https://"):
        lines.append(f"Canonical: {publication.base_url}/.well-known/security.txt")
    if settings.security.policy:
        lines.append(f"Policy: {settings.security.policy}")
    return "\n".join(lines) + "\n"


def sitemap_xml(publication: Publication) -> bytes:
    """The sitemap of what is published now."""
    return sitemap_of(publication, all_published(publication)).data
