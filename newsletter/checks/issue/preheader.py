"""The line that inboxes show behind the subject. Without one they show whatever the mail begins with."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.context import IssueContext
from newsletter.model.language import columns
from newsletter.model.merge_tags import with_defaults
from newsletter.problems import Problem, warning

SHORTEST = 40


def check(context: IssueContext) -> Iterator[Problem]:
    issue = context.issue
    preheader = with_defaults(issue.preheader).strip()
    hint = f"Write preheader: in the front matter, {SHORTEST} columns or more (a Chinese character takes 2)."
    if not preheader:
        yield warning("preheader-missing", issue.source, "the issue has no preheader", hint)
    elif (width := columns(preheader)) < SHORTEST:
        yield warning(
            "preheader-short",
            issue.source,
            f"the preheader is {width} columns wide; inboxes fill the rest with the mail's first words",
            hint,
        )
