"""Who may use the studio on this machine: whoever has its token.

The token stands in the address that the command prints; opening that address leaves it in a cookie, which
this browser alone has. Without it there is one plain page that says what to do. The token is kept beside
the studio's other files (mode 0600), so that a server that comes back is open to the windows it left.

Frames of previews have no origin and send no cookies: what they load lies under a path that holds a
secret of this start. Requests that came through a proxy are refused: who sits behind one cannot be told.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsletter.problems import NewsletterError
from newsletter.web.views import page

PARAMETER = "token"
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
_OPEN = ("/healthz", "/static/", "/editor/")
"""Nothing of a publication is there."""


@dataclass(frozen=True, slots=True)
class Access:
    """`token` opens the studio; `frames` is the path under which frames find their pictures."""

    token: str
    frames: str

    @classmethod
    def kept(cls, folder: Path) -> Access:
        """The token of a publication, made at the first start. Raises NewsletterError when it cannot be kept."""
        return cls(_kept(folder / "token"), secrets.token_urlsafe(18))

    def opens(self, given: str | None) -> bool:
        return given is not None and hmac.compare_digest(given.encode(), self.token.encode())


class AccessGuard:
    """Lets through what has the token, and what needs none; `readers` are the paths of public pages."""

    def __init__(self, app: ASGIApp, access: Access, readers: Iterable[str]) -> None:
        self._app = app
        self._access = access
        self._open = (*_OPEN, f"/preview/{access.frames}/", *readers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        answer = self._answer(connection)
        if answer is None:
            await self._app(scope, receive, self._leaving_cookie(connection, send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await answer(scope, receive, send)

    def _answer(self, connection: HTTPConnection) -> Response | None:
        """None where the request may pass."""
        path = connection.url.path
        if any(path == place.rstrip("/") or path.startswith(place) for place in self._open):
            return None
        if any(name in connection.headers for name in _FORWARDED):
            return page("closed", 403, proxy=True)
        if self._access.opens(connection.query_params.get(PARAMETER)):
            return None
        if self._access.opens(connection.cookies.get(_cookie(connection))):
            return None
        return page("closed", 403, proxy=False)

    def _leaving_cookie(self, connection: HTTPConnection, send: Send) -> Send:
        """The token of the address becomes a cookie; the page takes it out of the address (static/token.js)."""
        if not self._access.opens(connection.query_params.get(PARAMETER)):
            return send
        kept = f"{_cookie(connection)}={self._access.token}; Path=/; HttpOnly; SameSite=Lax"

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", kept)
            await send(message)

        return send_with_cookie


def _cookie(connection: HTTPConnection) -> str:
    """Cookies know no ports; two studios on one machine must not close each other."""
    return f"newsletter-studio-{connection.url.port or 80}"


def _kept(file: Path) -> str:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as stream:
                stream.write(secrets.token_urlsafe(24))
        token = file.read_text(encoding="ascii", errors="replace").strip()
    except OSError as caught:
        raise NewsletterError(
            f"cannot keep the studio's token: {caught.strerror}: {file}"
        ) from caught
    if len(token) < 20:
        raise NewsletterError(f"{file} holds no token", "Delete it; a new one is made.")
    return token
