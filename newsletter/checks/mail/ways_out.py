"""Every mail has a way to unsubscribe and a way to the web version, in both parts, the html's near its top."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.checks.context import MailContext
from newsletter.checks.document import Element, is_element, visible_runs
from newsletter.problems import Problem, error, warning

NEAR_TOP = 2048
"""Bytes of visible text: whoever sees a clipped mail still sees these."""

_TEMPLATE = "The mail's template has to have one."
_CLIPPED = "Put one at the top: mail that is clipped loses its foot."


def check(context: MailContext) -> Iterator[Problem]:
    source = context.issue.source
    unsubscribe = _way_out(context, _tokens(context, "unsubscribe_url"))
    web = _way_out(
        context,
        (*_tokens(context, "web_url"), context.publication.issue_url(context.issue.slug)),
    )
    for part in unsubscribe.missing:
        message = f"the mail's {part} has no link to unsubscribe"
        yield error("unsubscribe-link-missing", source, message, _TEMPLATE)
    for part in web.missing:
        message = f"the mail's {part} has no link to the web version"
        yield error("web-version-link-missing", source, message, _TEMPLATE)
    if unsubscribe.low:
        message = f"the first link to unsubscribe stands behind more than {NEAR_TOP} bytes of text"
        yield warning("unsubscribe-link-low", source, message, _CLIPPED)
    if web.low:
        message = (
            f"the first link to the web version stands behind more than {NEAR_TOP} bytes of text"
        )
        yield warning("web-version-link-low", source, message, _CLIPPED)


@dataclass(frozen=True, slots=True)
class _WayOut:
    """The parts that have no such link, and whether the html's first one stands too low."""

    missing: tuple[str, ...]
    low: bool


def _way_out(context: MailContext, addresses: tuple[str, ...]) -> _WayOut:
    known = tuple(address for address in addresses if address)
    links = [
        link
        for link in context.document.elements("a")
        if known and link.get("href", "").startswith(known)
    ]
    missing = [] if links else ["html"]
    if not any(address in context.edition.text for address in known):
        missing.append("text part")
    low = bool(links) and _text_before(context.document.body, links[0]) > NEAR_TOP
    return _WayOut(tuple(missing), low)


def _tokens(context: MailContext, field: str) -> tuple[str, ...]:
    return tuple(marker.token for marker in context.edition.markers if marker.field == field)


def _text_before(body: Element, link: Element) -> int:
    inside = {id(node) for node in link.iter() if is_element(node)}
    count = 0
    for element, text in visible_runs(body):
        if id(element) in inside:
            break
        count += len(" ".join(text.split()).encode())
    return count
