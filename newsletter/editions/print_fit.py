"""No section ends in a remnant: a last page with a few lines on it.

The template says where each section ends (`<section-end>`: its anchor, the pages it begins and ends on, and
how much of the last page it fills) and sets a section tighter or wider when it is told to (`sys.inputs.fit`).
What a typesetter does by eye is done here by trial: a section that ends in a remnant is set with slightly less
between its lines and slightly smaller figures until the remnant is gone, or, failing that, with slightly
more until it is a decent page. Nothing changes in a section that ends well. Trials cost time: a very long
issue goes without.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

LEAST = 0.25
"""A section's last page is filled to a quarter at least."""

STEPS = ((0.985, 1.0), (0.97, 0.95), (0.955, 0.9), (1.02, 1.0), (1.04, 1.0))
"""From baseline to baseline, and the size of figures, both as parts of what they are; tried in this order."""

MOST_PAGES = 120

Fit = dict[str, tuple[float, float]]
"""Section anchor → line pitch and figure size, as parts of the theme's own."""


def fitted(ends_of: Callable[[Fit], str]) -> Fit:
    """What to set otherwise so that no section ends in a remnant.

    `ends_of` lays the issue out and returns its `<section-end>` values as JSON.
    """
    ends = _by_anchor(ends_of({}))
    if max((end["last"] for end in ends.values()), default=0) > MOST_PAGES:
        return {}
    chosen: Fit = {}
    open_ends = [anchor for anchor, end in ends.items() if _is_remnant(end)]
    for step in STEPS:
        if not open_ends:
            break
        ends = _by_anchor(ends_of(chosen | dict.fromkeys(open_ends, step)))
        chosen |= {a: step for a in open_ends if a in ends and not _is_remnant(ends[a])}
        open_ends = [anchor for anchor in open_ends if anchor not in chosen]
    return chosen


def _by_anchor(ends: str) -> dict[str, Mapping[str, Any]]:
    return {end["anchor"]: end for end in json.loads(ends)}


def _is_remnant(end: Mapping[str, Any]) -> bool:
    return bool(end["last"] > end["first"] and end["filled"] < LEAST)
