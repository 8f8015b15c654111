"""A moment as a person names it: wall time in the publication's time zone, told in UTC as well.

A wall time that summer time leaps over does not exist and is refused; one that it repeats is asked about, for
nobody can know which of the two is meant.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from newsletter.problems import UsageError
from newsletter.publication import Publication

Fold = Literal["", "first", "second"]
_WALL = "%Y-%m-%d %H:%M"


@dataclass(frozen=True, slots=True)
class Appointment:
    """`moment` is UTC; `wall` and `zone` are what a person said."""

    moment: datetime.datetime
    wall: str
    zone: str

    def __str__(self) -> str:
        return told_moment(self.moment, self.wall, self.zone)


def appointment(
    publication: Publication, text: str, *, fold: Fold = "", now: datetime.datetime | None = None
) -> Appointment:
    """The moment that a person names, as `2026-12-01 09:00` in the publication's time zone, or with its distance
    from UTC (`2026-12-01T09:00+08:00`). `fold` says which of two is meant where the clock is set back.

    Raises UsageError for what is no time, is over, does not exist, or exists twice without `fold`.
    """
    zone = zone_of(publication)
    try:
        named = datetime.datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"not a time: {text}", 'Write date and time: --at "2026-12-01 09:00"'
        ) from None
    if len(text.strip()) <= 10:
        raise UsageError(f"at which hour of {text.strip()}?", f'--at "{text.strip()} 09:00"')
    moment = _moment(named, zone, fold) if named.tzinfo is None else named.astimezone(datetime.UTC)
    if moment <= (now or datetime.datetime.now(datetime.UTC)):
        raise UsageError(f"{text} ({zone.key}) is over", "Without --at it is sent now.")
    return Appointment(moment, moment.astimezone(zone).strftime(_WALL), zone.key)


def zone_of(publication: Publication) -> ZoneInfo:
    """The publication's time zone. Raises UsageError where this machine knows none of that name."""
    try:
        return ZoneInfo(publication.settings.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"no such time zone: {publication.settings.timezone}",
            "timezone in newsletter.toml is a name such as Asia/Shanghai or Europe/Berlin; "
            "where a machine knows no zones at all: pip install tzdata",
        ) from None


def told_moment(moment: datetime.datetime, wall: str = "", zone: str = "") -> str:
    """`Tue 2026-12-01 09:00 Asia/Shanghai (01:00 UTC)`; only the latter without a zone."""
    utc = moment.astimezone(datetime.UTC)
    if not wall:
        return f"{utc:%a %Y-%m-%d %H:%M} UTC"
    if zone == "UTC":
        return f"{utc:%a} {wall} UTC"
    day = datetime.date.fromisoformat(wall[:10])
    other_day = f"{utc:%Y-%m-%d} " if utc.date() != day else ""
    return f"{day:%a} {wall} {zone} ({other_day}{utc:%H:%M} UTC)"


def told_wait(seconds: float) -> str:
    """`in 8 d 6 h`, `in 25 min`, `in 40 s`: two units at most, nothing smaller than matters."""
    left = max(0, round(seconds))
    days, hours, minutes = left // 86_400, left // 3600 % 24, left // 60 % 60
    if days:
        return f"in {days} d {hours} h" if hours else f"in {days} d"
    if hours:
        return f"in {hours} h {minutes} min" if minutes else f"in {hours} h"
    return f"in {minutes} min" if left >= 60 else f"in {left} s"


def _moment(wall: datetime.datetime, zone: ZoneInfo, fold: Fold) -> datetime.datetime:
    first = wall.replace(tzinfo=zone, fold=0).astimezone(datetime.UTC)
    second = wall.replace(tzinfo=zone, fold=1).astimezone(datetime.UTC)
    if first.astimezone(zone).replace(tzinfo=None, fold=0) != wall:
        after = wall.replace(tzinfo=zone, fold=0).astimezone(datetime.UTC).astimezone(zone)
        raise UsageError(
            f"{wall:{_WALL}} does not exist in {zone.key}: the clock leaps over it",
            f'The next that exists: --at "{after:{_WALL}}"',
        )
    if first == second or fold == "first":
        return first
    if fold == "second":
        return second
    raise UsageError(
        f"{wall:{_WALL}} comes twice in {zone.key}: the clock is set back",
        f"Say which: --fold first ({first:%H:%M} UTC) or --fold second ({second:%H:%M} UTC)",
    )
