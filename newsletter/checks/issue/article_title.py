"""Articles without a title: contents, anchors and inboxes have nothing to call them."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.context import IssueContext
from newsletter.problems import Problem, warning


def check(context: IssueContext) -> Iterator[Problem]:
    for _, article in context.issue.articles():
        if not article.title.strip():
            yield warning(
                "article-untitled",
                article.source,
                "the article has no title",
                "Write title: in its front matter, or begin it with a heading.",
            )
