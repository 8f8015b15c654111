"""Every mail has a way to unsubscribe and a way to the web version, in both parts, the html's near its top."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.context import MailContext
from newsletter.checks.document import Element, is_element, visible_runs
from newsletter.problems import Problem, error, warning

NEAR_TOP = 2048
"""Bytes of visible text: whoever sees a clipped mail still sees these."""


def check(context: MailContext) -> Iterator[Problem]:
    web = (*_tokens(context, "web_url"), context.publication.issue_url(context.issue.slug))
    unsubscribe = _tokens(context, "unsubscribe_url")
    for name, addresses in (("unsubscribe", unsubscribe), ("web-version", web)):
        yield from _check(context, name, tuple(address for address in addresses if address))


def _check(context: MailContext, name: str, addresses: tuple[str, ...]) -> Iterator[Problem]:
    source = context.issue.source
    hint = "The mail's template has to have one."
    links = [
        link
        for link in context.document.elements("a")
        if link.get("href", "").startswith(addresses or ("\0",))
    ]
    if not links:
        yield error(f"{name}-link-missing", source, f"the mail's html has no {name} link", hint)
    elif _text_before(context.document.body, links[0]) > NEAR_TOP:
        yield warning(
            f"{name}-link-low",
            source,
            f"the first {name} link stands behind more than {NEAR_TOP} bytes of text",
            "Put one at the top: mail that is clipped loses its foot.",
        )
    if not any(address in context.edition.text for address in addresses):
        yield error(
            f"{name}-link-missing", source, f"the mail's text part has no {name} link", hint
        )


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
