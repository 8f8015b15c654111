"""What every response says to the browser, and which hosts are answered at all.

A page of ours runs only our own script and loads only from us. What is shown in a frame of the preview
runs no script at all; a published issue runs only the files that lie beside it. Requests for other host
names are refused, so that no foreign page can reach a preview through a name of its own (DNS rebinding).

**Roles.** `web/studio/guard.py` lets nobody in without the token or a session, and refuses what other sites
send; it puts an Account into the request. A route that not everybody in the studio may use begins with

    require(request, Action.SEND)           403 for an editor; Action.SUBSCRIBERS, ACCOUNTS: admins only

and a template asks `may(account, action)` (model/account.py) to leave its button out.
"""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsletter.model.account import LOCAL, Account, Action, may

ACCOUNT = "newsletter.account"
"""Where the guard puts who asks, in the scope of a request."""
OWN_PAGES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
READERS_PAGES = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
ISSUES = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline' 'self'; img-src 'self' data: https:; "
    "font-src 'self' data:; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
FRAMED = (
    "default-src 'none'; style-src 'unsafe-inline' 'self'; img-src 'self' data:; font-src 'self' data:; "
    "base-uri 'self'; form-action 'none'; frame-ancestors 'self'"
)


class SecurityHeaders:
    """Adds the headers that every response has; one that sets a header itself keeps its own."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app = app
        self._defaults = {
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cross-origin-opener-policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._complete(message)
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _complete(self, message: MutableMapping[str, Any]) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in self._defaults.items():
            # Chromium's own PDF viewer is a page that a content policy would break.
            if (
                name == "content-security-policy"
                and headers.get("content-type") == "application/pdf"
            ):
                continue
            headers.setdefault(name, value)


def allowed_hosts(*addresses: str, more: Iterable[str] = ()) -> list[str]:
    """The host names that are answered: this machine's own, those of the addresses, and `more`."""
    named = [urlsplit(address).hostname or "" for address in addresses]
    hosts = ("localhost", "127.0.0.1", "[::1]", *named, *more)
    return list(dict.fromkeys(host for host in hosts if host))


def same_host(origin: str | None, host: str | None) -> bool:
    """Whether a WebSocket was opened by a page of ours: browsers name the page's origin (RFC 6455 § 10.2)."""
    return origin is None or urlsplit(origin).netloc == host


class Everybody:
    """Lets everybody do everything: for an application that is made without a guard, by tests."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[ACCOUNT] = LOCAL
        await self._app(scope, receive, send)


def account_of(connection: HTTPConnection) -> Account:
    """Who asks. Raises 403 where no guard let anybody in."""
    account = connection.scope.get(ACCOUNT)
    if not isinstance(account, Account):
        raise HTTPException(403, "You are not logged in.")
    return account


def sees_people(connection: HTTPConnection) -> bool:
    """Whether who asks may see who the subscribers are: whoever may send to them may."""
    account = connection.scope.get(ACCOUNT)
    return isinstance(account, Account) and may(account, Action.SEND)


def require(connection: HTTPConnection, action: Action) -> Account:
    """Who asks, when they may do this. Raises 403 otherwise."""
    account = account_of(connection)
    if not may(account, action):
        raise HTTPException(403, f"Your role, {account.role}, may not do this.")
    return account
