"""Short hyphenated terms, such as CAR-T and GLP-1RA, which no edition breaks over two lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TERM = re.compile(
    r"(?<![A-Za-z0-9α-ω_.%/&=-])(?=[A-Za-z0-9α-ω-]*[A-Z0-9])"
    r"[A-Za-z0-9α-ω]+(?:-[A-Za-z0-9α-ω]+)+(?![A-Za-z0-9α-ω_%/&=-])"
)
_LONGEST = 14


def terms_in(text: str) -> Iterator[tuple[int, int]]:
    """Where the terms of a text begin and end."""
    if "-" in text:
        for found in _TERM.finditer(text):
            if len(found.group()) <= _LONGEST:
                yield found.span()
