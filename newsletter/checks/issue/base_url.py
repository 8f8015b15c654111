"""The publication's web address: links to the web edition, to pictures and to unsubscribe all begin with it."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.addresses import is_private
from newsletter.checks.context import IssueContext
from newsletter.problems import Problem, warning


def check(context: IssueContext) -> Iterator[Problem]:
    url = context.publication.base_url
    if is_private(url):
        yield warning(
            "base-url-private",
            context.settings_file,
            f"readers elsewhere cannot open {url}: no pictures, no web version, no way to unsubscribe",
            "Set base_url to the public address of the publication.",
        )
    elif not url.startswith("https://"):
        yield warning(
            "base-url-insecure",
            context.settings_file,
            f"{url} is not https, so that mails cannot offer one-click unsubscribing (RFC 8058)",
            "Serve the publication over https and set base_url to that address.",
        )
