"""The send panel: who gets the issue, what it is, a test, the typed count, the undo, and how it stands.

The same workflow functions as the command line; nothing is decided here. A send that was confirmed waits for
`HELD` seconds in which it can be taken back, then runs in a thread of this server. Should the server end
meanwhile, nothing was sent before the window closed, and what was begun goes on with `newsletter send`.
"""

from __future__ import annotations

import datetime
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from newsletter.model.account import Action
from newsletter.model.campaign import Books, Campaign, CampaignStatus, Delivery, DeliveryStatus
from newsletter.problems import NewsletterError, Problem, Severity
from newsletter.web.security import require
from newsletter.web.studio.origin import refuse_other_sites
from newsletter.web.views import page
from newsletter.workflow import campaigns, lists, steering
from newsletter.workflow.campaigns import SendPlan
from newsletter.workflow.inbox import inbox_rows
from newsletter.workflow.preview import PreviewDesk

HELD = 60.0
"""Seconds in which a send can be taken back."""
SHOWN_PEOPLE = 200
_SHOWN_STATES = ("accepted", "deferred", "refused", "failed", "unknown", "skipped")


@dataclass(slots=True)
class Job:
    """One send that was confirmed here. `state` is held, sending, done or failed."""

    slug: str
    recipients: int
    begins: float
    state: str = "held"
    message: str = ""
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def left(self) -> int:
        """Seconds until it begins."""
        return max(0, round(self.begins - time.monotonic()))


class Sending:
    """The endpoints under `/studio/{slug}/send`."""

    def __init__(self, desk: PreviewDesk, held: float = HELD) -> None:
        self._desk = desk
        self._held = held
        self._jobs: dict[str, Job] = {}
        self._guard = threading.Lock()

    def routes(self) -> list[Route]:
        at = "/studio/{slug}/send"
        return [
            Route(at, self.show, methods=["GET"]),
            Route(f"{at}/test", self._act(self._test), methods=["POST"]),
            Route(f"{at}/go", self._act(self._go), methods=["POST"]),
            Route(f"{at}/undo", self._act(self._undo), methods=["POST"]),
            Route(f"{at}/pause", self._act(self._pause), methods=["POST"]),
            Route(f"{at}/resume", self._act(self._resume), methods=["POST"]),
            Route(f"{at}/cancel", self._act(self._cancel), methods=["POST"]),
        ]

    def stop(self) -> None:
        """The server ends: what is held is not sent, what runs stops after what it has in hand."""
        for job in self._jobs.values():
            job.stop.set()

    async def show(self, request: Request) -> Response:
        require(request, Action.SEND)
        return await run_in_threadpool(self._page, request, "")

    def _page(self, request: Request, told: str, status: int = 200) -> Response:
        slug = request.path_params["slug"]
        query = request.query_params
        publication = self._desk.publication
        shown = self._desk.shown(slug)
        every = lists.all_lists(publication)
        chosen = [
            name for name in query.getlist("list") if any(one.list.name == name for one in every)
        ]
        if not chosen:
            usual = publication.settings.default_list
            names = [one.list.name for one in every]
            chosen = [usual] if usual in names else names[:1]
        plan, refusal = self._plan(slug, chosen)
        mine = [(one, books) for one, books in campaigns.status(publication) if one.slug == slug]
        state = query.get("state", "")
        return page(
            "studio/send",
            status,
            publication=publication,
            slug=slug,
            at=f"/studio/{quote(slug, safe='')}/send",
            shown=shown,
            lists=every,
            chosen=chosen,
            plan=plan,
            refusal=refusal,
            told=told,
            tested=query.get("tested", "")[:200],
            undone=query.get("undone") == "1",
            inbox=self._inbox(plan),
            errors=_count(shown.problems, Severity.ERROR),
            warnings=_count(shown.problems, Severity.WARNING),
            silenced=shown.silenced,
            people=self._desk.people(""),
            job=self._jobs.get(slug),
            campaigns=[_progress(one, books) for one, books in mine],
            latest=_details(publication, mine[0][0].id) if mine else None,
            state=state if state in _SHOWN_STATES else "",
            now=datetime.datetime.now().astimezone(),
        )

    def _plan(self, slug: str, chosen: list[str]) -> tuple[SendPlan | None, NewsletterError | None]:
        if not chosen:
            return None, None
        try:
            return campaigns.plan(self._desk.publication, slug, chosen), None
        except NewsletterError as caught:
            return None, caught

    def _inbox(self, plan: SendPlan | None) -> Any:
        if plan is None:
            return None
        mail = self._desk.mail_for(plan.content.slug)
        sender = plan.content.sender_name or plan.content.sender_email
        return inbox_rows(sender, mail.subject if mail else "", mail.preheader if mail else "")[1]

    def _act(self, act: Callable[[str, FormData], str]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            refuse_other_sites(request)
            require(request, Action.SEND)
            slug = request.path_params["slug"]
            async with request.form(max_files=0, max_fields=40) as form:
                try:
                    query = await run_in_threadpool(act, slug, form)
                except NewsletterError as caught:
                    told = f"{caught.message} {caught.hint}".strip()
                    return await run_in_threadpool(self._page, request, told, 409)
            return RedirectResponse(f"/studio/{quote(slug, safe='')}/send{query}", 303)

        return endpoint

    def _test(self, slug: str, form: FormData) -> str:
        to = [one for one in _text(form, "to").replace(";", ",").split(",") if one.strip()]
        person = self._desk.person(_text(form, "person"))
        publication = self._desk.publication
        campaigns.send_test(
            publication,
            slug,
            [one.strip() for one in to],
            as_address=person.address if person else "",
        )
        return f"?tested={quote(', '.join(one.strip() for one in to))}"

    def _go(self, slug: str, form: FormData) -> str:
        chosen = [str(one) for one in form.getlist("list")]
        plan = campaigns.plan(self._desk.publication, slug, chosen)
        typed = "".join(one for one in _text(form, "count") if one.isdigit())
        count = int(typed) if typed else None
        campaigns.refuse_unconfirmed(plan, count)
        with self._guard:
            before = self._jobs.get(slug)
            if before is None or before.state not in ("held", "sending"):
                job = Job(slug, plan.recipients, time.monotonic() + self._held)
                self._jobs[slug] = job
                target = lambda: self._run(job, plan, count)  # noqa: E731
                threading.Thread(target=target, name=f"send {slug}", daemon=True).start()
        return "".join(f"{'&' if at else '?'}list={quote(one)}" for at, one in enumerate(chosen))

    def _run(self, job: Job, plan: SendPlan, count: int | None) -> None:
        if job.stop.wait(max(0.0, job.begins - time.monotonic())):
            job.state, job.message = "done", ""
            return
        job.state = "sending"
        try:
            campaigns.send(self._desk.publication, plan, count, stopping=job.stop.is_set)
            job.state = "done"
        except NewsletterError as caught:
            job.state, job.message = "failed", f"{caught.message} {caught.hint}".strip()

    def _undo(self, slug: str, form: FormData) -> str:
        job = self._jobs.get(slug)
        if job is not None and job.state == "held":
            job.stop.set()
            self._jobs.pop(slug, None)
            return "?undone=1"
        return ""

    def _pause(self, slug: str, form: FormData) -> str:
        steering.pause(self._desk.publication, _number(form))
        return ""

    def _cancel(self, slug: str, form: FormData) -> str:
        steering.cancel(self._desk.publication, _number(form))
        return ""

    def _resume(self, slug: str, form: FormData) -> str:
        campaign = _number(form)
        job = Job(slug, 0, time.monotonic(), state="sending")
        self._jobs[slug] = job

        def run() -> None:
            try:
                steering.resume(self._desk.publication, campaign, stopping=job.stop.is_set)
                job.state = "done"
            except NewsletterError as caught:
                job.state, job.message = "failed", f"{caught.message} {caught.hint}".strip()

        threading.Thread(target=run, name=f"resume {campaign}", daemon=True).start()
        return ""


def _progress(campaign: Campaign, books: Books) -> dict[str, Any]:
    total = max(1, books.prepared)
    counts = [(state, books.count(DeliveryStatus(state))) for state in _SHOWN_STATES]
    parts, left = [], 0.0
    for state, count in counts:
        parts.append((state, round(left, 2), round(1000 * count / total, 2)))
        left += 1000 * count / total
    running = campaign.status in (CampaignStatus.APPROVED, CampaignStatus.SENDING)
    return {
        "campaign": campaign,
        "books": books,
        "counts": counts,
        "parts": parts,
        "running": running,
        "paused": campaign.status is CampaignStatus.PAUSED,
    }


def _details(publication: Any, campaign: int) -> dict[str, Any]:
    """The people whom somebody should know of, and the replies that came most often."""
    people: tuple[Delivery, ...] = campaigns.not_delivered(publication, campaign)
    replies = Counter((str(one.status), one.code, one.reply or one.reason) for one in people)
    return {
        "people": people[:SHOWN_PEOPLE],
        "more": max(0, len(people) - SHOWN_PEOPLE),
        "replies": replies.most_common(12),
    }


def _count(problems: tuple[Problem, ...], severity: Severity) -> int:
    return sum(problem.severity is severity for problem in problems)


def _text(form: FormData, key: str) -> str:
    value = form.get(key, "")
    return value if isinstance(value, str) else ""


def _number(form: FormData) -> int:
    value = _text(form, "campaign")
    return int(value) if value.isascii() and value.isdigit() else 0
