"""Changing many people at once: those ticked on the page, or everybody whom the filters find.

    GET  /subscribers/bulk?do=…&id=…       what is to be done, to how many; at the side of the list
    POST /subscribers/bulk                 does it: one batch, an event for each person, with who did it
    GET  /subscribers/bulk/run/<id>        how far it is, where it takes longer than a moment
    POST /subscribers/undo                 undoes a batch, where nothing happened to a person since

What takes mail away from people wants their number typed. It must still be the number that was shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from newsletter.model.people import BulkResult
from newsletter.problems import UsageError
from newsletter.web.problem_words import error_message
from newsletter.web.studio import people_jobs
from newsletter.web.studio.people_choice import PeopleChoice, people_choice
from newsletter.web.studio.people_done import done_of
from newsletter.web.studio.people_frame import AT, Frame, actor_of, number_of, text_of
from newsletter.web.studio.people_jobs import Job, Jobs, Progress
from newsletter.web.studio.people_listing import Listings
from newsletter.web.words import gettext
from newsletter.workflow import bulk, people
from newsletter.workflow.importing import undo_import

DANGEROUS = frozenset({"leave", "suppress", "forget"})
MOST_IDS = 500
_TYPED = ("to", "consent", "tag", "away", "key", "value", "reason")


class BulkPages:
    def __init__(self, frame: Frame, listings: Listings) -> None:
        self._frame = frame
        self._listings = listings
        self._jobs = Jobs()

    def routes(self) -> list[Route]:
        frame, at = self._frame, f"{AT}/bulk"
        return [
            Route(at, frame.shown(self._ask), methods=["GET"]),
            Route(at, frame.done(self._act, self._again), methods=["POST"]),
            Route(f"{at}/run/{{id}}", frame.shown(self._follow), methods=["GET"]),
            Route(f"{AT}/undo", frame.done(self._undo, self._list), methods=["POST"]),
        ]

    def _ask(self, request: Request, told: str) -> Response:
        query = request.query_params
        return self._panel(request, query, query.getlist("id"), told)

    def _again(self, request: Request, told: str) -> Response:
        form: FormData = request.state.typed
        return self._panel(request, _texts(form), form.getlist("id"), told)

    def _panel(
        self, request: Request, fields: Mapping[str, str], given: Sequence[object], told: str
    ) -> Response:
        do, ids, choice = fields.get("do", ""), _ids(given), people_choice(fields)
        if do not in _titles():
            return RedirectResponse(AT, 303)
        count = 0
        try:
            count = self._count(choice, ids)
        except UsageError as caught:
            told = told or error_message(caught.message)
        return self._frame.page(
            request,
            "bulk",
            "people",
            told=told,
            do=do,
            title=_titles()[do],
            dangerous=do in DANGEROUS,
            ids=ids,
            choice=choice,
            count=count,
            typed={name: text_of(fields, name, 2000) for name in _TYPED},
            listing=self._listings.of(choice),
        )

    def _count(self, choice: PeopleChoice, ids: Sequence[int]) -> int:
        return len(ids) if ids else people.count(self._frame.publication, choice.filters())

    def _act(self, request: Request, form: FormData) -> str:
        request.state.typed = form
        do, choice = text_of(form, "do", 20), people_choice(_texts(form))
        act = self._acts().get(do)
        if act is None:
            raise UsageError(gettext("There is no such action"))
        ids = _ids(form.getlist("id"))
        target = ids or choice.filters()
        now = bulk.chosen(self._frame.publication, target)
        if now != number_of(form, "seen"):
            raise UsageError(
                gettext("Meanwhile it is another number of people: %(n)s", n=f"{now:,}"),
                gettext("Look at it again. Nothing was changed."),
            )
        typed = number_of(form, "count")
        if do in DANGEROUS and typed != now:
            raise UsageError(
                gettext("That is not the number of people"), gettext("Nothing was changed.")
            )
        actor, back = actor_of(request), choice.query() if not ids else ""
        job = Job(do, now, back)
        return self._done(job, lambda progress: act(target, form, actor, now, progress))

    def _done(self, job: Job, act: Callable[[Progress], BulkResult]) -> str:
        """The page after a change: the list, which says what was done, or one that follows what takes longer."""
        self._jobs.start(job, act)
        if not job.ended.wait(people_jobs.PATIENCE):
            return at_run(job)
        if job.failure is not None:
            raise job.failure
        if job.result is None:
            return at_run(job)
        and_ = "&" if job.back else ""
        return f"{AT}?{job.back}{and_}{urlencode(_answer(job.do, job.result))}"

    def _follow(self, request: Request, told: str) -> Response:
        job = self._jobs.of(request.path_params["id"])
        if job is None:
            return RedirectResponse(AT, 303)
        running, result = job.running, job.result
        done = None
        if result is not None:
            done = done_of({key: str(value) for key, value in _answer(job.do, result).items()})
        follows = running and "x-follows" in request.headers
        return self._frame.page(
            request,
            "bulk-run",
            "people",
            told=told,
            job=job,
            running=running,
            done=done,
            title=_titles().get(job.do, gettext("Undo")),
            listing=None if follows else self._listings.of(people_choice({})),
        )

    def _acts(self) -> Mapping[str, Callable[[Any, FormData, str, int, Progress], BulkResult]]:
        here = self._frame.publication
        return {
            "join": lambda target, form, actor, count, progress: bulk.add_to_list(
                here,
                target,
                text_of(form, "to", 200),
                consent=text_of(form, "consent", 2000),
                actor=actor,
            ),
            "leave": lambda target, form, actor, count, progress: bulk.unsubscribe(
                here, target, _named(form, "to"), actor=actor, count=count
            ),
            "tag": lambda target, form, actor, count, progress: bulk.tag(
                here,
                target,
                text_of(form, "tag", 100),
                actor=actor,
                remove=text_of(form, "away") == "1",
            ),
            "attribute": lambda target, form, actor, count, progress: bulk.set_attribute(
                here, target, text_of(form, "key", 200), text_of(form, "value", 2000), actor=actor
            ),
            "suppress": lambda target, form, actor, count, progress: bulk.suppress(
                here, target, reason=_named(form, "reason"), actor=actor, count=count
            ),
            "forget": lambda target, form, actor, count, progress: bulk.forget_people(
                here, target, actor=actor, count=count, progress=progress
            ),
        }

    def _undo(self, request: Request, form: FormData) -> str:
        batch = number_of(form, "what") or 0
        actor = actor_of(request)

        def undo(progress: Progress) -> BulkResult:
            undone = undo_import(self._frame.publication, batch, actor=actor)
            return BulkResult(undone.put_back + undone.kept, undone.put_back, undone.kept)

        return self._done(Job("undone", 0, ""), undo)

    def _list(self, request: Request, told: str) -> Response:
        listing = self._listings.of(people_choice({}))
        return self._frame.page(request, "list", "people", told=told, done=None, listing=listing)


def at_run(job: Job) -> str:
    return f"{AT}/bulk/run/{job.id}"


def _answer(do: str, result: BulkResult) -> dict[str, object]:
    return {"done": do, "n": result.changed, "batch": result.batch or ""}


def _titles() -> dict[str, str]:
    return {
        "join": gettext("Add to list"),
        "leave": gettext("Unsubscribe"),
        "tag": gettext("Tag"),
        "attribute": gettext("Set an attribute"),
        "suppress": gettext("Suppress"),
        "forget": gettext("Forget"),
    }


def _ids(given: Sequence[object]) -> tuple[int, ...]:
    typed = [one for one in given if isinstance(one, str) and one.isascii() and one.isdigit()]
    return tuple(dict.fromkeys(int(one) for one in typed[:MOST_IDS] if len(one) < 19))


def _named(form: FormData, name: str) -> str:
    """A field that must not be empty: an empty list would mean all of them."""
    value = text_of(form, name, 500)
    if not value:
        raise UsageError(gettext("Fill in everything"), gettext("Nothing was changed."))
    return value


def _texts(form: FormData) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}
