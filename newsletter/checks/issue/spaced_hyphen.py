"""`CAR- T`: a space behind a hyphen, left by a line break in a PDF that the text was taken from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.checks.context import IssueContext, passages
from newsletter.problems import Fix, Problem, warning

# Capitals and digits only: “pre- and postnatal”, “Vor- und Nachteile” are right.
# Atomic, and from a word's beginning: a word of a megabyte is looked at once.
_SPACED = re.compile(r"(?<![A-Za-z0-9])(?>[A-Za-z0-9]+)(?<=[A-Z0-9])[-‐] +[A-Z0-9][A-Za-z0-9]*")


def check(context: IssueContext) -> Iterator[Problem]:
    for passage in passages(context.issue):
        for found in _SPACED.finditer(passage.prose):
            written = found.group(0)
            joined = re.sub(r"([-‐]) +", r"\1", written)
            yield warning(
                "hyphen-space",
                passage.source,
                f"a space behind the hyphen: {written}",
                f"Write {joined}.",
                Fix(written, joined),
            )
