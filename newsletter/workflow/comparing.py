"""Two texts beside each other, line by line, for somebody to see what changed, and where in a line that changed."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

CONTEXT = 3
"""Lines shown around a change."""
_WORDS = re.compile(r"[^\W\u2e80-\uffff]+|\s+|.", re.DOTALL)
"""A word of letters, or one character where words are written without spaces."""
_MOST = 1500
"""Words of a line up to which they are compared one by one; of a longer one the stretch that differs is marked whole."""
_ALIKE = 0.3
"""Lines that have less in common are other lines, not changed ones."""

Parts = tuple[tuple[str, bool], ...]
"""A line in pieces, each with whether the other line lacks it."""


@dataclass(frozen=True, slots=True)
class Row:
    """`kind` is same, gone, new or gap; `old` and `new` are line numbers, 0 where a side has none."""

    kind: str
    old: int
    new: int
    text: str
    parts: Parts = ()


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
                gone, come = _marked(old[i:j], new[k:m])
                rows += [Row("gone", i + n + 1, 0, old[i + n], one) for n, one in enumerate(gone)]
                rows += [Row("new", 0, k + n + 1, new[k + n], one) for n, one in enumerate(come)]
    return tuple(rows)


def _marked(old: list[str], new: list[str]) -> tuple[list[Parts], list[Parts]]:
    """The lines of a change in pieces: the first old one against the first new one, and so on."""
    gone: list[Parts] = [((line, False),) for line in old]
    come: list[Parts] = [((line, False),) for line in new]
    for n, (one, other) in enumerate(zip(old, new, strict=False)):
        gone[n], come[n] = _within(one, other)
    return gone, come


def _within(old: str, new: str) -> tuple[Parts, Parts]:
    one, other = _WORDS.findall(old), _WORDS.findall(new)
    head = _alike(one, other)
    tail = _alike(one[head:][::-1], other[head:][::-1])
    middle = (one[head : len(one) - tail], other[head : len(other) - tail])
    if max(map(len, middle)) > _MOST:
        operations = [("replace", 0, len(middle[0]), 0, len(middle[1]))]
        same = head + tail
    else:
        matcher = difflib.SequenceMatcher(None, *middle, autojunk=False)
        operations = list(matcher.get_opcodes())
        same = head + tail + sum(block.size for block in matcher.get_matching_blocks())
    if same < _ALIKE * max(len(one), len(other)):
        return ((old, False),), ((new, False),)
    sides = []
    for words, start, end in ((one, 1, 2), (other, 3, 4)):
        pieces = [("".join(words[:head]), False)]
        for operation in operations:
            part = words[head + int(operation[start]) : head + int(operation[end])]
            pieces.append(("".join(part), operation[0] != "equal"))
        pieces.append(("".join(words[len(words) - tail :]), False))
        sides.append(tuple(piece for piece in pieces if piece[0]))
    return sides[0], sides[1]


def _alike(one: list[str], other: list[str]) -> int:
    """How many words both begin with."""
    for n, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return n
    return min(len(one), len(other))
