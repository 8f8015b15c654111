"""Two figures of an article with the same caption: one of them was copied and not rewritten."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.context import IssueContext, figures_by_text
from newsletter.model.blocks import Figure
from newsletter.model.inlines import plain
from newsletter.problems import Problem, warning


def check(context: IssueContext) -> Iterator[Problem]:
    for _, figures in figures_by_text(context.issue):
        seen: dict[str, Figure] = {}
        for figure in figures:
            caption = plain(figure.caption).strip()
            if not caption:
                continue
            first = seen.setdefault(caption, figure)
            if first is not figure and first.image.picture != figure.image.picture:
                yield warning(
                    "caption-repeated",
                    figure.source,
                    f"figure {figure.number} has the caption of figure {first.number} ({first.source}): {caption}",
                    "Write what this picture shows.",
                )
