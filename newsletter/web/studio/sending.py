"""The send panel: who gets the issue, what it is, when, a test, the typed count, the undo. How it stands is beside it,
made by `reporting`.

The same workflow functions as the command line; nothing is decided here. What was confirmed is written down at once,
held for `HELD` seconds in which it can be taken back, or scheduled, and sent by the worker of this server; should the
server end meanwhile, the next one goes on with it, or asks when too much time has passed.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from newsletter.model.account import Account, Action
from newsletter.model.campaign import Campaign, Selection
from newsletter.model.segment import Segment
from newsletter.problems import NewsletterError, Problem, Severity, UsageError
from newsletter.web.problem_words import sentence
from newsletter.web.security import account_of, require
from newsletter.web.studio.origin import refuse_other_sites
from newsletter.web.studio.parts import part_of
from newsletter.web.studio.reporting import Reporting
from newsletter.web.views import page
from newsletter.workflow import campaigns, lists, segments, steering
from newsletter.workflow.campaigns import SendPlan
from newsletter.workflow.inbox import inbox_rows
from newsletter.workflow.operator import operator
from newsletter.workflow.persons import person_by_address
from newsletter.workflow.preview import PreviewDesk
from newsletter.workflow.scheduling import appointment, told_moment
from newsletter.workflow.stages import STEPS
from newsletter.workflow.worker import Worker

HELD = 60.0
"""Seconds in which a send can be taken back."""
_FLAGS = ("again", "newcomers", "retry")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the form at the left says: to which lists, and whom of them."""

    lists: tuple[str, ...]
    selection: Selection

    @property
    def query(self) -> str:
        """The same, for an address."""
        pairs = [("list", name) for name in self.lists]
        pairs += [(flag, "1") for flag in _FLAGS if getattr(self.selection, flag)]
        if self.selection.correction:
            pairs.append(("correction", self.selection.correction))
        if self.selection.segment is not None:
            pairs.append(("segment", self.selection.segment.name))
        return f"?{urlencode(pairs)}" if pairs else ""


class Sending:
    """The endpoints under `/studio/{slug}/send`."""

    def __init__(self, desk: PreviewDesk, worker: Worker, held: float = HELD) -> None:
        self._desk = desk
        self._worker = worker
        self._held = held
        self._reporting = Reporting(desk)

    def routes(self) -> list[Route]:
        at = "/studio/{slug}/send"
        acts: dict[str, Callable[[str, FormData, Account], str]] = {
            "test": self._test,
            "approve": self._approve,
            "go": self._go,
            "undo": self._undo,
            "pause": self._pause,
            "resume": self._resume,
            "cancel": self._cancel,
            "settle": self._settle,
        }
        return [
            Route(at, self.show, methods=["GET"]),
            *self._reporting.routes(at),
            *(
                Route(f"{at}/{name}", self._act(act), methods=["POST"])
                for name, act in acts.items()
            ),
        ]

    async def show(self, request: Request) -> Response:
        require(request, Action.SEND)
        return await run_in_threadpool(self._page, request, "")

    def _page(self, request: Request, told: str, status: int = 200) -> Response:
        slug = request.path_params["slug"]
        publication = self._desk.publication
        shown = self._desk.shown(slug)
        every = lists.all_lists(publication)
        saved = segments.all_segments(publication)
        wanted = _wanted(
            request.query_params, [one.list.name for one in every], self._usual(), saved
        )
        plan, refusal = self._plan(slug, wanted)
        actor = _name(account_of(request))
        mine = self._reporting.of_issue(slug)
        alone = part_of(request) == "plan"
        return page(
            "studio/send-part" if alone else "studio/send",
            status,
            publication=publication,
            slug=slug,
            shown=shown,
            lists=every,
            segments=saved,
            wanted=wanted,
            every_list=_every_list(wanted, [one.list.name for one in every]),
            plan=plan,
            refusal=refusal,
            told=told,
            tested=request.query_params.get("tested", "")[:200],
            undone=request.query_params.get("undone") == "1",
            inbox=self._inbox(plan),
            errors=_count(shown.problems, Severity.ERROR),
            warnings=_count(shown.problems, Severity.WARNING),
            silenced=shown.silenced,
            stage=self._desk.stage(slug),
            steps=STEPS,
            waits=self._waits(plan),
            was_sent=any(one.frozen for one, _ in mine),
            needs_approval=publication.settings.approval == "required",
            actor=actor,
            zone=publication.settings.timezone,
            held_for=round(self._held),
            now=datetime.datetime.now().astimezone(),
            moment=_moment,
            **self._reporting.values(request, slug),
        )

    def _usual(self) -> str:
        return self._desk.publication.settings.default_list

    def _plan(self, slug: str, wanted: Wanted) -> tuple[SendPlan | None, NewsletterError | None]:
        if not wanted.lists:
            return None, None
        try:
            selection = wanted.selection
            return campaigns.plan(
                self._desk.publication, slug, wanted.lists, selection=selection
            ), None
        except NewsletterError as caught:
            return None, caught

    def _waits(self, plan: SendPlan | None) -> int:
        """How many get what is held or scheduled, counted now."""
        if plan is None or plan.waiting is None:
            return 0
        return steering.recipients(self._desk.publication, plan.waiting.campaign.id)

    def _inbox(self, plan: SendPlan | None) -> Any:
        if plan is None:
            return None
        mail = self._desk.mail_for(plan.content.slug)
        sender = plan.content.sender_name or plan.content.sender_email
        return inbox_rows(sender, mail.subject if mail else "", mail.preheader if mail else "")[1]

    def _act(self, act: Callable[[str, FormData, Account], str]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            refuse_other_sites(request)
            account = require(request, Action.SEND)
            slug = request.path_params["slug"]
            async with request.form(max_files=0, max_fields=40) as form:
                try:
                    query = await run_in_threadpool(act, slug, form, account)
                except NewsletterError as caught:
                    told = sentence(caught)
                    return await run_in_threadpool(self._page, request, told, 409)
            return RedirectResponse(f"/studio/{quote(slug, safe='')}/send{query}", 303)

        return endpoint

    def _test(self, slug: str, form: FormData, account: Account) -> str:
        given = _text(form, "to").replace(";", ",").split(",")
        to = [one.strip() for one in given if one.strip()]
        address = self._read_by(_text(form, "person"), _text(form, "as").strip())
        campaigns.send_test(self._desk.publication, slug, to, as_address=address)
        query = self._wanted_by(form).query
        return f"{query}{'&' if query else '?'}{urlencode({'tested': ', '.join(to)})}"

    def _read_by(self, key: str, typed: str) -> str:
        """As whom a test is read: who was chosen from the list, else whose address was typed, else nobody."""
        chosen = self._desk.person(key) if key else None
        if chosen is None and typed:
            chosen = person_by_address(self._desk.publication, typed)
        return chosen.address if chosen else ""

    def _approve(self, slug: str, form: FormData, account: Account) -> str:
        wanted = self._wanted_by(form)
        plan = self._needed(slug, wanted)
        campaigns.approve(self._desk.publication, plan, actor=_name(account))
        return wanted.query

    def _go(self, slug: str, form: FormData, account: Account) -> str:
        """Holds or schedules what was confirmed; the worker sends it."""
        publication, wanted = self._desk.publication, self._wanted_by(form)
        plan = self._needed(slug, wanted)
        typed, when = _count_of(form), _text(form, "at").strip()
        if plan.resumed is not None:
            steering.wake(publication, plan.resumed.campaign.id, typed, actor=_name(account))
        elif _text(form, "when") == "later" or when:
            moment = appointment(publication, when.replace("T", " "), fold=_fold(form))
            campaigns.schedule(publication, plan, typed, moment, actor=_name(account))
        else:
            campaigns.hold(publication, plan, typed, self._held, actor=_name(account))
        self._worker.nudge()
        return wanted.query

    def _wanted_by(self, form: FormData) -> Wanted:
        saved = segments.all_segments(self._desk.publication)
        return Wanted(
            tuple(str(one) for one in form.getlist("list")),
            _selection(lambda key: _text(form, key), saved),
        )

    def _needed(self, slug: str, wanted: Wanted) -> SendPlan:
        return campaigns.plan(
            self._desk.publication, slug, wanted.lists, selection=wanted.selection
        )

    def _undo(self, slug: str, form: FormData, account: Account) -> str:
        steering.take_back(self._desk.publication, _number(form), actor=_name(account))
        return "?undone=1"

    def _pause(self, slug: str, form: FormData, account: Account) -> str:
        steering.pause(self._desk.publication, _number(form), actor=_name(account))
        return ""

    def _cancel(self, slug: str, form: FormData, account: Account) -> str:
        steering.cancel(self._desk.publication, _number(form), actor=_name(account))
        return ""

    def _resume(self, slug: str, form: FormData, account: Account) -> str:
        campaign = _number(form)
        steering.wake(self._desk.publication, campaign, _count_of(form), actor=_name(account))
        self._worker.nudge()
        return f"?campaign={campaign}"

    def _settle(self, slug: str, form: FormData, account: Account) -> str:
        campaign, address = _number(form), _text(form, "address")
        arrived = _text(form, "arrived") == "yes"
        steering.settle(
            self._desk.publication,
            campaign,
            accepted=[address] if arrived else [],
            not_accepted=[] if arrived else [address],
            actor=_name(account),
        )
        return f"?campaign={campaign}&state=unknown#people"


def _every_list(wanted: Wanted, names: Sequence[str]) -> str:
    """The query by which the same is sent to all lists."""
    return replace(wanted, lists=tuple(names)).query


def _wanted(
    query: QueryParams, names: Sequence[str], usual: str, saved: Sequence[Segment]
) -> Wanted:
    chosen = tuple(name for name in query.getlist("list") if name in names)
    if not chosen:
        chosen = (usual,) if usual in names else tuple(names[:1])
    return Wanted(chosen, _selection(query.get, saved))


def _selection(get: Callable[[str], str | None], saved: Sequence[Segment]) -> Selection:
    again, newcomers, retry = (bool(get(flag)) for flag in _FLAGS)
    note = (get("correction") or "").strip()[:2000]
    name = get("segment") or ""
    segment = next((one for one in saved if one.name == name), None)
    if name and segment is None:
        raise UsageError(f"there is no segment {name}")
    return Selection(again or bool(note), newcomers, retry, note, segment)


def _moment(campaign: Campaign) -> str:
    """When a campaign goes on by itself, in words."""
    return told_moment(campaign.wake, campaign.wall, campaign.zone) if campaign.wake else ""


def _name(account: Account) -> str:
    """Who acts, for the record: the account's name; at this machine that of the login, as on the command line."""
    return account.name if account.id else operator()


def _count(problems: tuple[Problem, ...], severity: Severity) -> int:
    return sum(problem.severity is severity for problem in problems)


def _count_of(form: FormData) -> int | None:
    """The number that was typed, with or without commas; None for anything else."""
    typed = "".join(_text(form, "count").replace(",", "").split())
    return int(typed) if typed.isascii() and typed.isdecimal() else None


def _fold(form: FormData) -> Literal["", "first", "second"]:
    said = _text(form, "fold")
    return "first" if said == "first" else "second" if said == "second" else ""


def _text(form: FormData, key: str) -> str:
    value = form.get(key, "")
    return value if isinstance(value, str) else ""


def _number(form: FormData) -> int:
    value = _text(form, "campaign")
    return int(value) if value.isascii() and value.isdigit() else 0
