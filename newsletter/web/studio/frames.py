"""The mail and the web edition in a frame that is closed off: it has no origin, and of scripts it runs only ours.

Our script (static/studio/bridge.js) takes new renderings into the page without moving what is read, marks
the block of the cursor, and tells which block was clicked. It runs by a nonce that only this answer knows.
"""

from __future__ import annotations

import secrets
from html import escape
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from newsletter.web.frame_html import framed
from newsletter.web.security import sees_people
from newsletter.web.studio.assets import own_version
from newsletter.web.studio.choice import choice_of
from newsletter.web.studio.clip import shown_bytes, with_clip_mark
from newsletter.web.views import page
from newsletter.web.words import gettext
from newsletter.workflow.preview import PreviewDesk


class Frames:
    """The endpoints of `/studio/{slug}/frame/{view}`."""

    def __init__(self, desk: PreviewDesk, key: str) -> None:
        """`key` is the part of the path by which frames reach their pictures."""
        self._desk = desk
        self._key = key

    def show(self, request: Request) -> Response:
        slug, view = request.path_params["slug"], request.path_params["view"]
        if view not in ("email", "web"):
            raise HTTPException(404, f"There is no frame {view}.")
        query = request.query_params
        choice = choice_of(slug, query)
        html = self._html(slug, view, choice.person if sees_people(request) else "")
        if not html:
            return page("frame-empty", 200)
        nonce = secrets.token_urlsafe(16)
        origin = f"{request.url.scheme}://{request.url.netloc}"
        at = f"/preview/{self._key}/{quote(slug, safe='')}/{'mail' if view == 'email' else 'web'}/"
        head = (
            f'<base href="{at}" target="_blank">'
            f'<script nonce="{nonce}" data-scheme="{choice.scheme}" data-clip="{escape(_clip_words())}" '
            f'src="/static/studio/bridge.js?v={own_version()}"></script>'
        )
        html = framed(html, _painted(choice.scheme), head)
        headers = {
            "cache-control": "no-store",
            "content-security-policy": _policy(origin, nonce, choice.images),
        }
        return HTMLResponse(html, headers=headers)

    def rendered(self, slug: str, view: str, scheme: str, person: str) -> str:
        """What the frame takes in when the issue changes: the same document, without a script of ours."""
        return framed(self._html(slug, view, person), _painted(scheme), "")

    def _html(self, slug: str, view: str, person: str) -> str:
        html = self._desk.look(slug, view, person)
        if view != "email":
            return html
        return with_clip_mark(html, shown_bytes(html, self._desk.publication.click_rules))


def _clip_words() -> str:
    return gettext("102 KB · Gmail cuts here")


def _painted(scheme: str) -> str:
    """The colours that the mail is rendered in; what turns them round does so in the frame."""
    return "dark" if scheme == "dark" else "light"


def _policy(origin: str, nonce: str, images: str) -> str:
    """A frame without an origin is not `'self'`, so ours is named. Without pictures none may be loaded: the
    browser then shows what it would in a mail program that loads none."""
    pictures = f"{origin} data:" if images == "on" else "'none'"
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline' {origin}; "
        f"img-src {pictures}; font-src {origin} data:; base-uri {origin}; form-action 'none'; "
        f"frame-ancestors {origin}"
    )
