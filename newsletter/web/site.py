"""The small files at the site's root that programs look for: /robots.txt, /sitemap.xml, /.well-known/security.txt."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from newsletter.publication import Publication
from newsletter.workflow import site_files

_A_DAY = {"cache-control": "public, max-age=86400"}
_AN_HOUR = {"cache-control": "public, max-age=3600"}


def site_routes(publication: Callable[[], Publication]) -> list[BaseRoute]:
    def robots(request: Request) -> Response:
        return PlainTextResponse(site_files.robots_txt(publication()), headers=_A_DAY)

    def security(request: Request) -> Response:
        at = datetime.datetime.now(datetime.UTC)
        return PlainTextResponse(site_files.security_txt(publication(), at), headers=_A_DAY)

    async def sitemap(request: Request) -> Response:
        data = await run_in_threadpool(site_files.sitemap_xml, publication())
        return Response(data, 200, _AN_HOUR, "application/xml")

    return [
        Route("/robots.txt", robots, methods=["GET"]),
        Route("/sitemap.xml", sitemap, methods=["GET"]),
        Route("/.well-known/security.txt", security, methods=["GET"]),
        Route(
            "/security.txt",
            lambda request: RedirectResponse("/.well-known/security.txt", 301),
            methods=["GET"],
        ),
    ]
