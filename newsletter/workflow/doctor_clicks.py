"""Whether counted links work: they lead over the publication's own site, so that has to be there for every reader."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from newsletter.model.clicks import PATH, Clicks
from newsletter.publication import Publication
from newsletter.workflow.findings import Finding, advice, missing, well

PATIENCE = 10.0
"""Seconds that the site may take to answer."""
_OURS = "noindex"
"""What our server says of its page for such links, and hardly anybody else of theirs."""


def counted_links(publication: Publication) -> Iterator[Finding]:
    """What the settings show; nobody is asked."""
    rules = publication.click_rules
    if rules.mode is Clicks.OFF:
        return
    kept = "by whom too" if rules.mode is Clicks.SUBSCRIBER else "not by whom"
    if rules.base_url.startswith("https://"):
        yield well("clicks", f"links are counted, {kept}, over {rules.base_url}")
        return
    yield advice(
        "clicks",
        f"links are counted over {rules.base_url}, which is not https",
        'Set base_url to the public https address, or clicks = "off" under [tracking].',
    )


def reachable(publication: Publication) -> Iterator[Finding]:
    """Asks the site for the page that such a link of a test leads to."""
    rules = publication.click_rules
    if rules.mode is Clicks.OFF:
        return
    url = f"{rules.base_url}{PATH}preview/1/"
    told = _told(url)
    if told:
        yield missing(
            "clicks: server",
            f"{url}: {told}",
            "Counted links of every mail lead there: let `newsletter serve` answer under base_url.",
        )
    else:
        yield well("clicks: server", f"{rules.base_url} answers for counted links")


def _told(url: str) -> str:
    """Why counted links would not work; empty when they do."""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        return "it is no web address"
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=PATIENCE)
    try:
        connection.request("GET", parts.path, headers={"User-Agent": "newsletter doctor"})
        answer = connection.getresponse()
    except (OSError, HTTPException) as caught:
        return str(caught) or type(caught).__name__
    finally:
        connection.close()
    if answer.status != HTTPStatus.OK:
        return f"it answers {answer.status}"
    ours = _OURS in (answer.headers.get("x-robots-tag") or "")
    return "" if ours else "another program answers there"
