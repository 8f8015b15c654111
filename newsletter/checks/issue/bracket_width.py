"""`（T2DM)`: a bracket that opens full-width and closes half-width, or the other way round."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.checks.context import IssueContext, passages
from newsletter.problems import Fix, Problem, warning

_MIXED = re.compile(r"（[^（）()\n]{1,80}\)|\([^（）()\n]{1,80}）")


def check(context: IssueContext) -> Iterator[Problem]:
    for passage in passages(context.issue):
        for found in _MIXED.finditer(passage.prose):
            written = found.group(0)
            yield warning(
                "bracket-width",
                passage.source,
                f"the brackets differ in width: {_short(written)}",
                "Write both full-width （） or both half-width ().",
                Fix(written, f"（{written[1:-1]}）"),
            )


def _short(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:14]}…{text[-14:]}"
