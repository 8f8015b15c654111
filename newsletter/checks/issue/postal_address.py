"""The sender's postal address, which the law of many countries asks for in every mail (CAN-SPAM § 7704)."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.context import IssueContext
from newsletter.problems import Problem, warning


def check(context: IssueContext) -> Iterator[Problem]:
    if not context.publication.settings.address.strip():
        yield warning(
            "postal-address-missing",
            context.settings_file,
            "no postal address is set for the foot of the mail",
            'Set address = "…" in newsletter.toml.',
        )
