"""The postal address is set, but a theme's mail does not show it: the law asks for it in every mail (CAN-SPAM § 7704)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.checks.context import MailContext
from newsletter.checks.document import visible_text
from newsletter.problems import Problem, warning


def check(context: MailContext) -> Iterator[Problem]:
    address = _letters(context.publication.settings.address)
    parts = {"html": visible_text(context.document.body), "text part": context.edition.text}
    for part, text in parts.items():
        if address not in _letters(text):
            yield warning(
                "postal-address-hidden",
                context.issue.source,
                f"the mail's {part} does not show the postal address",
                "The mail's template has to show it: in parts/foot.html.j2.",
            )


def _letters(text: str) -> str:
    """Without spaces and marks, which a theme may set otherwise."""
    return re.sub(r"\W+", "", text)
