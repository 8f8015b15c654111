"""Notes that the editor left to themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.checks.context import IssueContext, Passage, passages
from newsletter.model.inlines import Text
from newsletter.problems import Problem, warning

_LEFTOVER = re.compile(
    r"\b(?:TODO|FIXME|XXX|TKTK|TK|TBD)\b|lorem ipsum|待补充?(?![偿贴给助救交足])|待定稿|（待定）|【待[^】]*】",
    re.IGNORECASE,
)
_UPPER_ONLY = frozenset({"TK", "XXX", "TODO", "TBD"})


def check(context: IssueContext) -> Iterator[Problem]:
    issue = context.issue
    lines = [
        Passage(issue.source, (Text(text),)) for text in (issue.subject, issue.preheader) if text
    ]
    for passage in (*lines, *passages(issue)):
        for found in _LEFTOVER.finditer(passage.prose):
            words = found.group(0)
            if words.upper() in _UPPER_ONLY and not words.isupper():
                continue
            yield warning(
                "leftover-note",
                passage.source,
                f"this looks like a note to yourself: {_around(passage.prose, found.start())}",
                "Write what is missing, or delete the note.",
            )


def _around(text: str, position: int) -> str:
    return text[max(0, position - 12) : position + 24].strip()
