"""Two texts beside each other, line by line, for somebody to see what changed."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

CONTEXT = 3
"""Lines shown around a change."""


@dataclass(frozen=True, slots=True)
class Row:
    """`kind` is same, gone, new or gap; `old` and `new` are line numbers, 0 where a side has none."""

    kind: str
    old: int
    new: int
    text: str


def compared(before: str, now: str) -> tuple[Row, ...]:
    """What changed, with a little around it; empty when nothing did."""
    old, new = before.split("\n"), now.split("\n")
    rows: list[Row] = []
    for group in difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(
        CONTEXT
    ):
        if rows or group[0][1]:
            rows.append(Row("gap", 0, 0, ""))
        for kind, i, j, k, m in group:
            if kind == "equal":
                pairs = zip(range(i, j), range(k, m), strict=True)
                rows += [Row("same", a + 1, b + 1, old[a]) for a, b in pairs]
            else:
                rows += [Row("gone", n + 1, 0, old[n]) for n in range(i, j)]
                rows += [Row("new", 0, n + 1, new[n]) for n in range(k, m)]
    return tuple(rows)
