"""What search engines are told of the archive: `sitemap.xml` (sitemaps.org/protocol.html), with the date of each revision."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from xml.sax.saxutils import escape

from newsletter.editions.feeds import archive_url
from newsletter.model.edition import EditionFile
from newsletter.publication import Publication

MOST = 49_999
"""Issues; a sitemap holds 50,000 addresses."""


def render_sitemap(
    publication: Publication, issues: Sequence[tuple[str, datetime.datetime]]
) -> EditionFile:
    """The archive and every issue: its slug, and when its newest revision was published."""
    newest = max((at for _, at in issues), default=None)
    pages = [(archive_url(publication), newest)]
    pages += [(publication.issue_url(slug), at) for slug, at in issues[:MOST]]
    lines = ['<?xml version="1.0" encoding="utf-8"?>']
    lines.append('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">')
    for address, at in pages:
        changed = f"<lastmod>{at.isoformat()}</lastmod>" if at else ""
        lines.append(f"<url><loc>{escape(address)}</loc>{changed}</url>")
    lines.append("</urlset>\n")
    return EditionFile("sitemap.xml", "application/xml", "\n".join(lines).encode())
