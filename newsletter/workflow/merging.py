"""Merges two changed versions of a text over the version that both began from, line by line.

The method is the one of diff3 (Khanna, Kunal, Pierce: “A Formal Investigation of Diff3”, 2007): lines that
all three versions share divide the text into regions; a region that one side changed takes that side, one
that both changed alike is taken once, one that both changed differently is a conflict for a person.

Promises: plain values in and out; every line that either side added stands in the result or in a conflict,
so nothing is lost; merging with an unchanged side gives the other side exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_MOST_LINES = 20_000
"""Texts whose changed part is longer are one region: finding shared lines takes time quadratic in their number."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """Lines that need no decision."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Disputed:
    """What both sides made, differently, of the same lines of the base."""

    base: tuple[str, ...]
    mine: tuple[str, ...]
    theirs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged text in its regions, in order; lines are without their ends."""

    regions: tuple[Agreed | Disputed, ...]

    @property
    def conflicts(self) -> tuple[Disputed, ...]:
        return tuple(region for region in self.regions if isinstance(region, Disputed))

    @property
    def mine(self) -> str:
        """The text with every conflict decided for the first side."""
        return self._decided(lambda region: region.mine)

    @property
    def theirs(self) -> str:
        """The text with every conflict decided for the second side."""
        return self._decided(lambda region: region.theirs)

    def _decided(self, choose: Callable[[Disputed], tuple[str, ...]]) -> str:
        lines: list[str] = []
        for region in self.regions:
            lines += region.lines if isinstance(region, Agreed) else choose(region)
        return "\n".join(lines)


def merge(base: str, mine: str, theirs: str) -> Merged:
    """Merges two versions of `base`; only `\\n` ends a line."""
    if mine == theirs or theirs == base:
        return Merged((Agreed(tuple(mine.split("\n"))),))
    if mine == base:
        return Merged((Agreed(tuple(theirs.split("\n"))),))
    return _by_regions(base.split("\n"), mine.split("\n"), theirs.split("\n"))


def same_lines(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of indices of the lines that two sequences share, both rising."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    pairs = [(index, index) for index in range(head)]
    inner_old, inner_new = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(inner_old) + len(inner_new) <= _MOST_LINES:
        matcher = SequenceMatcher(None, inner_old, inner_new, autojunk=False)
        for block in matcher.get_matching_blocks():
            pairs += [(head + block.a + n, head + block.b + n) for n in range(block.size)]
    pairs += [(len(old) - n, len(new) - n) for n in range(tail, 0, -1)]
    return pairs


def _by_regions(base: list[str], mine: list[str], theirs: list[str]) -> Merged:
    in_mine, in_theirs = dict(same_lines(base, mine)), dict(same_lines(base, theirs))
    shared = [line for line in range(len(base)) if line in in_mine and line in in_theirs]
    regions: list[Agreed | Disputed] = []
    at = at_mine = at_theirs = 0
    for line in [*shared, len(base)]:
        to_mine = in_mine.get(line, len(mine))
        to_theirs = in_theirs.get(line, len(theirs))
        regions += _region(base[at:line], mine[at_mine:to_mine], theirs[at_theirs:to_theirs])
        if line < len(base):
            regions.append(Agreed((base[line],)))
        at, at_mine, at_theirs = line + 1, to_mine + 1, to_theirs + 1
    return Merged(tuple(_joined(regions)))


def _region(base: list[str], mine: list[str], theirs: list[str]) -> list[Agreed | Disputed]:
    if mine == theirs or theirs == base:
        return [Agreed(tuple(mine))]
    if mine == base:
        return [Agreed(tuple(theirs))]
    return [Disputed(tuple(base), tuple(mine), tuple(theirs))]


def _joined(regions: list[Agreed | Disputed]) -> Iterator[Agreed | Disputed]:
    """Neighbouring agreed regions as one, empty ones left out."""
    lines: list[str] = []
    for region in regions:
        if isinstance(region, Agreed):
            lines += region.lines
            continue
        if lines:
            yield Agreed(tuple(lines))
        lines = []
        yield region
    if lines:
        yield Agreed(tuple(lines))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
