"""Articles and issues in which there is nothing to read."""

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
