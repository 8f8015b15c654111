"""What an `auto` mail leaves out so that it fits: clients cut a long mail off, and with it the way to unsubscribe.

Pure: sizes in, plan out. What an editor wrote is never altered. The heaviest article gives way first, the
lead (the issue's first) last: in a first round to a digest, in a second to its title. The last to be cut is
the lightest that suffices, so that as much as fits stays.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence

from newsletter.model.issue import Treatment

Size = Callable[[str, Treatment], int]
"""Bytes of an article, by its anchor, in a treatment."""

_ROUNDS = (
    ({Treatment.FULL}, Treatment.DIGEST),
    # What was no shorter as a digest is still full.
    ({Treatment.FULL, Treatment.DIGEST}, Treatment.TITLE),
)


def fit(
    anchors: Sequence[str],
    settled: Mapping[str, Treatment],
    size: Size,
    room: int,
    lead: str = "",
) -> dict[str, Treatment]:
    """A plan for all `anchors` whose sizes add up to `room` or less; the shortest there is when none does.

    `settled` is what was written. An article that would not get smaller is left as it is.
    """
    plan = {anchor: settled.get(anchor, Treatment.FULL) for anchor in anchors}
    free = [anchor for anchor in anchors if anchor not in settled]
    over = sum(size(anchor, plan[anchor]) for anchor in anchors) - room
    for before, after in _ROUNDS:
        for candidates in ([a for a in free if a != lead], [a for a in free if a == lead]):
            savings = _savings(candidates, plan, size, before, after)
            while over > 0 and savings:
                chosen = _next(savings, over)
                over -= savings.pop(chosen)
                plan[chosen] = after
    return plan


def _savings(
    candidates: Sequence[str],
    plan: Mapping[str, Treatment],
    size: Size,
    before: Container[Treatment],
    after: Treatment,
) -> dict[str, int]:
    """What cutting each would save, heaviest first; only what would save anything."""
    saved = {a: size(a, plan[a]) - size(a, after) for a in candidates if plan[a] in before}
    return dict(sorted(((a, n) for a, n in saved.items() if n > 0), key=lambda item: -item[1]))


def _next(savings: Mapping[str, int], over: int) -> str:
    """The lightest that ends it, else the heaviest."""
    enough = [anchor for anchor, saved in savings.items() if saved >= over]
    return enough[-1] if enough else next(iter(savings))
