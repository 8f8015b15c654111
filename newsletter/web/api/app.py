"""The application under /api/v1, and its description in OpenAPI at /api/v1/openapi.json.

It is imported with the first request, so that a server that nobody's program asks stays small. There is no page of
documentation that loads scripts from elsewhere: docs/api.md and the description are the documentation.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from newsletter import __version__
from newsletter.publication import Publication
from newsletter.web.api import (
    campaigns,
    clicks,
    imports,
    issues,
    lists,
    segments,
    sign_ups,
    subscribers,
    subscriptions,
    suppressions,
)
from newsletter.web.api.mounted import PATH
from newsletter.web.api.operations import answers
from newsletter.web.api.problems import KINDS, ApiProblem, Problem, problem_response
from newsletter.web.api.rates import Limiter
from newsletter.web.api.route import KeyedRoute
from newsletter.web.api.shapes import Given

_ABOUT = """Subscribers, suppressions, lists, segments, imports, issues and campaigns of a publication.

**Keys.** `Authorization: Bearer nl_…`, made by `newsletter keys create NAME --scope …`. Cookies are never read.
**Errors** are `application/problem+json`; `code` is stable. **Pages**: `limit`, and `cursor` from `next`.
**Repeating**: send `Idempotency-Key`; the same request is carried out once in 24 hours.
**Limits**: so many requests a minute for each key (429 with `Retry-After`)."""
open_router = APIRouter(route_class=KeyedRoute, tags=["about"])


class KindGiven(Given):
    """What an error's `code` means."""

    code: str = Field(examples=["suppressed"])
    status: int = Field(examples=[409])
    title: str
    meaning: str


class KindPage(Given):
    items: list[KindGiven]


@open_router.get(
    "/problems",
    summary="Every error that there is",
    operation_id="listProblems",
    response_model=KindPage,
    responses=answers(500),
)
def list_problems() -> KindPage:
    return KindPage(items=[_kind(code) for code in KINDS])


@open_router.get(
    "/problems/{code}",
    summary="What an error means",
    operation_id="getProblem",
    response_model=KindGiven,
    responses=answers(404, 422, 500),
)
def get_problem(code: str) -> KindGiven:
    if code not in KINDS:
        raise ApiProblem("not-found", "There is no error of this code.")
    return _kind(code)


def _kind(code: str) -> KindGiven:
    kind = KINDS[code]
    return KindGiven(code=code, status=kind.status, title=kind.title, meaning=kind.meaning)


_ROUTERS = (
    open_router,
    sign_ups.router,
    subscribers.router,
    subscriptions.router,
    suppressions.router,
    lists.router,
    segments.router,
    imports.router,
    issues.router,
    campaigns.router,
    clicks.router,
)


def api_app(publication: Callable[[], Publication]) -> FastAPI:
    """The application; `publication` gives the publication as it is now."""
    app = FastAPI(
        title=f"{publication().name}: newsletter API",
        version=__version__,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        servers=[{"url": PATH}],
        root_path_in_servers=False,
        redirect_slashes=False,
    )
    app.state.publication = publication
    app.state.limiter = Limiter()
    for router in _ROUTERS:
        app.include_router(router)
    for kind in (ApiProblem, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, _handle)
    _describe(app)
    return app


async def _handle(request: Request, caught: Exception) -> Response:
    if isinstance(caught, HTTPException) and caught.status_code == 405:
        return problem_response(HTTPException(405, headers={"allow": _allowed(request)}))
    return problem_response(caught)


def _allowed(request: Request) -> str:
    """Every method that an address knows: it may be that of several routes."""
    methods: set[str] = set()
    for route in (route for router in _ROUTERS for route in router.routes):
        if isinstance(route, KeyedRoute) and route.matches(request.scope)[0] is not Match.NONE:
            methods |= route.methods or set()
    return ", ".join(sorted(methods))


def _describe(app: FastAPI) -> None:
    """Lets the description say what FastAPI does not know: the keys, and the shape of problems."""
    plain = app.openapi
    lock = threading.Lock()

    def described() -> dict[str, Any]:
        with lock:
            if app.openapi_schema is not None:
                return app.openapi_schema
            schema = plain()
            parts = schema.setdefault("components", {})
            parts["securitySchemes"] = {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key of `newsletter keys create`, with the scope that is named.",
                }
            }
            whole = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            named = whole.pop("$defs", {})
            parts.setdefault("schemas", {}).update(named | {"Problem": whole})
            for path in schema["paths"].values():
                for operation in path.values():
                    operation.pop("x-takes-files", None)
            return schema

    app.openapi = described  # type: ignore[method-assign]
