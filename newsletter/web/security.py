"""What every response says to the browser, and which hosts are answered at all.

A page of ours runs only our own script and loads only from us. What is shown in a frame of the preview
runs no script at all; a published issue runs only the files that lie beside it. Requests for other host names are refused, so that no foreign page can reach a
preview through a name of its own (DNS rebinding).
"""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
