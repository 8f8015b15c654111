"""The preview of one issue on a phone: an address with a pass, as a QR code, and the pages behind it.

    GET /studio/<issue>/phone             the code, for whoever uses the studio
    GET /phone/<pass>/<issue>             the views of the issue, to look at only
    GET /phone/<pass>/<issue>/frame/<view>

The pass is in the path, so that frames, which send no cookies, come to their pictures by it as well. It opens
this issue alone, for reading, and ends by itself (web/studio/access.py); the guard has checked it.
"""

from __future__ import annotations

import datetime
import io
import ipaddress
import socket
import time
from urllib.parse import quote

import segno
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.web.preview import PAGE_WIDTHS
from newsletter.web.security import account_of
from newsletter.web.studio.access import PASS_LASTS, Access, is_this_machine
from newsletter.web.studio.frames import Frames
from newsletter.web.views import page
from newsletter.workflow.preview import PreviewDesk

VIEWS = ("email", "dark", "web", "text", "print")


class Phone:
    """The endpoints; without `access` there are none. `address` is the network's name of this machine, or empty."""

    def __init__(self, desk: PreviewDesk, access: Access | None, address: str) -> None:
        self._desk = desk
        self._access = access
        self._address = address

    def routes(self) -> list[Route]:
        return [
            Route("/studio/{slug}/phone", self.code),
            Route("/phone/{key}/{slug}", self.look),
            Route("/phone/{key}/{slug}/frame/{view}", self.frame),
        ]

    def code(self, request: Request) -> Response:
        account_of(request)
        slug = request.path_params["slug"]
        shown = self._desk.shown(slug)
        link = ""
        if self._access is not None and self._address:
            link = phone_link(
                self._access, network_origin(self._address, request.url.port or 80), slug
            )
        until = datetime.datetime.fromtimestamp(time.time() + PASS_LASTS).astimezone()
        return page(
            "studio/phone-code",
            title=shown.issue.title if shown.issue else slug,
            slug=slug,
            link=link,
            code=svg(link) if link else "",
            until=until.strftime("%H:%M"),
        )

    def look(self, request: Request) -> Response:
        slug, key = request.path_params["slug"], request.path_params["key"]
        wanted = request.query_params.get("view", "")
        view = wanted if wanted in VIEWS else VIEWS[0]
        shown = self._desk.shown(slug)
        pages = self._desk.printing.pages(slug) if view == "print" else None
        return page(
            "studio/phone",
            title=shown.issue.title if shown.issue else slug,
            view=view,
            at=f"/phone/{key}/{quote(slug, safe='')}",
            files=f"/preview/{key}/{quote(slug, safe='')}",
            text=shown.text,
            pages=len(pages.sizes) if pages is not None else 0,
            width=PAGE_WIDTHS[-1],
        )

    def frame(self, request: Request) -> Response:
        if request.query_params.get("person"):
            raise HTTPException(403, "A phone shows the issue as anybody reads it.")
        return Frames(self._desk, request.path_params["key"]).show(request)


def phone_link(access: Access, origin: str, slug: str) -> str:
    """The address that opens the preview of one issue for a while."""
    return f"{origin}/phone/{access.phone_pass(slug)}/{quote(slug, safe='')}"


def means_any(host: str) -> bool:
    """Whether a server that listens at this address listens at every one of the machine."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def network_origin(host: str, port: int) -> str:
    """`http://192.168.1.5:8000`, for what listens at `host`; empty when only this machine reaches it."""
    found = network_address(host)
    if not found:
        return ""
    return f"http://[{found}]:{port}" if ":" in found else f"http://{found}:{port}"


def terminal_code(address: str) -> str:
    """A QR code in half blocks, for a terminal."""
    out = io.StringIO()
    segno.make(address, error="l", micro=False).terminal(out, compact=True)
    return out.getvalue()


def svg(address: str) -> str:
    """A QR code as markup that a strict content policy lets through."""
    made: str = segno.make(address, error="m", micro=False).svg_inline(
        scale=1, border=4, omitsize=True, svgclass="qr", lineclass=None, light="#fff", dark="#000"
    )
    return made


def network_address(host: str) -> str:
    """The name by which others on the network reach what listens at `host`; empty when only this machine does.

    For "any address" it is the one that leads out of here. No packet is sent to find that."""
    if is_this_machine(host):
        return ""
    if not means_any(host):
        return host
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    somewhere = "192.0.2.1" if family == socket.AF_INET else "2001:db8::1"
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.connect((somewhere, 9))
            found = str(asking.getsockname()[0])
    except OSError:
        return ""
    return "" if is_this_machine(found) else found
