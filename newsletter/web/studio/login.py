"""Logging in and out, for people who use the studio over a network. Forms that need no script."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from newsletter.publication import Publication
from newsletter.web.studio.guard import over_https, session_cookie
from newsletter.web.studio.origin import sent_by_others
from newsletter.web.views import page
from newsletter.workflow import accounts

LARGEST_FORM = 8192


def login_routes(publication: Callable[[], Publication]) -> list[Route]:
    """`GET` and `POST /login`, and `POST /logout`."""

    def show(request: Request) -> Response:
        return page("login", next=_inside(request.query_params.get("next", "")), note="")

    async def log_in(request: Request) -> Response:
        if sent_by_others(request):
            raise HTTPException(403, "Only the studio's own pages may log somebody in.")
        fields = await _fields(request)
        ip = request.client.host if request.client else ""
        done = await run_in_threadpool(
            accounts.log_in, publication(), fields.get("name", ""), fields.get("password", ""), ip
        )
        there = _inside(fields.get("next", ""))
        if isinstance(done, accounts.Refused):
            status = 429 if done is accounts.Refused.TOO_MANY else 403
            return page("login", status, next=there, note=str(done))
        answer = RedirectResponse(there, 303)
        answer.set_cookie(
            session_cookie(request),
            done.token,
            max_age=done.seconds,
            httponly=True,
            samesite="strict",
            secure=over_https(request),
        )
        return answer

    async def log_out(request: Request) -> Response:
        name = session_cookie(request)
        await run_in_threadpool(accounts.log_out, publication(), request.cookies.get(name, ""))
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(name, httponly=True, samesite="strict", secure=over_https(request))
        return answer

    return [
        Route("/login", show, methods=["GET"]),
        Route("/login", log_in, methods=["POST"]),
        Route("/logout", log_out, methods=["POST"]),
    ]


def _inside(path: str) -> str:
    """Where to go afterwards: a path of ours, whatever the address says."""
    ours = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if ours and path.isprintable() else "/"


async def _fields(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise HTTPException(413)
    try:
        found = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=10)
    except ValueError as caught:
        raise HTTPException(400) from caught
    return {name: values[0] for name, values in found.items()}
