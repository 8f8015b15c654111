"""Outlook's conditional comments come in pairs; one that is left open hides the rest of the mail."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.checks.context import MailContext
from newsletter.problems import Problem, error


def check(context: MailContext) -> Iterator[Problem]:
    opened = len(re.findall(r"<!--\[if\b|<!\[if\b", context.edition.html))
    closed = len(re.findall(r"<!\[endif\]", context.edition.html))
    if opened != closed:
        yield error(
            "mail-conditional-comment",
            context.issue.source,
            f"{opened} conditional comments are opened, {closed} are closed",
            "The mail's template has to close each <!--[if …]> with <![endif]-->.",
        )
