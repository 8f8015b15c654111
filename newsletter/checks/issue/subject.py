"""A subject that inboxes cut. Phones show about 30 wide characters or 60 letters."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.context import IssueContext
from newsletter.model.language import columns
from newsletter.model.merge_tags import with_defaults
from newsletter.problems import Problem, warning

LONGEST = 60


def check(context: IssueContext) -> Iterator[Problem]:
    issue = context.issue
    subject = with_defaults(issue.subject or issue.title).strip()
    if not subject:
        yield warning(
            "subject-missing",
            issue.source,
            "the mail would have no subject",
            "Write subject: (or at least title:) in the front matter.",
        )
    elif (width := columns(subject)) > LONGEST:
        yield warning(
            "subject-long",
            issue.source,
            f"the subject is {width} columns wide; inboxes show about {LONGEST} (a Chinese character takes 2)",
            f"Put what matters into its beginning or shorten it: {_beginning(subject)}…",
        )


def _beginning(subject: str) -> str:
    shown = ""
    for character in subject:
        if columns(shown + character) > LONGEST:
            break
        shown += character
    return shown
