"""Every error of the API is problem+json (RFC 9457): a stable `code`, a sentence, and what is needed to go on.

`type` leads to GET /api/v1/problems/<code>, which says what the code means. Nothing of what is inside is told:
what was not foreseen is `failed`, and the server's log says more.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from newsletter.problems import (
    Changed,
    ContentError,
    NewsletterError,
    NotConfirmed,
    TryAgainLater,
    UsageError,
)

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger("newsletter.api")


@dataclass(frozen=True, slots=True)
class Kind:
    status: int
    title: str
    meaning: str


KINDS: Mapping[str, Kind] = {
    "bad-request": Kind(400, "Bad request", "The request could not be read."),
    "unauthorized": Kind(
        401,
        "Not authorized",
        "The header `Authorization: Bearer <key>` is missing, or the key is unknown, revoked or has ended.",
    ),
    "out-of-scope": Kind(
        403, "Out of scope", "The key lacks the scope that this needs; `needs` names it."
    ),
    "not-found": Kind(404, "Not found", "There is nothing at this address."),
    "method-not-allowed": Kind(
        405, "Method not allowed", "This address knows other methods; `Allow` names them."
    ),
    "conflict": Kind(409, "Conflict", "What is asked cannot be done in the present state."),
    "suppressed": Kind(
        409, "Suppressed", "The address or its domain is suppressed and is never written to."
    ),
    "forgotten": Kind(
        409,
        "Forgotten",
        "The person asked to be forgotten. They come back only by signing up themselves.",
    ),
    "unknown-list": Kind(409, "No such list", "There is no mailing list of this name."),
    "not-confirmed": Kind(
        409, "Not confirmed", "The count of recipients is not the one that was confirmed."
    ),
    "changed": Kind(409, "Changed", "Content or audience is no longer what was shown."),
    "in-progress": Kind(
        409, "In progress", "A request with this Idempotency-Key is being carried out. Try again."
    ),
    "too-large": Kind(413, "Too large", "The body is larger than is taken here."),
    "unsupported-media-type": Kind(
        415, "Unsupported media type", "The body has a Content-Type that is not taken here."
    ),
    "invalid": Kind(
        422, "Invalid", "Something in the request is not valid; `errors` says what and where."
    ),
    "content": Kind(
        422, "The issue has errors", "The issue has errors; `problems` names them by file and line."
    ),
    "other-request": Kind(
        409, "Another request", "This Idempotency-Key was used for another request."
    ),
    "too-many-requests": Kind(
        429,
        "Too many requests",
        "A limit is reached. `Retry-After` says in how many seconds to try.",
    ),
    "failed": Kind(500, "Failed", "Something failed here. The server's log says more."),
    "busy": Kind(503, "Busy", "Another process is at work here. Try again in a moment."),
}
_BY_STATUS = {
    400: "bad-request",
    401: "unauthorized",
    403: "out-of-scope",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    413: "too-large",
    415: "unsupported-media-type",
    422: "invalid",
    429: "too-many-requests",
    503: "busy",
}


class Wrong(BaseModel):
    """One thing that is wrong with a request."""

    where: str = Field(description="`body.email`, `query.limit`, `path.id`, `header.…`")
    message: str


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str = Field(description="Stable; GET /problems lists all.")
    detail: str
    hint: str | None = None
    errors: list[Wrong] | None = None


class ApiProblem(Exception):
    """Ends a request with an error. `extra` are further members of the answer."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = extra


def problem_response(caught: Exception) -> Response:
    """The answer that an exception is."""
    told = caught if isinstance(caught, ApiProblem) else _told(caught)
    kind = KINDS[told.code]
    if kind.status >= 500 and not isinstance(caught, TryAgainLater):
        _log.error("a request failed", exc_info=caught)
    headers = {"cache-control": "no-store"} | told.headers
    if kind.status == 401:
        headers.setdefault("www-authenticate", 'Bearer realm="newsletter"')
    if kind.status in (429, 503) or told.code == "in-progress":
        headers.setdefault("retry-after", "5")
    body = {
        "type": f"/api/v1/problems/{told.code}",
        "title": kind.title,
        "status": kind.status,
        "code": told.code,
        "detail": told.detail,
    }
    return JSONResponse(body | told.extra, kind.status, headers, MEDIA_TYPE)


def _told(caught: Exception) -> ApiProblem:
    match caught:
        case RequestValidationError():
            errors = [_wrong(one) for one in caught.errors()]
            return ApiProblem("invalid", "The request is not valid.", errors=errors)
        case ContentError():
            problems = [
                {
                    "code": one.code,
                    "severity": str(one.severity),
                    "file": one.source.file,
                    "line": one.source.line,
                    "message": one.message,
                    "hint": one.hint,
                }
                for one in caught.problems
            ]
            return ApiProblem("content", caught.message, problems=problems)
        case NotConfirmed():
            return _with_hint("not-confirmed", caught)
        case Changed():
            return _with_hint("changed", caught)
        case TryAgainLater():
            return _with_hint("busy", caught)
        case UsageError():
            return _with_hint("conflict", caught)
        case HTTPException():
            code = _BY_STATUS.get(caught.status_code, "bad-request")
            return ApiProblem(code, KINDS[code].meaning, headers=caught.headers)
        case _:
            return ApiProblem("failed", KINDS["failed"].meaning)


def _with_hint(code: str, caught: NewsletterError) -> ApiProblem:
    told = ApiProblem(code, f"{caught.message[:1].upper()}{caught.message[1:]}.")
    if caught.hint:
        told.extra["hint"] = caught.hint
    return told


def _wrong(error: Mapping[str, Any]) -> dict[str, str]:
    """What and where, without the value that was sent: it may be no text that JSON can hold."""
    where = ".".join(str(part) for part in error.get("loc", ()))
    return {
        "where": where.encode("utf-8", "replace").decode(),
        "message": str(error.get("msg", "")).encode("utf-8", "replace").decode(),
    }
