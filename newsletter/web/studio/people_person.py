"""One person's page: who they are, their lists with the consent of each, what was sent, everything that happened.

GET  /subscribers/<number>               the page       …/record.json   all that is known, for an access request
POST …/change, unsubscribe, resend, suppress, lift, forget
"""

from __future__ import annotations

import datetime
from functools import partial
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from newsletter.problems import UsageError
from newsletter.web.studio.people_done import done_of
from newsletter.web.studio.people_frame import AT, Frame, actor_of, text_of
from newsletter.web.studio.people_growth import source_word
from newsletter.web.studio.people_suppressions import kind_words
from newsletter.web.studio.people_words import event_word, mail_words
from newsletter.web.words import gettext
from newsletter.workflow import people, person_details, subscribers, suppressions
from newsletter.workflow.lists import all_lists
from newsletter.workflow.scheduling import zone_of


class PersonPage:
    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        frame, one = self._frame, f"{AT}/{{id:int}}"
        acts = {
            "change": self._change,
            "unsubscribe": self._unsubscribe,
            "resend": self._resend,
            "suppress": self._suppress,
            "lift": self._lift,
            "forget": self._forget,
        }
        return [
            Route(one, frame.shown(self._show), methods=["GET"]),
            Route(f"{one}/record.json", frame.shown(self._record), methods=["GET"]),
            *(
                Route(f"{one}/{name}", frame.done(act, self._show), methods=["POST"])
                for name, act in acts.items()
            ),
        ]

    def _known(self, request: Request) -> dict[str, Any]:
        """The record. Raises UsageError when nobody has the number, or has it no more."""
        found = people.person(self._frame.publication, request.path_params["id"])
        if found is None:
            raise UsageError(
                gettext("There is nobody of this number"), gettext("Perhaps they were forgotten.")
            )
        return found

    def _address(self, request: Request) -> str:
        return str(self._known(request)["email"])

    def _show(self, request: Request, told: str) -> Response:
        publication = self._frame.publication
        record = self._known(request)
        return self._frame.page(
            request,
            "person",
            "people",
            told=told,
            done=done_of(request.query_params),
            person={**record, "key": record["email"].lower()},
            titles={one.list.name: one.list.shown for one in all_lists(publication)},
            kinds=kind_words(),
            event_word=event_word,
            mail_words=mail_words(),
            source_word=source_word,
            moment=partial(moment, zone=zone_of(self._frame.publication)),
        )

    def _record(self, request: Request, told: str) -> Response:
        record = self._known(request)
        name = f"subscriber-{request.path_params['id']}.json"
        headers = {
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "no-store",
        }
        return JSONResponse(record, headers=headers)

    def _change(self, request: Request, form: FormData) -> str:
        keys = [one for one in form.getlist("key") if isinstance(one, str)]
        values = [one for one in form.getlist("value") if isinstance(one, str)]
        person_details.change_person(
            self._frame.publication,
            request.path_params["id"],
            name=text_of(form, "name"),
            language=text_of(form, "language"),
            attributes=dict(zip(keys, values, strict=False)),
            actor=actor_of(request),
        )
        return self._done(request, "saved")

    def _unsubscribe(self, request: Request, form: FormData) -> str:
        subscribers.remove(
            self._frame.publication,
            self._address(request),
            text_of(form, "list", 200),
            actor=actor_of(request),
        )
        return self._done(request, "unsubscribed")

    def _resend(self, request: Request, form: FormData) -> str:
        person_details.confirm_again(
            self._frame.publication,
            request.path_params["id"],
            text_of(form, "list", 200),
            actor=actor_of(request),
        )
        return self._done(request, "resent")

    def _suppress(self, request: Request, form: FormData) -> str:
        suppressions.add(
            self._frame.publication,
            self._address(request),
            reason=text_of(form, "reason", 500),
            actor=actor_of(request),
        )
        return self._done(request, "suppressed")

    def _lift(self, request: Request, form: FormData) -> str:
        address, what = self._address(request), text_of(form, "what", 400)
        domain = address.rpartition("@")[2]
        suppressions.lift(
            self._frame.publication,
            f"@{domain}" if what == domain else address,
            actor=actor_of(request),
            admin=True,
            why=text_of(form, "why", 500),
        )
        return self._done(request, "lifted")

    def _forget(self, request: Request, form: FormData) -> str:
        address = self._address(request)
        if text_of(form, "count", 400).casefold() != address.casefold():
            raise UsageError(gettext("That is not the address"), gettext("Nothing was changed."))
        subscribers.forget_person(self._frame.publication, address, actor=actor_of(request))
        return f"{AT}?done=forgotten"

    def _done(self, request: Request, what: str) -> str:
        return f"{AT}/{request.path_params['id']}?done={what}"


def moment(text: str | None, zone: datetime.tzinfo) -> str:
    """A time of the record as people read it, in the publication's time zone."""
    if not text:
        return ""
    return datetime.datetime.fromisoformat(text).astimezone(zone).strftime("%Y-%m-%d %H:%M")
