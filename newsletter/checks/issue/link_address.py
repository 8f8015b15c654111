"""Links that readers elsewhere cannot open, or that filters think less of."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.addresses import is_private
from newsletter.checks.context import IssueContext, passages
from newsletter.model.inlines import Link, walk
from newsletter.problems import Problem, Source, warning


def check(context: IssueContext) -> Iterator[Problem]:
    for source, url in _addresses(context):
        if is_private(url):
            yield warning(
                "link-private",
                source,
                f"only this machine or its network can open {url}",
                "Use the public address.",
            )
        elif url.startswith("http://"):
            yield warning(
                "link-insecure",
                source,
                f"not encrypted: {url}",
                "Most sites answer at https:// as well; filters prefer it.",
            )


def _addresses(context: IssueContext) -> Iterator[tuple[Source, str]]:
    for passage in passages(context.issue):
        for inline in walk(passage.inlines):
            if isinstance(inline, Link):
                yield passage.source, inline.url
    for _, article in context.issue.articles():
        further = [link.url for link in article.links]
        references = [reference.url for reference in article.references if reference.url]
        for url in (article.origin.url, *further, *references):
            if url:
                yield article.source, url
