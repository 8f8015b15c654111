"""Bringing a file in, in four steps at the side of the list: the file, its encoding and columns, a dry run, the import.

    GET  /subscribers/import             choose a file         POST  takes it, and keeps it for a day
    GET  /subscribers/import/<id>        how it is read, what its columns are
    POST /subscribers/import/<id>/dry    tries it; nothing is kept        …/apply  does it, all or nothing
    GET  /subscribers/import/<id>/run    how far it is, and what it did or would do
    GET  /subscribers/imports            every import, with a way to undo each

Nothing is written before a dry run with the same choices has been seen.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from newsletter.problems import UsageError
from newsletter.web.problem_words import sentence
from newsletter.web.studio.parts import part_of
from newsletter.web.studio.people_choice import PeopleChoice
from newsletter.web.studio.people_frame import AT, Frame, actor_of, text_of
from newsletter.web.studio.people_listing import Listings, status_words
from newsletter.web.studio.people_mapping import (
    choice_of,
    chosen_fields,
    columns_of,
    delimiter_words,
    kept_as,
    query_of,
    query_of_kept,
    read_otherwise,
    reading_of,
    shown_as,
)
from newsletter.web.studio.people_runs import Runs
from newsletter.web.words import gettext
from newsletter.workflow import import_uploads as uploads
from newsletter.workflow import mappings
from newsletter.workflow.import_looks import look
from newsletter.workflow.import_uploads import Upload
from newsletter.workflow.importing import MOST_TOLD, all_imports, undo_import
from newsletter.workflow.lists import all_lists

FIRST_REASONS = 12
"""Lines that are named on the page."""


class ImportPages:
    def __init__(self, frame: Frame, listings: Listings) -> None:
        self._frame = frame
        self._listings = listings
        self._runs = Runs(lambda: frame.publication)

    def routes(self) -> list[Route]:
        frame, at, one = self._frame, f"{AT}/import", f"{AT}/import/{{id}}"
        return [
            Route(at, frame.shown(self._choose), methods=["GET"]),
            Route(
                at,
                frame.done(
                    self._take, self._choose, files=1, largest=uploads.MOST_BYTES + 1_000_000
                ),
                methods=["POST"],
            ),
            Route(one, frame.shown(self._look), methods=["GET"]),
            Route(f"{one}/dry", frame.done(self._dry, self._look), methods=["POST"]),
            Route(f"{one}/apply", frame.done(self._apply, self._run), methods=["POST"]),
            Route(f"{one}/drop", frame.done(self._drop, self._choose), methods=["POST"]),
            Route(f"{one}/keep", frame.done(self._keep, self._run), methods=["POST"]),
            Route(f"{one}/run", frame.shown(self._run), methods=["GET"]),
            Route(f"{AT}/imports", frame.shown(self._all), methods=["GET"]),
            Route(f"{AT}/imports/undo", frame.done(self._undo, self._all), methods=["POST"]),
        ]

    def stop(self) -> None:
        self._runs.stop()

    def _choose(self, request: Request, told: str, status: int = 200) -> Response:
        return self._frame.page(
            request,
            "import-file",
            "people",
            status,
            told=told,
            largest=uploads.MOST_BYTES // 1_000_000,
            listing=self._listings.of(PeopleChoice()),
        )

    def _take(self, request: Request, form: FormData) -> str:
        upload = form.get("file")
        if not isinstance(upload, UploadFile) or not upload.filename:
            raise UsageError(gettext("Choose a file first"))
        kept = uploads.keep(
            self._frame.publication, upload.filename, upload.file, actor_of(request)
        )
        return f"{AT}/import/{kept.id}"

    def _look(self, request: Request, told: str) -> Response:
        publication, query = self._frame.publication, request.query_params
        upload = uploads.find(publication, request.path_params["id"])
        if name := query.get("kept", ""):
            return self._as_kept(upload, name)
        encoding, delimiter = reading_of(query)
        try:
            seen = look(upload.path, encoding=encoding, delimiter=delimiter)
        except UsageError as caught:  # no table at all: another file has to be chosen
            return self._choose(request, sentence(caught), 422)
        best = encoding or (seen.readings.best if seen.readings else "")
        other = read_otherwise(query)
        columns = columns_of(query if other is None else other, seen)
        known = all_lists(publication)
        usual = publication.settings.default_list or (known[0].list.name if known else "")
        alone = part_of(request) == "reading"
        return self._frame.page(
            request,
            "import-reading" if alone else "import-columns",
            "people",
            told=told,
            upload=upload,
            seen=seen,
            status_words=status_words(),
            encoding=best,
            was=shown_as(best if seen.readings and seen.readings.found else "", seen.delimiter),
            delimiters=delimiter_words(),
            columns=columns,
            fields=chosen_fields(columns),
            lists=known,
            list_name=query.get("list", usual),
            consent=query.get("consent", ""),
            kept=mappings.saved_mappings(publication),
            listing=None if alone else self._listings.of(PeopleChoice()),
        )

    def _as_kept(self, upload: Upload, name: str) -> Response:
        """The page with the choices that were kept under a name; only names of this publication's are read."""
        if name not in mappings.saved_mappings(self._frame.publication):
            raise UsageError(gettext("There is no mapping %(name)s", name=name))
        kept = mappings.read_mapping(self._frame.publication, name)
        seen = look(upload.path, encoding=kept.encoding, delimiter=kept.delimiter)
        query = query_of_kept(kept, seen)
        return RedirectResponse(f"{AT}/import/{upload.id}?{query}", 303)

    def _keep(self, request: Request, form: FormData) -> str:
        run = self._runs.of(request.path_params["id"])
        if run is None:
            raise UsageError(gettext("Try it dry first"))
        name = text_of(form, "name", 100)
        mappings.save_mapping(self._frame.publication, name, kept_as(run.choice))
        return f"{AT}/import/{run.upload.id}/run?{urlencode({'kept': name})}"

    def _dry(self, request: Request, form: FormData) -> str:
        return self._start(request, form, apply=False)

    def _start(self, request: Request, form: FormData, *, apply: bool) -> str:
        upload = uploads.find(self._frame.publication, request.path_params["id"])
        other = read_otherwise(form)
        if other is not None:  # its columns were not seen as they are read now
            return f"{AT}/import/{upload.id}?{query_of(other)}"
        encoding, delimiter = reading_of(form)
        seen = look(upload.path, encoding=encoding, delimiter=delimiter)
        choice = choice_of(form, seen)
        # A refusal shows the page of the address, so the address says what was chosen.
        request.scope["query_string"] = query_of(form).encode("ascii")
        if (
            seen.header
            and "email" not in chosen_fields(columns_of(form, seen))
            and not _product(seen.format)
        ):
            raise UsageError(gettext("Say which column holds the addresses"))
        self._runs.start(upload, choice, actor_of(request), apply=apply)
        return f"{AT}/import/{upload.id}/run"

    def _apply(self, request: Request, form: FormData) -> str:
        id = request.path_params["id"]
        run = self._runs.of(id)
        if run is None or run.state != "done" or run.report is None:
            raise UsageError(gettext("Try it dry first"))
        if not run.apply:
            upload = uploads.find(self._frame.publication, id)
            self._runs.start(upload, run.choice, actor_of(request), apply=True)
        return f"{AT}/import/{id}/run"

    def _run(self, request: Request, told: str) -> Response:
        id = request.path_params["id"]
        run = self._runs.of(id)
        if run is None:
            return RedirectResponse(f"{AT}/import/{quote(id, safe='')}", 303)
        report = run.report
        # Whoever follows the progress asks often, and leaves the list as it is meanwhile.
        follows = part_of(request) == "panel"
        return self._frame.page(
            request,
            "import-part" if follows else "import-run",
            "people",
            told=told,
            run=run,
            report=report,
            most_told=MOST_TOLD,
            blocked=report.blocked_lines[:FIRST_REASONS] if report else (),
            invalid=report.invalid_lines[:FIRST_REASONS] if report else (),
            kept=request.query_params.get("kept", "")[:100],
            listing=None if follows and run.running else self._listings.of(PeopleChoice()),
        )

    def _drop(self, request: Request, form: FormData) -> str:
        id = request.path_params["id"]
        self._runs.forget(id)
        uploads.drop(self._frame.publication, id)
        return f"{AT}/imports"

    def _all(self, request: Request, told: str) -> Response:
        batches = all_imports(self._frame.publication)
        said = request.query_params.get("undone", "").split("-")
        numbers = [int(one) for one in said if one.isascii() and one.isdigit()]
        return self._frame.page(
            request,
            "imports",
            "imports",
            told=told,
            batches=batches,
            undone=numbers if len(numbers) == 3 else None,
        )

    def _undo(self, request: Request, form: FormData) -> str:
        typed = text_of(form, "batch", 12)
        batch = int(typed) if typed.isascii() and typed.isdigit() else 0
        done = undo_import(self._frame.publication, batch, actor=actor_of(request))
        return f"{AT}/imports?undone={batch}-{done.put_back}-{done.kept}"


def _product(format: str) -> bool:
    """Whether a product's own reader knows where the addresses are."""
    return format.partition(" ")[0] not in ("csv", "tsv", "json", "jsonl", "xlsx")
