"""Dates and times as files write them. What can be read in two ways (03/04/2020) is not read at all: a time of consent
is evidence, and a wrong one is worse than none.
"""

from __future__ import annotations

import datetime
import re

_FORMATS = (
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%Y年%m月%d日",
    "%b %d, %Y",
    "%B %d, %Y",
    "%d %b %Y",
    "%d %B %Y",
    "%a, %d %b %Y",
    "%a %b %d %Y",
)
_TIMES = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p", " %H:%M:%S %z")
_PARTED = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4})(.*)", re.DOTALL)
_ISO_ZONE = re.compile(r" ?([+-]\d\d):?(\d\d)( UTC)?$")
_UTC = re.compile(r" (UTC|GMT|Z)$")
_SECONDS = range(946_684_800, 4_102_444_800)
"""Seconds since 1970 that are taken for a time: from 2000 to 2100."""


def moment(text: str) -> datetime.datetime | None:
    """A date and time, UTC where they do not say; None for anything else."""
    found = _iso(text) or _written(text) or _counted(text)
    if found is None:
        return None
    try:
        return (
            found.replace(tzinfo=datetime.UTC)
            if found.tzinfo is None
            else found.astimezone(datetime.UTC)
        )
    except OverflowError:
        return None


def _iso(text: str) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        pass
    if not text[:4].isdecimal():
        return None
    try:
        return datetime.datetime.fromisoformat(_ISO_ZONE.sub(r"\1:\2", text))
    except ValueError:
        return None


def _written(text: str) -> datetime.datetime | None:
    if not any(character.isdecimal() for character in text) or len(text) > 60:
        return None
    plain = _unambiguous(_UTC.sub("", text))
    for form in _FORMATS:
        for time in _TIMES:
            try:
                return datetime.datetime.strptime(plain, f"{form}{time}")  # noqa: DTZ007
            except ValueError:
                continue
    return None


def _unambiguous(text: str) -> str:
    """31/01/2020 and 01/31/2020 as 31.01.2020; 03/04/2020 as it is, unless both are the same number."""
    found = _PARTED.fullmatch(text)
    if found is None:
        return text
    one, _, other, year, rest = found.groups()
    if int(one) > 12 or one == other:
        return f"{one}.{other}.{year}{rest}"
    return f"{other}.{one}.{year}{rest}" if int(other) > 12 else text


def _counted(text: str) -> datetime.datetime | None:
    if not text.isdecimal() or len(text) not in (10, 13):
        return None
    seconds = int(text[:10])
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC) if seconds in _SECONDS else None
