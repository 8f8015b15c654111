"""What the OpenAPI description says of each operation: its scope, and every answer that it may give."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Path, Query
from starlette.requests import Request

from newsletter.model.api_key import ApiKey, Scope
from newsletter.publication import Publication
from newsletter.web.api.problems import KINDS, MEDIA_TYPE

ALWAYS = (401, 403, 422, 429, 500, 503)
MOST = 200
LARGEST = 2**63 - 1
_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any text of your own, one for each thing to be done: sent again within 24 hours with the same "
    "request, nothing is done again and the same answer is given.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of these statuses, each with an example."""
    return {status: _answer(status) for status in sorted(statuses)}


def operation(
    scope: Scope,
    name: str,
    *errors: int,
    writes: bool = False,
    takes_files: bool = False,
    success: dict[int | str, dict[str, Any]] | None = None,
    extra: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The arguments that every route of a key's has. `name` is its operation id; `errors` are its own, and
    `success` what it answers beside its usual status."""
    own: set[int] = {*ALWAYS, *errors}
    more: dict[str, Any] = {"security": [{"key": [str(scope)]}], **(extra or {})}
    if writes:
        own |= {400, 409, 413}
        more["parameters"] = [_IDEMPOTENCY]
        if not takes_files:
            own.add(415)
    if takes_files:
        more["x-takes-files"] = True
    return {
        "operation_id": name,
        "responses": {**(success or {}), **answers(*own)},
        "openapi_extra": more,
    }


def publication_of(request: Request) -> Publication:
    found: Publication = request.state.publication
    return found


def key_of(request: Request) -> ApiKey:
    found: ApiKey = request.state.key
    return found


Here = Annotated[Publication, Depends(publication_of)]
By = Annotated[ApiKey, Depends(key_of)]
Number = Annotated[int, Path(ge=1, le=LARGEST, examples=[7])]
Limit = Annotated[int, Query(ge=1, le=MOST, description="So many at once.", examples=[50])]
Cursor = Annotated[
    str,
    Query(
        max_length=12,
        pattern="^[0-9a-z]*$",
        description="`next` of the page before; the first page without it.",
        examples=["2s"],
    ),
]
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def cursor(number: int | None) -> str | None:
    """Where the next page begins, as programs see it."""
    if number is None:
        return None
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text or "0"


def after(text: str) -> int:
    """The number behind a cursor; 0 for the first page."""
    return int(text, 36) if text else 0


def _answer(status: int) -> dict[str, Any]:
    examples = {
        code: {
            "summary": kind.title,
            "value": {
                "type": f"/api/v1/problems/{code}",
                "title": kind.title,
                "status": kind.status,
                "code": code,
                "detail": kind.meaning,
            },
        }
        for code, kind in KINDS.items()
        if kind.status == status
    }
    titles = [kind.title for kind in KINDS.values() if kind.status == status]
    told: dict[str, Any] = {
        "description": " / ".join(titles),
        "content": {
            MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}
        },
    }
    header = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}.get(status)
    if header:
        told["headers"] = {header: {"schema": {"type": "string"}}}
    return told
