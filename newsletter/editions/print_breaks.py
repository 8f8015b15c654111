"""Breaks that a typesetter would make by hand: the last article of a section begins the page that would else be a
remnant, and a short section begins the second column that would else be empty, even one with articles, which would else
begin a page and leave most of two.

The template says how sections end (`<section-end>`, see `print_fit`); whether a break did what it should is seen
when the issue is laid out with it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Container, Mapping
from typing import Any

LEAST = 0.25
"""A section's last page is filled to a quarter at least."""

_STAYS = 0.5
"""So much of a page is left when what ended on it goes to the next."""

_LEVEL = 0.25
"""A second column is as long as this part of the first at least: a few lines on their own look lost."""

_SHORT = 0.6
"""A second column that is shorter than this, beside a full one, is made as long as the first where a heading allows it."""

_LEVELLED = 2 / 3
"""Of the difference between two columns, what may be left of it."""

_COLUMN = 0.48
"""Part of two columns that is sure to have room in one."""

Ends = dict[str, Mapping[str, Any]]
"""By section anchor: where it begins and ends, and how."""

Breaks = dict[str, Callable[[Ends], bool]]
"""By the anchor of what the break stands before: whether it did any good."""


def is_remnant(end: Mapping[str, Any], least: float = LEAST) -> bool:
    """Whether a section ends with a few lines on a page of their own."""
    return bool(end["last"] > end["first"] and end["filled"] < least)


def apart_articles(ends: Ends, settled: Container[str] = ()) -> Breaks:
    """Last articles, set in one column, that would make a decent page and leave one. Not of `settled` sections."""
    return {
        end["began"]["anchor"]: _ends_well(anchor)
        for anchor, end in ends.items()
        if anchor not in settled and is_remnant(end) and _may_begin_page(end)
    }


def _may_begin_page(end: Mapping[str, Any]) -> bool:
    began = end.get("began")
    if not began or began["page"] != end["last"] - 1 or began["filled"] < _STAYS:
        return False
    return bool(1 - began["filled"] + end["filled"] >= LEAST)


def _ends_well(anchor: str) -> Callable[[Ends], bool]:
    return lambda ends: anchor in ends and not is_remnant(ends[anchor])


def joined_sections(ends: Ends) -> Breaks:
    """Sections with articles that have room in the second column beside the end of the one before."""
    pairs = itertools.pairwise(ends.items())
    return {
        anchor: _stands_beside(anchor, other, end["pages"])
        for (other, before), (anchor, end) in pairs
        if _may_join(before, end)
    }


def _may_join(before: Mapping[str, Any], end: Mapping[str, Any]) -> bool:
    begins_page = end["first"] == before["last"] + 1
    short = end["last"] == end["first"] and end["filled"] <= _COLUMN
    return bool(end.get("joins", False) and begins_page and short and before["filled"] <= _COLUMN)


def _stands_beside(anchor: str, before: str, pages: int) -> Callable[[Ends], bool]:
    """Beside it, and the issue is shorter for it: what follows has no page of its own instead."""
    return lambda ends: bool(
        ends[before]["last"] == ends[anchor]["first"] == ends[anchor]["last"]
        and ends[anchor]["pages"] < pages
    )


def level_columns(ends: Ends, settled: Container[str] = ()) -> Breaks:
    """Headings that begin the second column of a section's last page, where that was begun and ends far above the first: a
    list of links alone at its head looks lost. Not of `settled` sections."""
    begun = {a: end for a, end in ends.items() if a not in settled and end["filled"] > 0.5}
    return _turned(begun, ends)


def empty_columns(ends: Ends) -> Breaks:
    """The same where the second column is empty, and nothing else stands on the page."""
    empty = {
        anchor: end
        for anchor, end in ends.items()
        if LEAST <= end["filled"] <= 0.5
        and not any(other["first"] == end["last"] for other in ends.values() if other is not end)
    }
    return _turned(empty, ends)


def _turned(sections: Ends, ends: Ends) -> Breaks:
    found: Breaks = {}
    for anchor, end in sections.items():
        second = 2 * end["filled"] - 1
        if second >= _SHORT:
            continue
        first = (1 + second) / 2
        turns = [
            (abs(turn["part"] - first), turn["anchor"])
            for turn in end.get("turns", ())
            if turn["column"] == 0
        ]
        uneven = 1 - abs(second)
        if turns and 2 * min(turns)[0] <= uneven * _LEVELLED:
            found[min(turns)[1]] = _level_and_no_longer(anchor, ends)
    return found


def _level_and_no_longer(anchor: str, before: Ends) -> Callable[[Ends], bool]:
    """All sections end on the pages where they did, and this one further down, with its figures in order."""
    same = _nothing_longer(before)
    return lambda ends: (
        same(ends)
        and before[anchor]["filled"] < ends[anchor]["filled"] < 1
        and not ends[anchor].get("crossed")
    )


def second_columns(ends: Ends) -> Breaks:
    """Of the short sections on a page of which all stands in the first of two columns, one that begins the second."""
    pages: dict[int, list[str]] = {}
    for anchor, end in ends.items():
        pages.setdefault(end["last"], []).append(anchor)
    found: Breaks = {}
    for page, anchors in pages.items():
        first = [ends[anchor]["filled"] for anchor in anchors]
        whole = first[-1]
        movable = [
            (abs(2 * first[at - 1] - whole), anchor)
            for at, anchor in enumerate(anchors)
            if at > 0
            and ends[anchor].get("short", False)
            and ends[anchor]["first"] == page
            and whole - first[at - 1] >= _LEVEL * first[at - 1]
        ]
        if movable and whole < 0.5:
            found[min(movable)[1]] = _nothing_longer(ends)
    return found


def _nothing_longer(before: Ends) -> Callable[[Ends], bool]:
    lasts = {anchor: end["last"] for anchor, end in before.items()}
    return lambda ends: lasts == {anchor: end["last"] for anchor, end in ends.items()}
