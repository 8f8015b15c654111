"""How the campaigns of an issue stand and went: the right half of the send panel, renewed while one runs.

Every number opens its people, and the same people as a CSV file. Charts are SVG made here, each with its table.
"""

from __future__ import annotations

import datetime
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.model.account import Action
from newsletter.model.campaign import Books, Campaign, CampaignStatus, DeliveryStatus, Sample
from newsletter.model.report import DomainLine, LinkLine, Report
from newsletter.web.security import require
from newsletter.web.views import page
from newsletter.web.words import gettext
from newsletter.workflow import campaigns, reports
from newsletter.workflow.preview import PreviewDesk
from newsletter.workflow.scheduling import zone_of
from newsletter.workflow.worker import servers_awake

STATES = ("accepted", "deferred", "refused", "failed", "unknown", "skipped")
MOST_PEOPLE = 200
MOST_LINKS = 20
WIDTH = 1000.0
PATIENCE = 10
"""A report that took so long to make is shown so many times as long."""
_MOVES = (CampaignStatus.SENDING, CampaignStatus.HELD, CampaignStatus.SCHEDULED)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar: its state, where it begins and how wide it is, of `WIDTH`."""

    state: str
    at: float
    width: float


class Reporting:
    """Reports of the desk's publication; one that is dear to make is kept for a while."""

    def __init__(self, desk: PreviewDesk) -> None:
        self._desk = desk
        self._kept: dict[tuple[int, CampaignStatus, bool], tuple[float, Report]] = {}

    def routes(self, at: str) -> list[Route]:
        return [
            Route(f"{at}/progress", self.show, methods=["GET"]),
            Route(f"{at}/people.csv", self.people, methods=["GET"]),
            Route(f"{at}/clicks.csv", self.who_clicked, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The right half alone, which the page asks for while something moves."""
        require(request, Action.SEND)
        return await run_in_threadpool(self._show, request)

    def _show(self, request: Request) -> Response:
        slug = request.path_params["slug"]
        values = self.values(request, slug)
        response = page("studio/send-progress", slug=slug, **values)
        if request.query_params.get("seen", values["standing"]) != values["standing"]:
            response.headers["hx-trigger"] = "moved"  # what may be done next is another thing now
        return response

    async def people(self, request: Request) -> Response:
        """The deliveries of a campaign as CSV, all or those of one state."""
        require(request, Action.SEND)
        campaign, state = _number(request, "campaign"), _state(request)
        text = await run_in_threadpool(reports.people_csv, self._desk.publication, campaign, state)
        return _csv(text, f"campaign-{campaign}{'-' if state else ''}{state}.csv")

    async def who_clicked(self, request: Request) -> Response:
        """Who followed a link of a campaign, or any, as CSV."""
        require(request, Action.SEND)
        campaign, link = _number(request, "campaign"), _number(request, "link")
        text = await run_in_threadpool(reports.clicks_csv, self._desk.publication, campaign, link)
        return _csv(text, f"campaign-{campaign}-clicks{f'-link-{link}' if link else ''}.csv")

    def of_issue(self, slug: str) -> list[tuple[Campaign, Books]]:
        """The campaigns of an issue that have come further than a draft, the newest first."""
        every = campaigns.status(self._desk.publication, slug)
        return [one for one in every if not _is_nothing(one[0])]

    def values(self, request: Request, slug: str) -> dict[str, Any]:
        """What the right half shows."""
        mine = self.of_issue(slug)
        wanted = _number(request, "campaign")
        chosen = next((one for one in mine if one[0].id == wanted), mine[0] if mine else None)
        found = self._report(*chosen) if chosen else None
        state = _state(request)
        people: Sequence[Any] = ()
        more = 0
        if found is not None and state:
            people, more = reports.people(
                self._desk.publication, found.campaign.id, state, MOST_PEOPLE
            )
        clicked: Sequence[Any] = ()
        link = request.query_params.get("link", "")
        if found is not None and found.clicks is not None and link.isascii() and link.isdigit():
            clicked, more = reports.people_who_clicked(
                self._desk.publication, found.campaign.id, _number(request, "link"), MOST_PEOPLE
            )
        standing = _standing(*mine[0]) if mine else ""
        following = {"campaign": wanted, "state": state, "link": link, "seen": standing}
        waiting = next((one for one, _ in mine if one.waiting), None)
        return {
            "report": found,
            "waiting": waiting,
            "left": _seconds_until(waiting),
            "mine": mine,
            "standing": standing,
            "following": urlencode({key: value for key, value in following.items() if value}),
            "people_of": people,
            "more_people": more,
            "clicked_by": clicked,
            "link": link,
            "most_links": MOST_LINKS,
            "state": state,
            "states": STATES,
            "state_words": _state_words(),
            "reason_words": _reason_words(),
            "parts": _parts,
            "click_parts": _click_parts,
            "percent": _percent,
            "spark": _spark(found.samples) if found else "",
            "span": _span,
            "here": partial(datetime.datetime.astimezone, tz=zone_of(self._desk.publication)),
            "moves": any(one.status in _MOVES or _in_hand(books) for one, books in mine),
            "awake": servers_awake(self._desk.publication) if waiting else 1,
        }

    def _report(self, campaign: Campaign, books: Books) -> Report:
        """What was kept of another status is none, nor what was kept while mails of a paused one were under way: once
        nothing moves any more, nobody asks again."""
        key = campaign.id, campaign.status, _in_hand(books)
        kept = self._kept.get(key)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        began = time.monotonic()
        found = reports.report(self._desk.publication, campaign.id)
        took = time.monotonic() - began
        until = time.monotonic() + (PATIENCE * took if took > 0.1 else 0)
        self._kept = {key: (until, found)}
        return found


def _in_hand(books: Books) -> bool:
    """Whether answers of servers are still waited for, as they are for a moment after a campaign was paused."""
    return books.count(DeliveryStatus.SENDING) > 0


def _standing(campaign: Campaign, books: Books) -> str:
    """What the left half follows: the status, and of a paused campaign whether its last answers have come, which are
    no part of what is left to send any more."""
    ending = campaign.status is CampaignStatus.PAUSED and _in_hand(books)
    return f"{campaign.status}{'-ending' if ending else ''}"


def _csv(text: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _is_nothing(campaign: Campaign) -> bool:
    """Whether nothing came of it: a draft, or taken back before its first message."""
    taken_back = campaign.status is CampaignStatus.CANCELLED and campaign.frozen is None
    return taken_back or campaign.status is CampaignStatus.DRAFT


def _parts(counted: Books | DomainLine) -> list[Part]:
    """The pieces of a bar, from left to right."""
    total = counted.prepared if isinstance(counted, Books) else counted.total
    parts, at = [], 0.0
    for state in STATES:
        width = WIDTH * counted.count(DeliveryStatus(state)) / max(1, total)
        if width:
            parts.append(Part(state, round(at, 2), round(width, 2)))
        at += width
    return parts


def _click_parts(line: LinkLine, every: Sequence[LinkLine]) -> list[Part]:
    """The pieces of a link's bar: people's clicks, then those of machines; the longest bar is the whole width."""
    most = max((one.clicks + one.automated for one in every), default=0) or 1
    width = WIDTH * line.clicks / most
    parts = [
        Part("clicked", 0.0, round(width, 2)),
        Part("automated", round(width, 2), round(WIDTH * line.automated / most, 2)),
    ]
    return [part for part in parts if part.width]


def _percent(count: int, total: int) -> str:
    return f"{100 * count / total:.1f} %" if total else ""


def _spark(samples: Sequence[Sample], width: int = 400, height: int = 40) -> str:
    """The points of a line of deliveries a second, for an SVG; empty before there are three."""
    if len(samples) < 3:
        return ""
    rates = []
    for before, after in itertools.pairwise(samples):
        seconds = (after.at - before.at).total_seconds()
        if seconds > 0:
            rates.append((after.at, max(0, after.done - before.done) / seconds))
    if len(rates) < 2:
        return ""
    begin, whole = rates[0][0], (rates[-1][0] - rates[0][0]).total_seconds() or 1.0
    highest = max(rate for _, rate in rates) or 1.0
    return " ".join(
        f"{(at - begin).total_seconds() / whole * width:.1f},{height - 2 - rate / highest * (height - 6):.1f}"
        for at, rate in rates
    )


def _span(seconds: float | None) -> str:
    """`4 min 20 s`, for how long it takes."""
    if seconds is None:
        return ""
    left = max(1, round(seconds))
    hours, minutes, rest = left // 3600, left // 60 % 60, left % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _seconds_until(waiting: Campaign | None) -> int:
    if waiting is None or waiting.wake is None:
        return 0
    return max(0, round((waiting.wake - datetime.datetime.now(datetime.UTC)).total_seconds()))


def _state_words() -> dict[str, str]:
    return {
        "accepted": gettext("accepted"),
        "deferred": gettext("deferred"),
        "refused": gettext("refused"),
        "failed": gettext("failed"),
        "unknown": gettext("unknown"),
        "skipped": gettext("skipped"),
    }


def _reason_words() -> dict[str, str]:
    """Why people are left out, in the language of the page."""
    return {
        "unsubscribed": gettext("unsubscribed"),
        "pending": gettext("not confirmed"),
        "bounced": gettext("bounced"),
        "complained": gettext("complained"),
        "suppressed": gettext("suppressed"),
        "already has this issue": gettext("already have this issue"),
        "may have this issue (unknown)": gettext("may have it (unknown)"),
        "in another campaign of this issue": gettext("in another campaign of it"),
        "refused or failed before": gettext("refused or failed before"),
        "joined since it was sent": gettext("joined since it was sent"),
        "no longer on the list": gettext("no longer on the list"),
        "not in the segment": gettext("not in the segment"),
        "paused": gettext("paused for a while"),
    }


def _state(request: Request) -> str:
    state = request.query_params.get("state", "")
    return state if state in STATES else ""


def _number(request: Request, key: str) -> int:
    value = request.query_params.get(key, "")
    return int(value) if value.isascii() and value.isdigit() else 0
