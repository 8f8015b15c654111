"""Links that nothing can be clicked on."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.context import MailContext
from newsletter.checks.document import hidden, visible_text
from newsletter.problems import Problem, warning


def check(context: MailContext) -> Iterator[Problem]:
    for link in context.document.elements("a"):
        if not link.get("href") or hidden(link) or visible_text(link).strip():
            continue
        described = any(image.get("alt", "").strip() for image in link.iter("img"))
        if not described and not link.get("aria-label"):
            yield warning(
                "mail-link-empty",
                context.near(link),
                f"a link of the mail has neither text nor a described picture: {link.get('href')}",
                "Give the picture an alternative text.",
            )
