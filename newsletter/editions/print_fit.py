"""No section ends in a remnant: a last page with a few lines on it.

The template says where each section ends (`<section-end>`: its anchor, the pages it begins and ends on, and
how much of the last page it fills) and sets a section tighter or wider when it is told to (`sys.inputs.fit`).
What a typesetter does by eye is done here by trial: a section that ends in a remnant is set with slightly less
between its lines and slightly smaller figures until the remnant is gone, or, failing that, with slightly
more until it is a decent page. Nothing changes in a section that ends well. Trials cost time: a very long
issue goes without.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

LEAST = 0.25
"""A section's last page is filled to a quarter at least."""

STEPS = (
    (0.985, 1.0),
    (0.97, 0.95),
    (0.955, 0.9),
    (1.02, 1.0),
    (1.04, 1.0),
    (0.94, 0.85),
    (0.93, 0.8),
)
"""From baseline to baseline, and the size of figures, both as parts of what they are; tried in this order."""

MOST_PAGES = 120
MOST_PARTS = 6000
"""Of the issue's data: each trial of such an issue takes as much memory as its pages."""

Fit = dict[str, tuple[float, float]]
"""Section anchor → line pitch and figure size, as parts of the theme's own."""


class FitMemory:
    """What was found for sections, by key."""

    def __init__(self, most: int = 500) -> None:
        self._most = most
        self._found: dict[str, tuple[float, float] | None] = {}

    def keep(self, key: str, step: tuple[float, float] | None) -> None:
        if len(self._found) >= self._most:
            self._found.clear()
        self._found[key] = step

    def knows(self, key: str) -> bool:
        return key in self._found

    def found(self, key: str) -> tuple[float, float] | None:
        """The step that helped; None when none did."""
        return self._found[key]


def fitted(
    ends_of: Callable[[Fit], str],
    keys: Mapping[str, str] | None = None,
    memory: FitMemory | None = None,
    *,
    parts: int = 0,
) -> Fit:
    """What to set otherwise so that no section ends in a remnant.

    `ends_of` lays the issue out and returns its `<section-end>` values as JSON. `keys` by section anchor say what a
    section is set from; `memory` is asked for them first and told what was found. `parts` is how much there is to set.
    """
    if parts > MOST_PARTS:
        return {}
    keys, memory = keys or {}, memory or FitMemory()
    ends = _by_anchor(ends_of({}))
    if max((end["last"] for end in ends.values()), default=0) > MOST_PAGES:
        return {}
    apart = {anchor: keys[anchor] for anchor in _apart(ends) if anchor in keys}
    chosen: Fit = {}
    open_ends: list[str] = []
    for anchor, end in ends.items():
        if not _is_remnant(end):
            continue
        if (key := apart.get(anchor)) and memory.knows(key):
            if step := memory.found(key):
                chosen[anchor] = step
        else:
            open_ends.append(anchor)
    for step in STEPS:
        if not open_ends:
            break
        ends = _by_anchor(ends_of(chosen | dict.fromkeys(open_ends, step)))
        helped = [a for a in open_ends if a in ends and not _is_remnant(ends[a])]
        chosen |= dict.fromkeys(helped, step)
        for anchor in helped:
            if anchor in apart:
                memory.keep(apart[anchor], step)
        open_ends = [anchor for anchor in open_ends if anchor not in chosen]
    for anchor in open_ends:
        if anchor in apart:
            memory.keep(apart[anchor], None)
    return chosen


def section_keys(stage: Path, data: Mapping[str, Any]) -> dict[str, str]:
    """By section anchor, a key of what it is set from: the theme, the page, and its own content."""
    theme = hashlib.sha256()
    for path in sorted(stage.rglob("*.typ")):
        theme.update(path.read_bytes())
    shared = {key: value for key, value in data.items() if key in ("page", "voice", "words")}
    theme.update(json.dumps(shared, sort_keys=True).encode())
    return {
        section["anchor"]: hashlib.sha256(
            theme.digest() + json.dumps(section, sort_keys=True).encode()
        ).hexdigest()
        for section in data.get("sections", [])
    }


def _apart(ends: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The sections that begin a page: behind the last page of the one before."""
    before, apart = 0, []
    for anchor, end in ends.items():
        if end["first"] > before:
            apart.append(anchor)
        before = end["last"]
    return apart


def _by_anchor(ends: str) -> dict[str, Mapping[str, Any]]:
    return {end["anchor"]: end for end in json.loads(ends)}


def _is_remnant(end: Mapping[str, Any]) -> bool:
    return bool(end["last"] > end["first"] and end["filled"] < LEAST)
