"""Who is let into the studio, decided before any of its routes is asked.

    /healthz, /static/, /editor/, readers' pages   everybody: nothing of the issues' sources is there
    /preview/<key>/<issue>/, /phone/<key>/…        whoever has a key that opens that issue's preview; GET only
    /login                                         everybody
    all else                                       on this machine the token, from anywhere an account's session

A request that came through a proxy, or over a network, is from somebody with an account or from nobody. What
could change something must come from a page of ours. Whoever is let in stands in the request as an Account:
routes that not everybody may use say `require(request, Action.SEND)` (web/security.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsletter.model.account import LOCAL, Account
from newsletter.web.security import ACCOUNT
from newsletter.web.studio.access import Access, is_this_machine
from newsletter.web.studio.origin import sent_by_others
from newsletter.web.views import page

PARAMETER = "token"
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
_OPEN = ("/healthz", "/static/", "/editor/", "/login")
_READING = ("GET", "HEAD")
_REMEMBERED = 10.0
"""Seconds for which a session is not looked up again; one that was ended lives that much longer."""
Sessions = Callable[[str], Account | None]


class AccessGuard:
    """`readers` are the paths of public pages; `session` finds who is logged in, `any_account` whether
    anybody could be. Both may block: they run in a thread."""

    def __init__(
        self,
        app: ASGIApp,
        access: Access,
        readers: Iterable[str],
        session: Sessions,
        any_account: Callable[[], bool],
    ) -> None:
        self._app = app
        self._access = access
        self._open = (*_OPEN, *readers)
        self._session = session
        self._any_account = any_account
        self._known: dict[str, tuple[Account, float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        if self._for_everybody(connection):
            await self._app(scope, receive, send)
            return
        account = await self._account(connection)
        if account is None:
            await self._turn_away(scope, receive, send)
        elif (
            scope["type"] == "http"
            and scope["method"] not in _READING
            and sent_by_others(connection)
        ):
            await page("closed", 403, why="site")(scope, receive, send)
        else:
            scope[ACCOUNT] = account
            await self._app(scope, receive, self._leaving_cookie(connection, send))

    def _for_everybody(self, connection: HTTPConnection) -> bool:
        path = connection.url.path
        if any(path == place.rstrip("/") or path.startswith(place) for place in self._open):
            return True
        match path.split("/", 4):
            case ["", "preview" | "phone", key, slug, *_]:
                reading = connection.scope.get("method") in _READING
                return reading and self._access.opens_preview(key, slug)
        return False

    async def _account(self, connection: HTTPConnection) -> Account | None:
        if self._here(connection) and (
            self._access.opens(connection.query_params.get(PARAMETER))
            or self._access.opens(connection.cookies.get(token_cookie(connection)))
        ):
            return LOCAL
        return await self._logged_in(connection.cookies.get(session_cookie(connection), ""))

    def _here(self, connection: HTTPConnection) -> bool:
        """Whether somebody at this machine asks: no proxy between, and both ends of the connection are here."""
        if forwarded(connection):
            return False
        client, server = connection.scope.get("client"), connection.scope.get("server")
        peer = client[0] if client else ""
        return self._access.local or is_this_machine(peer) or bool(server and peer == server[0])

    async def _logged_in(self, token: str) -> Account | None:
        if not token:
            return None
        account, until = self._known.get(token, (None, 0.0))
        if account is None or until < time.monotonic():
            self._known.pop(token, None)
            account = await run_in_threadpool(self._session, token)
            if account is not None:
                if len(self._known) > 1000:
                    self._known.clear()
                self._known[token] = (account, time.monotonic() + _REMEMBERED)
        return account

    async def _turn_away(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        connection = HTTPConnection(scope)
        answer: Response
        if self._here(connection):
            answer = page("closed", 403, why="token")
        elif not await run_in_threadpool(self._any_account):
            answer = page("closed", 403, why="proxy" if forwarded(connection) else "network")
        elif scope["method"] in _READING:
            answer = RedirectResponse(f"/login?next={quote(connection.url.path, safe='/')}", 303)
        else:
            answer = page("closed", 403, why="session")
        await answer(scope, receive, send)

    def _leaving_cookie(self, connection: HTTPConnection, send: Send) -> Send:
        """The token of the address becomes a cookie; the page takes it out of the address (static/token.js)."""
        if not self._access.opens(connection.query_params.get(PARAMETER)):
            return send
        kept = f"{token_cookie(connection)}={self._access.token}; Path=/; HttpOnly; SameSite=Lax"

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", kept)
            await send(message)

        return send_with_cookie


def forwarded(connection: HTTPConnection) -> bool:
    """Whether a proxy says that it passed this on."""
    return any(name in connection.headers for name in _FORWARDED)


def token_cookie(connection: HTTPConnection) -> str:
    """Cookies know no ports; two studios on one machine must not close each other."""
    return f"newsletter-studio-{connection.url.port or 80}"


def session_cookie(connection: HTTPConnection) -> str:
    """The name of the cookie of somebody logged in; behind https one that no other host can set."""
    if over_https(connection):
        return "__Host-newsletter-session"
    return f"newsletter-session-{connection.url.port or 80}"


def over_https(connection: HTTPConnection) -> bool:
    scheme = connection.headers.get("x-forwarded-proto", connection.url.scheme)
    return scheme in ("https", "wss")
