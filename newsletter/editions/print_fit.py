"""No section ends in a remnant: a last page with a few lines on it.

The template says where each section ends (`<section-end>`: its anchor, the pages it begins and ends on, and
how much of the last page it fills) and sets a section tighter or wider when it is told to (`fit.json`).
What a typesetter does by eye is done here by trial: a section that ends in a remnant is set with slightly less
between its lines and slightly smaller figures until the remnant is gone, or, failing that, with slightly
more until it is a decent page. Where that does not do either, its last article begins the page, in one column
(`print_breaks`). Nothing changes in a section that ends well. Trials cost time: a very long issue goes without.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newsletter.editions.print_breaks import (
    LEAST,
    Breaks,
    Ends,
    apart_articles,
    empty_columns,
    is_remnant,
    joined_sections,
    level_columns,
    second_columns,
)

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

WISHED = 0.3
"""A page that is filled so far at least is left as it is. One that falls short of it is set otherwise if that mends it."""

JOINED = STEPS[2]
"""How a section is set that is joined to another and would have no room otherwise: one trial, after each edit."""

_LUCK = 0.05
"""Part of a page that a guess may be wrong by."""

MOST_PAGES = 120
MOST_PARTS = 6000
"""Of the issue's data: each trial of such an issue takes as much memory as its pages."""

FIT = "fit.json"
"""The file in the stage by which a template is told."""

MOVED = "*figures"
"""Where a fit says which figures over both columns go elsewhere: no section's anchor has that sign."""

BREAKS = "*breaks"
"""Where a fit says what begins a page or a column of its own: anchors of articles and sections."""

WAYS = ("auto", "column")
"""Where such a figure goes when the foot of the page would put it out of order: to the head, else into one column."""

Fit = dict[str, Any]
"""Section anchor → line pitch and figure size, as parts of the theme's own; `MOVED` → figure anchor → way; `BREAKS` → anchors."""


@dataclass(frozen=True, slots=True)
class Found:
    """How a section is set so that it ends well, None as the theme would; and by how many pages that shortens it."""

    step: tuple[float, float] | None
    saved: int = 0
    moved: Mapping[str, str] = field(default_factory=dict)
    """Figures that go elsewhere, by anchor."""
    breaks: tuple[str, ...] = ()
    """Its article that begins a page."""


class FitMemory:
    """What was found for sections, by key."""

    def __init__(self, most: int = 500) -> None:
        self._most = most
        self._found: dict[str, Found] = {}

    def keep(self, key: str, found: Found) -> None:
        if len(self._found) >= self._most:
            self._found.clear()
        self._found[key] = found

    def found(self, key: str | None) -> Found | None:
        return self._found.get(key) if key else None


def fitted(
    ends_of: Callable[[Fit], str],
    keys: Mapping[str, str] | None = None,
    memory: FitMemory | None = None,
    *,
    parts: int = 0,
    figures: Mapping[str, float] | None = None,
) -> Fit:
    """What to set otherwise so that no section ends in a remnant.

    `ends_of` lays the issue out and returns its `<section-end>` values as JSON. `keys` by section anchor say what a
    section is set from; `memory` is asked for them first and told what was found. `parts` is how much there is to set,
    `figures` by section anchor how many pages its pictures take.
    """
    if parts > MOST_PARTS:
        return {}
    keys, memory, figures = keys or {}, memory or FitMemory(), figures or {}
    known = {anchor: found for anchor, key in keys.items() if (found := memory.found(key))}
    chosen = _of_memory(known)
    natural = _by_anchor(ends_of(chosen))
    if not known.keys() <= set(_apart(natural)):  # it was kept for a section that began a page
        known, chosen = {}, {}
        natural = _by_anchor(ends_of({}))
    saved = sum(found.saved for found in known.values())
    if saved + max((end["last"] for end in natural.values()), default=0) > MOST_PAGES:
        return {}
    ends = natural
    remnants = [a for a, end in natural.items() if a not in known and is_remnant(end, WISHED)]
    trials = _Trials(ends_of, natural, figures)
    chosen, ends = trials.made(chosen, ends, {anchor: [anchor] for anchor in remnants})
    left = [anchor for anchor in remnants if anchor not in chosen]
    runs = _runs(natural, known, left)
    chosen, ends = trials.made(chosen, ends, runs)
    shared = {name for run in runs.values() for name in run}
    chosen, ends = _in_order(ends_of, chosen, ends)
    chosen, ends = _with_breaks(ends_of, chosen, ends, apart_articles(ends, known))
    chosen, ends = _with_breaks(ends_of, chosen, ends, level_columns(ends, known))
    moved, breaks = chosen.get(MOVED, {}), chosen.get(BREAKS, ())
    for anchor in _apart(natural):
        if anchor in keys and anchor not in known and anchor not in shared:
            shorter = _pages(natural[anchor]) - _pages(ends[anchor]) if anchor in chosen else 0
            own = {name: moved[name] for name in ends[anchor].get("figures", ()) if name in moved}
            inside = {turn["anchor"] for turn in ends[anchor].get("turns", ())}
            inside.add(ends[anchor].get("began", {}).get("anchor"))
            begun = tuple(name for name in breaks if name in inside)
            memory.keep(keys[anchor], Found(chosen.get(anchor), shorter, own, begun))
    # What stands behind a section has a say in this: nothing that could be kept with the section.
    wanted = joined_sections(ends)
    chosen, ends = _with_breaks(ends_of, chosen, ends, wanted)
    for anchor in [name for name in wanted if name not in chosen.get(BREAKS, ())]:
        chosen, ends = _joined_tighter(ends_of, chosen, ends, anchor, wanted[anchor])
    chosen, ends = _with_breaks(ends_of, chosen, ends, second_columns(ends))
    return _with_breaks(ends_of, chosen, ends, empty_columns(ends))[0]


def _joined_tighter(
    ends_of: Callable[[Fit], str],
    chosen: Fit,
    ends: Ends,
    anchor: str,
    is_good: Callable[[Ends], bool],
) -> tuple[Fit, Ends]:
    """A section that has no room beside the end of the one before, with those that share its page: a line or two may be
    all that is missing."""
    page = ends[anchor]["first"]
    run = [name for name, end in ends.items() if end["first"] == end["last"] == page]
    tight = _broken_before(chosen | _for_runs({anchor: JOINED}, {anchor: run}), [anchor])
    found = _by_anchor(ends_of(tight))
    return (tight, found) if is_good(found) else (chosen, ends)


@dataclass(frozen=True)
class _Trials:
    """Step after step for sections with a remnant, until it is gone."""

    ends_of: Callable[[Fit], str]
    natural: Ends
    figures: Mapping[str, float]

    def made(self, chosen: Fit, ends: Ends, runs: Mapping[str, list[str]]) -> tuple[Fit, Ends]:
        """With what helped; `runs` say which sections are set otherwise for one."""
        left = {anchor: self._steps(run) for anchor, run in runs.items()}
        while trying := {anchor: steps.pop(0) for anchor, steps in left.items() if steps}:
            ends = _by_anchor(self.ends_of(chosen | _for_runs(trying, runs)))
            helped = {a: step for a, step in trying.items() if self._is_better(a, ends)}
            chosen = chosen | _for_runs(helped, runs)
            left = {anchor: steps for anchor, steps in left.items() if anchor not in chosen}
        return chosen, ends

    def _is_better(self, anchor: str, ends: Ends) -> bool:
        """A page less, or one that is filled as wished; of a remnant, any that is none."""
        if anchor not in ends:
            return False
        saved = ends[anchor]["last"] < self.natural[anchor]["last"]
        least = LEAST if saved or is_remnant(self.natural[anchor]) else WISHED
        return not is_remnant(ends[anchor], least)

    def _steps(self, run: list[str]) -> list[tuple[float, float]]:
        end = {**self.natural[run[-1]], "first": self.natural[run[0]]["first"]}
        known = all(name in self.figures for name in run)
        figures = sum(self.figures[name] for name in run) if known else None
        return [step for step in STEPS if _may_help(end, step, figures)]


def _runs(ends: Ends, known: Mapping[str, Found], left: Container[str]) -> dict[str, list[str]]:
    """By the anchor of each section that could not get rid of its remnant: it and those before it, back to the one that
    begins a page. A short one at the end of such a run has too few lines to gain one. Not where another of the run was
    set otherwise for itself."""
    apart, run, found = set(_apart(ends)), list[str](), dict[str, list[str]]()
    for anchor, end in ends.items():
        before = [] if anchor in apart else run
        run = [*before, anchor]
        settled = any(is_remnant(ends[a]) or (a in known and known[a].step) for a in before)
        if anchor in left and before and not settled and is_remnant(end):
            found[anchor] = run
    return found


def _for_runs(steps: Mapping[str, Any], runs: Mapping[str, list[str]]) -> Fit:
    fit: Fit = {}
    for anchor, step in steps.items():
        fit.update(dict.fromkeys(runs[anchor], step))
    return fit


def _with_breaks(
    ends_of: Callable[[Fit], str], chosen: Fit, ends: Ends, wanted: Breaks
) -> tuple[Fit, Ends]:
    """With those breaks after which the section ends as it should; each by the anchor of what it stands before."""
    if not wanted:
        return chosen, ends
    broken = _broken_before(chosen, wanted)
    found = _by_anchor(ends_of(broken))
    good = [name for name, is_good in wanted.items() if is_good(found)]
    if len(good) == len(wanted):
        return broken, found
    if not good:
        return chosen, ends
    broken = _broken_before(chosen, good)
    return broken, _by_anchor(ends_of(broken))


def _broken_before(chosen: Fit, names: Iterable[str]) -> Fit:
    return chosen | {BREAKS: [*chosen.get(BREAKS, ()), *names]}


def _of_memory(known: Mapping[str, Found]) -> Fit:
    chosen: Fit = {anchor: found.step for anchor, found in known.items() if found.step}
    moved = {name: way for found in known.values() for name, way in found.moved.items()}
    breaks = [name for found in known.values() for name in found.breaks]
    return chosen | ({MOVED: moved} if moved else {}) | ({BREAKS: breaks} if breaks else {})


def _in_order(ends_of: Callable[[Fit], str], chosen: Fit, ends: Ends) -> tuple[Fit, Ends]:
    """No figure over both columns stands before or behind one of another number."""
    for way in WAYS:
        crossed = [name for end in ends.values() for name in end.get("crossed", ())]
        if not crossed:
            break
        chosen = chosen | {MOVED: chosen.get(MOVED, {}) | dict.fromkeys(crossed, way)}
        ends = _by_anchor(ends_of(chosen))
    return chosen, ends


def _may_help(end: Mapping[str, Any], step: tuple[float, float], figures: float | None) -> bool:
    """Whether a step might do, by how long it would make a section: its pictures and its lines each change by their
    own part; of unknown ones the part that changes most is taken."""
    whole, (pitch, size) = _pages(end) - 1, step
    length, luck = whole + end["filled"], _LUCK
    if figures is None:
        long = length * (min(step) if pitch < 1 else pitch)
    else:
        long, luck = (length - figures) * pitch + figures * size, 0
    return bool(long <= whole + luck if pitch < 1 else long >= whole + LEAST - luck)


def _pages(end: Mapping[str, Any]) -> int:
    return int(end["last"] - end["first"] + 1)


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


def figure_pages(data: Mapping[str, Any]) -> dict[str, float]:
    """By section anchor, how many pages its pictures take."""
    page = data["page"]
    room = page["height"] * page["columns"]
    return {section["anchor"]: _heights(section) / room for section in data.get("sections", [])}


def _heights(node: Any) -> float:
    if isinstance(node, list):
        return sum(map(_heights, node))
    if not isinstance(node, dict):
        return 0.0
    if node.get("kind") == "figure":
        height: float = node["height"]
        return height * (2 if node["wide"] else 1)
    return sum(map(_heights, node.values()))


def _apart(ends: Ends) -> list[str]:
    """The sections that begin a page: behind the last page of the one before."""
    before, apart = 0, []
    for anchor, end in ends.items():
        if end["first"] > before:
            apart.append(anchor)
        before = end["last"]
    return apart


def _by_anchor(ends: str) -> Ends:
    """What the template says. A page behind the end of a section and before the next has nothing but a note that found
    no room."""
    found: Ends = {}
    for end in json.loads(ends):
        left_over = end.get("over", 0) > end["last"]
        found[end["anchor"]] = end | ({"last": end["over"], "filled": 0.0} if left_over else {})
    return found
