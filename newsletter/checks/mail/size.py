"""Gmail shows about 102 KB of html and hides the rest, the unsubscribe link included (email-bugs#41)."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.context import MailContext
from newsletter.problems import Problem, warning

CLIPPED = 102_400


def check(context: MailContext) -> Iterator[Problem]:
    size = context.edition.html_bytes
    if size >= CLIPPED:
        yield warning(
            "mail-clipped",
            context.issue.source,
            f"the html is {size:,} bytes; Gmail hides what follows the first {CLIPPED:,}",
            "Let long articles be shortened: email: auto, or email: digest for some of them.",
        )
