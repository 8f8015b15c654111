"""Counted links: /c/<token>/<number>/<the plain address>.

    GET    goes on to the frozen address of that number, and counts after its answer
    HEAD   the same, and counts nothing

Nothing of anybody changes, whoever fetches it. It never goes where the address itself says: an unknown token, another
number or an address that was changed is a page that says so, with no link on it but ours.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from newsletter.publication import Publication
from newsletter.web.readers import reader_page
from newsletter.workflow.clicking import ClickDesk

PREVIEW = "preview"
_HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
}


def click_routes(publication: Callable[[], Publication]) -> list[BaseRoute]:
    desk = ClickDesk(publication)

    async def follow(request: Request) -> Response:
        token, number, shown = _asked(request)
        if token == PREVIEW:
            return await run_in_threadpool(reader_page, publication(), "message", kind="preview")
        network = request.client.host if request.client else ""
        found = await run_in_threadpool(desk.follow, token, number, shown, request.headers, network)
        if found is None:
            return await run_in_threadpool(reader_page, publication(), "message", 404, kind="link")
        headers = {**_HEADERS, "location": found.url}
        if request.method == "HEAD":
            return Response(status_code=303, headers=headers)
        return Response(
            status_code=303, headers=headers, background=BackgroundTask(desk.count, found.hit)
        )

    return [Route("/c/{rest:path}", follow, methods=["GET"])]


def _asked(request: Request) -> tuple[str, str, str]:
    """Token, number and address as they stand in the request, nothing decoded: the address has a query of its own."""
    raw = request.scope.get("raw_path") or request.url.path.encode()
    whole = raw.decode("latin-1").partition("?")[0]
    asked = whole[whole.index("/c/") + 3 :]
    if query := request.scope.get("query_string", b""):
        asked += f"?{query.decode('latin-1')}"
    token, _, rest = asked.partition("/")
    number, _, shown = rest.partition("/")
    return token, number, shown
