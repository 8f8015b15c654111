"""/imports: files of subscribers, dry or for good, as `newsletter subscribers import` reads them."""

from __future__ import annotations

import datetime
import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from newsletter.model.api_key import Scope
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.web.api.operations import By, Here, Number, operation
from newsletter.web.api.problems import ApiProblem
from newsletter.web.api.route import KeyedRoute
from newsletter.web.api.shapes import Given
from newsletter.workflow import importing

router = APIRouter(route_class=KeyedRoute, tags=["imports"])
_ENDINGS = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/json": ".json",
    "application/zip": ".zip",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/octet-stream": "",
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file itself. What it is is found by looking at it.",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary", "minLength": 1}}
            for kind in _ENDINGS
        },
    }
}
_BODY["requestBody"]["content"]["text/csv"]["example"] = "email,name\nada@example.com,Ada\n"
_BODY["requestBody"]["content"]["application/json"]["schema"] = {
    "type": ["array", "object"],
    "minItems": 1,
    "minProperties": 1,
}
_BODY["requestBody"]["content"]["application/json"]["example"] = [{"email": "ada@example.com"}]


class LineGiven(Given):
    """A line of the file that was not taken. Addresses are not repeated here."""

    line: int
    file: str
    reason: str


class ReportGiven(Given):
    id: int | None = Field(
        description="The import's number; null for a dry run, and where nothing changed."
    )
    applied: bool
    list_name: str
    format: str = Field(examples=["csv"])
    encoding: str = Field(examples=["utf-8"])
    delimiter: str
    columns: list[tuple[str, str]] = Field(description="Each column, and what it was taken for.")
    means: str = Field(
        description="The status of everybody in the file whose name says so; empty for most.",
        examples=[""],
    )
    new: int
    updated: int
    unchanged: int
    blocked: int = Field(description="Suppressed, unsubscribed or forgotten: they always win.")
    invalid: int
    pending: int = Field(
        description="Of the new ones, those without a proof: no mail goes to them."
    )
    blocked_lines: list[LineGiven]
    invalid_lines: list[LineGiven]


class BatchGiven(Given):
    id: int
    at: datetime.datetime
    file: str
    format: str
    counts: dict[str, int]
    undone: datetime.datetime | None


class BatchPage(Given):
    items: list[BatchGiven]


class UndoneGiven(Given):
    put_back: int
    kept: int = Field(description="Changed since by something newer, and left alone.")


@router.post(
    "/imports",
    summary="Import a file into a list",
    description="A dry run unless `apply` is true. An import never raises a status; whoever is suppressed, unsubscribed "
    "or forgotten stays so. Somebody new is confirmed only by the file's own proof, or with `consent`; else they are "
    "pending, and no mail is sent.",
    response_model=ReportGiven,
    status_code=201,
    **operation(
        Scope.IMPORTS_WRITE,
        "importFile",
        415,
        writes=True,
        takes_files=True,
        success={
            200: {
                "model": ReportGiven,
                "description": "A dry run, or a file that says nothing new: the database is as it was",
            }
        },
        extra=_BODY,
    ),
)
async def import_file(
    request: Request,
    response: Response,
    here: Here,
    by: By,
    list_: Annotated[
        str,
        Query(
            alias="list",
            max_length=200,
            pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$",
            examples=["weekly"],
            description="The list, made when there is none; left out where the file's own column names lists.",
        ),
    ] = "",
    apply: Annotated[bool, Query(description="Keep what the import does.")] = False,
    consent: Annotated[
        str,
        Query(
            max_length=2000,
            pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$",
            description="What everybody in the file agreed to; kept with each of them.",
        ),
    ] = "",
    format_: Annotated[
        str,
        Query(
            alias="format",
            pattern=f"^({'|'.join(importing.FORMATS)})?$",
            description="Forces a format; found by looking where it is left out.",
        ),
    ] = "",
) -> ReportGiven:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _ENDINGS:
        raise ApiProblem(
            "unsupported-media-type", f"The body must be one of: {', '.join(_ENDINGS)}."
        )
    data = await request.body()
    wanted = _Wanted(list_, apply, consent, format_, by.actor)
    report = await run_in_threadpool(_imported, here, data, f"upload{_ENDINGS[kind]}", wanted)
    response.status_code = 201 if report.id else 200
    if report.id:
        response.headers["location"] = f"/api/v1/imports/{report.id}"
    return report


class _Wanted:
    def __init__(self, to: str, apply: bool, consent: str, format: str, actor: str) -> None:
        self.to, self.apply, self.consent = to, apply, consent
        self.format, self.actor = format, actor


@router.get(
    "/imports",
    summary="Every import that was applied, the newest first",
    response_model=BatchPage,
    **operation(Scope.IMPORTS_READ, "listImports"),
)
def list_imports(here: Here) -> BatchPage:
    return BatchPage(items=[_batch(one) for one in importing.all_imports(here)])


@router.get(
    "/imports/{import_id}",
    summary="One import",
    response_model=BatchGiven,
    **operation(Scope.IMPORTS_READ, "getImport", 404),
)
def get_import(here: Here, import_id: Number) -> BatchGiven:
    return _batch(_one(here, import_id))


@router.post(
    "/imports/{import_id}/undo",
    summary="Put back what an import did",
    description="Whoever had something newer happen to them (left, bounced, another import) stays as they are.",
    response_model=UndoneGiven,
    **operation(Scope.IMPORTS_WRITE, "undoImport", 404, writes=True),
)
def undo_import(here: Here, by: By, import_id: Number) -> UndoneGiven:
    _one(here, import_id)
    undone = importing.undo_import(here, import_id, actor=by.actor)
    return UndoneGiven(put_back=undone.put_back, kept=undone.kept)


def _one(here: Publication, number: int) -> importing.Batch:
    for one in importing.all_imports(here):
        if one.id == number:
            return one
    raise ApiProblem("not-found", "There is no import of this number.")


def _imported(here: Publication, data: bytes, name: str, wanted: _Wanted) -> ReportGiven:
    with tempfile.TemporaryDirectory(prefix="newsletter-import-") as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        try:
            report = importing.import_file(
                here,
                path,
                wanted.to,
                apply=wanted.apply,
                consent=wanted.consent,
                format=wanted.format,
                actor=wanted.actor,
            )
        except UsageError as caught:
            message = caught.message.replace(str(path), "the file")
            errors = [{"where": "body", "message": message}]
            raise ApiProblem("invalid", "The file cannot be imported.", errors=errors) from None
    return _report(report)


def _report(report: importing.ImportReport) -> ReportGiven:
    def lines(told: list[importing.LineTold]) -> list[LineGiven]:
        return [LineGiven.model_validate(one) for one in told]

    return ReportGiven(
        id=report.batch or None,
        applied=report.applied,
        list_name=report.list_name,
        format=report.format,
        encoding=report.encoding,
        delimiter=report.delimiter,
        columns=list(report.columns),
        means=report.means,
        blocked_lines=lines(report.blocked_lines),
        invalid_lines=lines(report.invalid_lines),
        **report.counts,
    )


def _batch(one: importing.Batch) -> BatchGiven:
    return BatchGiven.model_validate(one)
