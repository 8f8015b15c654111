"""What of a text differs from what a page has of it already, counted as its scripts count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def difference(old: str, new: str) -> dict[str, Any]:
    """The one stretch in which two texts differ: `drop` units at `at` become `put` (units as JavaScript counts)."""
    most = min(len(old), len(new))
    head = _alike(most, lambda n: old[:n] == new[:n])
    tail = _alike(most - head, lambda n: old[len(old) - n :] == new[len(new) - n :])
    return {
        "at": _units(old[:head]),
        "drop": _units(old[head : len(old) - tail]),
        "put": new[head : len(new) - tail],
    }


def _alike(most: int, same: Callable[[int], bool]) -> int:
    """The largest number up to `most` for which `same` holds, which holds for all below it."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if same(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
