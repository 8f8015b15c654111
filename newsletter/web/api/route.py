"""What every route of the API does before and after its own work.

In this order: the key (401), its rate (429), its scope (403), parameters that there are not (422), the body's kind and size (415, 413), the
Idempotency-Key (the same answer again, 409, 422); then the route; then every exception becomes a problem.
Nothing of a body is looked at before it is known who sends it. Cookies are never read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message

from newsletter.model.api_key import ApiKey, Scope
from newsletter.publication import Publication
from newsletter.web.api.problems import ApiProblem, problem_response
from newsletter.web.api.rates import Limiter
from newsletter.workflow import api_keys, repeated

LARGEST_BODY = 1_000_000
LARGEST_FILE = 64_000_000
_IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,255}")
_KEPT_HEADERS = ("content-type", "location")
Handler = Callable[[Request], Awaitable[Response]]


class KeyedRoute(APIRoute):
    """A route for whoever has a key with its scope; routes without `security` are for everybody."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        inner = super().get_route_handler()
        scope = self._scope()
        takes_files = bool((self.openapi_extra or {}).get("x-takes-files"))
        asked = frozenset(one.alias for one in self.dependant.query_params)

        async def handler(request: Request) -> Response:
            try:
                if scope is None:
                    return await inner(request)
                return await _keyed(request, inner, scope, takes_files, asked)
            except ClientDisconnect:
                raise
            except Exception as caught:
                return problem_response(caught)

        return handler

    def _scope(self) -> Scope | None:
        needed = (self.openapi_extra or {}).get("security")
        return Scope(needed[0]["key"][0]) if needed else None


async def _keyed(
    request: Request, inner: Handler, scope: Scope, takes_files: bool, asked: frozenset[str]
) -> Response:
    publication: Publication = request.app.state.publication()
    key = await _key(request, publication)
    if not key.may(scope):
        raise ApiProblem("out-of-scope", f"This key lacks the scope {scope}.", needs=str(scope))
    _refuse_unknown(request, asked)
    request.state.key, request.state.publication = key, publication
    if request.method in ("GET", "HEAD"):
        return await inner(request)
    body = await _body(request, LARGEST_FILE if takes_files else LARGEST_BODY)
    if body and not takes_files:
        _refuse_other_kinds(request)
    request = Request(request.scope, _replay(body))
    header = request.headers.get("idempotency-key")
    if header is None:
        return await inner(request)
    if not _IDEMPOTENCY_KEY.fullmatch(header):
        wrong = {"where": "header.idempotency-key", "message": "1 to 255 characters of ASCII"}
        raise ApiProblem("invalid", "The Idempotency-Key is not valid.", errors=[wrong])
    return await _once(request, inner, publication, key, header, body)


async def _key(request: Request, publication: Publication) -> ApiKey:
    limiter: Limiter = request.app.state.limiter
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    found = None
    if kind.lower() == "bearer" and token.strip():
        found = await run_in_threadpool(api_keys.key_of, publication, token.strip())
    if found is None:
        # No limit of wrong ones: nobody guesses 256 bits, and who has an old key is told what is wrong with it.
        raise ApiProblem("unauthorized", "This needs a key: Authorization: Bearer <key>.")
    _refuse_many(limiter.take(f"key {found.id}", publication.settings.api.rate))
    return found


def _refuse_many(wait: float) -> None:
    if wait > 0:
        raise ApiProblem(
            "too-many-requests",
            "Too many requests in a minute.",
            headers={"retry-after": str(math.ceil(wait))},
        )


def _refuse_unknown(request: Request, asked: frozenset[str]) -> None:
    """A filter that is misspelled would be no filter: everybody would be told of, or imported."""
    unknown = [name for name in request.query_params if name not in asked]
    if unknown:
        wrong = [
            {"where": f"query.{name}", "message": "There is no such parameter."} for name in unknown
        ]
        raise ApiProblem("invalid", "A parameter is not known.", errors=wrong)


async def _body(request: Request, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise ApiProblem("too-large", f"A body may have {most:,} bytes.", most=most)
        parts.append(chunk)
    return b"".join(parts)


def _refuse_other_kinds(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ApiProblem("unsupported-media-type", "The body must be application/json.")


def _replay(body: bytes) -> Callable[[], Awaitable[Message]]:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _once(
    request: Request,
    inner: Handler,
    publication: Publication,
    key: ApiKey,
    header: str,
    body: bytes,
) -> Response:
    whole = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body
    begun = await run_in_threadpool(repeated.begin, publication, key, header, whole)
    match begun.verdict:
        case repeated.Verdict.OTHER:
            raise ApiProblem("other-request", "This Idempotency-Key was used for another request.")
        case repeated.Verdict.BUSY:
            raise ApiProblem("in-progress", "The first request with this key is not done yet.")
        case repeated.Verdict.AGAIN:
            headers = dict(begun.headers or {}) | {"idempotency-replayed": "true"}
            return Response(begun.body, begun.status, headers)
    try:
        response = await inner(request)
    except Exception as caught:
        response = problem_response(caught)
    except BaseException:
        await run_in_threadpool(repeated.forget, publication, key, begun)
        raise
    if response.status_code >= 500 or response.status_code == 429:
        await run_in_threadpool(repeated.forget, publication, key, begun)
        return response
    kept = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    subscriber = getattr(request.state, "subscriber", None)
    await run_in_threadpool(
        repeated.finish,
        publication,
        key,
        begun,
        response.status_code,
        kept,
        bytes(response.body),
        subscriber,
    )
    return response
