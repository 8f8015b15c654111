"""Links of the finished mail: whole addresses with a scheme that every client opens."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from newsletter.checks.context import MailContext
from newsletter.model.edition import MARKER_TOKEN
from newsletter.problems import Problem, error, warning

_SCHEMES = frozenset({"http", "https", "mailto", "tel"})


def check(context: MailContext) -> Iterator[Problem]:
    anchors = {
        name
        for element in context.document.elements("*")
        for name in (element.get("id"), element.get("name"))
        if name
    }
    for link in context.document.elements("a", "area"):
        address = link.get("href")
        if address is None or MARKER_TOKEN.fullmatch(address):
            continue
        if address.startswith("#"):
            if address[1:] not in anchors:
                yield warning(
                    "mail-link-nowhere",
                    context.near(link),
                    f"a link inside the mail leads nowhere: {address}",
                    "Link to the web edition instead.",
                )
        elif _scheme(address) not in _SCHEMES:
            yield error(
                "mail-link-address",
                context.near(link),
                f"a mail program cannot open the link {address[:80] or '(empty)'}",
                "A link in a mail needs a whole address: https://…",
            )


def _scheme(address: str) -> str:
    try:
        return urlsplit(address).scheme.lower()
    except ValueError:
        return ""
