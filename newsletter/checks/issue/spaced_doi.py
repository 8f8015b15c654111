"""`doi :10.1158/…`: a space inside a DOI, which no resolver and no link finds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.checks.context import IssueContext, passages
from newsletter.problems import Fix, Problem, warning

_SPACED = re.compile(r"\bdoi\s+[:：]\s*10\.\S+|\bdoi[:：]?\s*10\.\d+\s+/\s*\S+", re.IGNORECASE)


def check(context: IssueContext) -> Iterator[Problem]:
    for passage in passages(context.issue):
        for found in _SPACED.finditer(passage.prose):
            written = found.group(0)
            joined = re.sub(r"\s+", "", written)
            yield warning(
                "doi-space",
                passage.source,
                f"a space inside the DOI: {written}",
                f"Write {joined}.",
                Fix(written, joined),
            )
