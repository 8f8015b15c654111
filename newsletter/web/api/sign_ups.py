"""/sign-ups: visitors of a form of your own, asked by mail to confirm."""

from __future__ import annotations

from time import monotonic

from fastapi import APIRouter, BackgroundTasks
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from newsletter.model.api_key import Scope
from newsletter.web import even
from newsletter.web.api.operations import Here, operation
from newsletter.web.api.people import Visitor, invalid
from newsletter.web.api.problems import ApiProblem
from newsletter.web.api.route import KeyedRoute
from newsletter.web.api.shapes import Email, Given, Name, Taken, Text
from newsletter.workflow import signing_up
from newsletter.workflow.signing_up import Answer, Form

router = APIRouter(route_class=KeyedRoute, tags=["subscribers"])


class SignUpNew(Taken):
    """What a visitor of your own form typed."""

    email: Email
    name: Text = ""
    lists: list[Name] = Field(default_factory=list, max_length=50, examples=[["weekly"]])
    ip: Visitor = Field("", description="The visitor's IP address, for the limits.")


class SignUpGiven(Given):
    answer: str = Field(description="Always `asked`, whoever it is.", examples=["asked"])


@router.post(
    "/sign-ups",
    summary="Ask a visitor of your own form to confirm",
    description="As the form at /subscribe: the answer is the same for new, known and suppressed addresses, so that "
    "this scope learns nothing about anybody. Only lists that anybody may sign up to are taken.",
    response_model=SignUpGiven,
    status_code=202,
    **operation(Scope.SIGN_UPS_WRITE, "signUp", writes=True),
)
async def sign_up(here: Here, new: SignUpNew, later: BackgroundTasks) -> SignUpGiven:
    began = monotonic()
    form = Form(email=new.email, name=new.name, lists=tuple(new.lists))
    posted = await run_in_threadpool(signing_up.ask, here, form, new.ip)
    match posted.answer:
        case Answer.BAD_ADDRESS:
            raise invalid("body.email", "not an address")
        case Answer.NO_LIST:
            raise ApiProblem("unknown-list", "Name a list that anybody may sign up to.")
        case Answer.BUSY:
            raise ApiProblem(
                "too-many-requests",
                "Too many sign-ups from this network or for this domain.",
                headers={"retry-after": "3600"},
            )
    if posted.mail is not None:
        later.add_task(signing_up.send, here, posted)
    await even.next_tick(began)
    return SignUpGiven(answer="asked")
