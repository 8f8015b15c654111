"""What the studio's frames and pages load: pictures, the web edition's files, printed pages, the whole message.

Every address is read with GET and changes nothing. Frames have no origin and send no cookies, so the first
part of the path is a key; `web/studio/guard.py` lets those through that know one.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from newsletter.web.studio.choice import look_of
from newsletter.workflow.preview import PreviewDesk

PAGE_WIDTHS = (120, 320, 640, 1280)
_WORDS = 80
"""Characters of a paragraph's beginning that are heard."""
_KEPT = {"cache-control": "private, max-age=86400, immutable"}
_FRESH = {"cache-control": "no-store"}


class Previewed:
    """The endpoints under `/preview/<key>/<slug>/`."""

    def __init__(self, desk: PreviewDesk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        at = "/preview/{key}/{slug}"
        return [
            Route(f"{at}/mail/{{name:path}}", self.mail_picture),
            Route(f"{at}/web/{{name:path}}", self.web),
            Route(f"{at}/pages/{{number:int}}.png", self.page_image),
            Route(f"{at}/pages/of", self.page_of),
            Route(f"{at}/pages/{{name}}.pdf", self.pdf),
            Route(f"{at}/message.eml", self.message),
        ]

    def mail_picture(self, request: Request) -> Response:
        file = self._desk.picture(request.path_params["slug"], request.path_params["name"])
        if file is None:
            raise HTTPException(404, "The mail has no such picture.")
        return Response(file.data, media_type=file.media_type, headers=_KEPT)

    def web(self, request: Request) -> Response:
        file = self._desk.web_file(request.path_params["slug"], request.path_params["name"])
        if file is None or file.media_type.startswith("text/html"):
            raise HTTPException(404, "The web edition has no such file.")
        return Response(file.data, media_type=file.media_type, headers=_FRESH)

    def page_image(self, request: Request) -> Response:
        slug, query = request.path_params["slug"], request.query_params
        asked = query.get("width", "640")
        width = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 0
        if width not in PAGE_WIDTHS:
            raise HTTPException(
                404, f"Pages are shown {', '.join(map(str, PAGE_WIDTHS))} pixels wide."
            )
        number = request.path_params["number"]
        version = query.get("v", "")
        png = self._desk.printing.image(slug, number, width, version, look_of(query))
        if png is None:
            raise HTTPException(404, f"There is no page {number}.")
        return Response(png, media_type="image/png", headers=_KEPT if version else _FRESH)

    def pdf(self, request: Request) -> Response:
        """The printed edition as it is looked at; it is named by the address."""
        query = request.query_params
        slug, version = request.path_params["slug"], query.get("v", "")
        pdf = self._desk.printing.pdf(slug, version, look_of(query))
        if pdf is None:
            raise HTTPException(404, "The PDF cannot be made at present.")
        return Response(pdf, media_type="application/pdf", headers=_FRESH)

    def page_of(self, request: Request) -> Response:
        """On which printed page a paragraph stands."""
        query = request.query_params
        page = self._desk.printing.page_of(
            request.path_params["slug"],
            query.get("v", ""),
            query.get("words", "")[:_WORDS],
            query.get("next", "")[:_WORDS],
        )
        return JSONResponse({"page": page}, headers=_FRESH)

    def message(self, request: Request) -> Response:
        message = self._desk.message(request.path_params["slug"])
        if message is None:
            raise HTTPException(404, "The mail cannot be made at present.")
        headers = {**_FRESH, "content-disposition": "attachment; filename=message.eml"}
        return PlainTextResponse(message, headers=headers, media_type="message/rfc822")
