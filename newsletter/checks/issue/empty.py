"""Articles and sections in which there is nothing to read."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.context import IssueContext
from newsletter.problems import Problem, warning


def check(context: IssueContext) -> Iterator[Problem]:
    for _, article in context.issue.articles():
        if not article.blocks:
            yield warning(
                "article-empty",
                article.source,
                f"nothing is written in “{article.title}”",
                "Write it, or begin its file name with _ to leave it out.",
            )
    for section in context.issue.sections:
        # A heading over footnotes, say: they stand where they are called.
        if section.title and not section.blocks and not section.articles:
            yield warning(
                "article-empty",
                section.source,
                f"nothing is written in “{section.title}”",
                "Write it, or take the heading out; notes stand at the foot of their page by themselves.",
            )
