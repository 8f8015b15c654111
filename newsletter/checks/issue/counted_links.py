"""Counted links lead over the publication's own site: where that cannot be reached, no link of the mail works."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.addresses import is_private
from newsletter.checks.context import IssueContext
from newsletter.model.clicks import Clicks
from newsletter.problems import Problem, warning


def check(context: IssueContext) -> Iterator[Problem]:
    url = context.publication.base_url
    if context.publication.click_rules.mode is Clicks.OFF:
        return
    if is_private(url):
        yield warning(
            "clicks-unreachable",
            context.settings_file,
            f"links are counted and so lead over {url}, which readers elsewhere cannot open: no link of the mail works",
            'Set base_url to the public address of `newsletter serve`, or clicks = "off".',
        )
    elif not url.startswith("https://"):
        yield warning(
            "clicks-insecure",
            context.settings_file,
            f"links are counted and so lead over {url}, which is not https: whoever listens reads what is followed",
            'Serve the publication over https and set base_url to that address, or clicks = "off".',
        )
