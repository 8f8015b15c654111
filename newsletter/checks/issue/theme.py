"""A theme that is nowhere: a name mistyped, which would quietly give the starter theme."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.context import IssueContext
from newsletter.problems import Problem, warning

MEDIA = ("email", "web", "print", "pages")


def check(context: IssueContext) -> Iterator[Problem]:
    issue, publication = context.issue, context.publication
    name = issue.theme or publication.settings.theme
    found = (root for medium in MEDIA for root in publication.template_roots(medium, name))
    if all(root.name != name for root in found):
        yield warning(
            "theme-missing",
            issue.source if issue.theme else context.settings_file,
            f"there is no theme {name}; the starter theme is taken",
            f"A theme is a folder templates/email/{name}, templates/web/{name} and so on.",
        )
