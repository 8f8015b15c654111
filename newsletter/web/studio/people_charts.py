"""The charts of subscribers as shapes: sizes and places on a drawing board, for the templates to draw as SVG.

Pure arithmetic. Every chart stands over a table with the same numbers; a colour never tells anything alone.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.web.words import gettext
from newsletter.workflow.growth import Growth, Period, SourceCount

WIDTH, LEFT, RIGHT = 840.0, 52.0, 12.0
DIGIT = 9.6
"""How wide a digit of a label is at most: fonts differ, and beside the list the letters are larger."""
LINE_TOP, LINE_BOTTOM = 14.0, 104.0
AXIS, UP, DOWN = 172.0, 46.0, 34.0
HEIGHT = 232.0


@dataclass(frozen=True, slots=True)
class Tick:
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """One period: its bars over and under the axis, and what they say. `label` is empty where there is no room."""

    x: float
    width: float
    joined: tuple[float, float]
    left: tuple[float, float]
    bounced: tuple[float, float]
    label: str
    middle: float
    period: Period


@dataclass(frozen=True, slots=True)
class GrowthChart:
    """`points` is the line of totals, as SVG writes it; bars are `(y, height)`."""

    ticks: tuple[Tick, ...]
    points: str
    last: tuple[float, float]
    columns: tuple[Column, ...]
    bar_ticks: tuple[Tick, ...]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    axis: float = AXIS


@dataclass(frozen=True, slots=True)
class SourceBar:
    count: SourceCount
    confirmed: float
    rest: float
    share: float


def growth_chart(grown: Growth) -> GrowthChart:
    """The line of totals, and under it who joined over who left."""
    periods = grown.periods
    totals = [one.total for one in periods]
    marks = ticks(min(totals, default=0), max(totals, default=0))
    low, high = marks[0], marks[-1]
    labels = [f"{mark:,}" for mark in marks]
    left = max(LEFT, round(12 + DIGIT * max(map(len, labels)), 1))
    step = (WIDTH - left - RIGHT) / max(1, len(periods))

    def height_of(total: int) -> float:
        return round(LINE_BOTTOM - (LINE_BOTTOM - LINE_TOP) * (total - low) / (high - low), 1)

    middles = [round(left + step * (at + 0.5), 1) for at in range(len(periods))]
    line = [(middle, height_of(total)) for middle, total in zip(middles, totals, strict=True)]
    most_up = max((one.joined for one in periods), default=0)
    most_down = max((one.left + one.bounced for one in periods), default=0)
    unit = min(UP / max(1, most_up), DOWN / max(1, most_down))
    return GrowthChart(
        tuple(Tick(height_of(mark), text) for mark, text in zip(marks, labels, strict=True)),
        " ".join(f"{x},{y}" for x, y in line),
        line[-1] if line else (left, LINE_BOTTOM),
        tuple(_column(periods, at, step, unit, left) for at in range(len(periods))),
        _bar_ticks(most_up, most_down, unit),
        left=left,
    )


def source_bars(sources: Sequence[SourceCount]) -> tuple[SourceBar, ...]:
    """Each source as a bar of a thousand units at most: who is confirmed of it, and the rest."""
    most = max((one.people for one in sources), default=1) or 1
    every = sum(one.people for one in sources) or 1
    return tuple(
        SourceBar(
            one,
            round(1000 * one.confirmed / most, 1),
            round(1000 * (one.people - one.confirmed) / most, 1),
            one.people / every,
        )
        for one in sources
    )


def ticks(low: int, high: int, most: int = 4) -> tuple[int, ...]:
    """Round numbers from at most `low` to at least `high`, evenly apart, at least two."""
    span = max(1, high - low)
    size = 1
    while not any(span <= factor * size * (most - 2) for factor in (1, 2, 5)):
        size *= 10
    step = next(factor * size for factor in (1, 2, 5) if span <= factor * size * (most - 2))
    first = low // step * step
    found = [first]
    while found[-1] < high or len(found) < 2:
        found.append(found[-1] + step)
    return tuple(found)


def month_name(month: int) -> str:
    names = (
        gettext("Jan"),
        gettext("Feb"),
        gettext("Mar"),
        gettext("Apr"),
        gettext("May"),
        gettext("Jun"),
        gettext("Jul"),
        gettext("Aug"),
        gettext("Sep"),
        gettext("Oct"),
        gettext("Nov"),
        gettext("Dec"),
    )
    return names[month - 1]


def _column(periods: Sequence[Period], at: int, step: float, unit: float, start: float) -> Column:
    one = periods[at]
    wide = round(min(step * 0.62, 26), 1)
    middle = start + step * (at + 0.5)
    up, left, bounced = (unit * number for number in (one.joined, one.left, one.bounced))
    return Column(
        round(middle - wide / 2, 1),
        wide,
        (round(AXIS - up, 1), round(up, 1)),
        (AXIS, round(left, 1)),
        (round(AXIS + left, 1), round(bounced, 1)),
        _label(periods, at),
        round(middle, 1),
        one,
    )


def _label(periods: Sequence[Period], at: int) -> str:
    """The month, where it begins; the year as well in January."""
    day = periods[at].start
    before = periods[at - 1].start if at else None
    new = before is None or before.month != day.month
    crowded = before is None and len(periods) > 1 and _next_month(periods[1].start, day)
    if not new or crowded:
        return ""
    name = month_name(day.month)
    if day.month > 1 or not at:
        return name
    return gettext("%(month)s %(year)s", month=name, year=day.year)


def _next_month(one: datetime.date, other: datetime.date) -> bool:
    days_apart = (one - other).days
    return days_apart < 20 and one.month != other.month


def _bar_ticks(up: int, down: int, unit: float) -> tuple[Tick, ...]:
    found = [Tick(AXIS + 4, "0")]
    if up * unit >= 14:
        found.insert(0, Tick(round(AXIS - up * unit + 4, 1), f"+{up:,}"))
    if down * unit >= 14:
        found.append(Tick(round(AXIS + down * unit + 4, 1), f"−{down:,}"))
    return tuple(found)
