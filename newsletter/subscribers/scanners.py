"""What follows links without being a person: told by what it says of itself, by haste, and by following many at once.

Nothing here is certain. A scanner that says it is a browser, waits and follows one link is taken for a person; that is
why reports show both numbers, and why nothing is ever decided by a click.
"""

from __future__ import annotations

import datetime
import re
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass

SCANNER, EARLY, BURST = "scanner", "early", "burst"
"""Why a click is taken for a machine's."""
HASTE = datetime.timedelta(seconds=10)
"""Nobody reads a mail and follows a link in so short a time after a server took it."""
WINDOW = datetime.timedelta(seconds=10)
MANY = 6
"""So many different links in that time are no person's clicks; or all of a mail's, from three on."""
FEWEST = 3
_MOST_FOLLOWED = 20_000
_MACHINES = re.compile(
    r"bot\b|bot[/ ]|crawl|spider|scan|preview|prefetch|monitor|check|fetch|validator|headless|phantom"
    r"|barracuda|proofpoint|mimecast|symantec|messagelabs|forcepoint|websense|fortiguard|trendmicro|ironport"
    r"|cloudmark|zscaler|safebrowsing|safelinks|urldefense|virustotal|phish|facebookexternalhit|slurp"
    r"|curl|wget|python|java/|okhttp|go-http|libwww|httpclient|node-fetch|axios|ruby|perl|php/|winhttp",
    re.IGNORECASE,
)
_AHEAD = ("purpose", "sec-purpose", "x-purpose", "x-moz")


def says_it_is_one(headers: Mapping[str, str]) -> bool:
    """Whether a request says of itself that no person has made it: by its program's name, by having none, or by
    fetching ahead."""
    agent = headers.get("user-agent", "")
    if not agent.strip() or _MACHINES.search(agent):
        return True
    return any("prefetch" in headers.get(name, "").lower() for name in _AHEAD)


def is_early(at: datetime.datetime, accepted: datetime.datetime | None) -> bool:
    """Whether a click came before anybody can have read the mail; it was not even delivered where it is not known
    when it was accepted."""
    return accepted is None or at < accepted + HASTE


@dataclass(slots=True)
class _Step:
    at: datetime.datetime
    number: int
    click: int


class Bursts:
    """Who follows many different links within seconds. It remembers for seconds, in memory alone."""

    def __init__(self) -> None:
        self._followed: OrderedDict[object, deque[_Step]] = OrderedDict()

    def seen(
        self, who: object, at: datetime.datetime, number: int, click: int, links: int
    ) -> tuple[int, ...]:
        """The clicks, by their ids, that are a machine's with this one; none where it is the click of a person.
        `links` is how many the mail has."""
        steps = self._followed.setdefault(who, deque())
        self._followed.move_to_end(who)
        while steps and steps[0].at < at - WINDOW:
            steps.popleft()
        steps.append(_Step(at, number, click))
        if len(self._followed) > _MOST_FOLLOWED:
            self._followed.popitem(last=False)
        different = len({step.number for step in steps})
        if different >= max(FEWEST, min(MANY, links)):
            return tuple(step.click for step in steps)
        return ()
