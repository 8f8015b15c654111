"""One click in the studio: each is a POST that a form sends with or without scripts, and ends where it began.

A script gets JSON (`{"ok": true, …}`, or the error's message); a form is led back to the same screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from newsletter.problems import NewsletterError, UsageError
from newsletter.web.live import Live
from newsletter.web.problem_words import error_hint, error_message
from newsletter.web.studio.choice import choice_of
from newsletter.web.studio.origin import refuse_other_sites
from newsletter.workflow import composing, issue_folders, parts, undoing
from newsletter.workflow.editing import Editing, EditingDesk
from newsletter.workflow.history import History
from newsletter.workflow.issues import new as new_issue
from newsletter.workflow.picture_files import add_picture
from newsletter.workflow.preview import PreviewDesk

MOST_PARTS, MOST_BYTES = 500, 25_000_000
_FRESH = {"cache-control": "no-store"}
Done = Mapping[str, Any]


class Actions:
    """The endpoints under `/studio/{slug}/do/`, and those of the list of issues."""

    def __init__(self, desk: PreviewDesk, editing: EditingDesk, live: Live) -> None:
        self._desk = desk
        self._editing = editing
        self._live = live

    def routes(self) -> list[Route]:
        at = "/studio/{slug}/do"
        named: Mapping[str, Callable[[Editing, str, FormData], Done]] = {
            "fix": self._fix,
            "undo": self._undo,
            "silence": self._silence,
            "digest": self._digest,
            "layout": self._layout,
            "details": self._details,
            "version": self._version,
            "restore": self._restore,
            "move": self._move,
            "new": self._new_part,
            "trash": self._trash_part,
            "picture": self._picture,
        }
        issues: Mapping[str, Callable[[FormData], str]] = {
            "new": self._new_issue,
            "duplicate": self._duplicate,
            "rename": self._rename,
            "trash": self._trash,
            "take-back": self._take_back,
        }
        return [
            *(
                Route(f"{at}/{name}", self._act(act), methods=["POST"])
                for name, act in named.items()
            ),
            *(
                Route(f"/issues-do/{name}", self._list_act(act), methods=["POST"])
                for name, act in issues.items()
            ),
        ]

    def _act(self, act: Callable[[Editing, str, FormData], Done]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            refuse_other_sites(request)
            slug = request.path_params["slug"]
            editing = self._editing.issue(slug)
            async with _form(request) as form:
                try:
                    done = await run_in_threadpool(act, editing, slug, form)
                except NewsletterError as caught:
                    if _by_script(request):
                        told = {
                            "ok": False,
                            "message": error_message(caught.message),
                            "hint": error_hint(caught.hint),
                        }
                        return JSONResponse(told, 409, _FRESH)
                    raise
            self._live.saved(slug)
            if _by_script(request):
                return JSONResponse({"ok": True, **done}, headers=_FRESH)
            choice = choice_of(slug, request.query_params)
            changes = {"file": done["file"]} if "file" in done else {}
            return RedirectResponse(choice.address(**changes), 303)

        return endpoint

    def _list_act(self, act: Callable[[FormData], str]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            refuse_other_sites(request)
            async with _form(request) as form:
                slug = await run_in_threadpool(act, form)
            self._live.tell()
            return RedirectResponse(f"/studio/{quote(slug, safe='')}" if slug else "/", 303)

        return endpoint

    def _fix(self, editing: Editing, slug: str, form: FormData) -> Done:
        """One fix, or several: their parts stand in the form in the same order."""
        parts = [[str(one) for one in form.getlist(key)] for key in ("file", "line", "old", "new")]
        composing.mend(
            editing,
            [
                composing.Mending(file, _number(line), old, new)
                for file, line, old, new in zip(*parts, strict=False)
            ],
        )
        return {}

    def _undo(self, editing: Editing, slug: str, form: FormData) -> Done:
        return {"undone": undoing.undo(editing)}

    def _silence(self, editing: Editing, slug: str, form: FormData) -> Done:
        composing.silence(editing, _text(form, "code"), _text(form, "reason"), _text(form, "file"))
        return {}

    def _digest(self, editing: Editing, slug: str, form: FormData) -> Done:
        chosen = [str(one).rpartition(" ") for one in form.getlist("article")]
        composing.make_digest(editing, [(file, shown) for file, _, shown in chosen])
        return {}

    def _layout(self, editing: Editing, slug: str, form: FormData) -> Done:
        """The issue is printed from now on as it is looked at."""
        issue = self._desk.shown(slug).issue
        file = issue.source.file if issue else "issue.md"
        composing.set_layout(editing, file, _text(form, "columns"), _text(form, "paper"))
        return {}

    def _details(self, editing: Editing, slug: str, form: FormData) -> Done:
        file = _text(form, "file")
        values = {
            key.removeprefix("key-"): str(value)
            for key, value in form.multi_items()
            if key.startswith("key-")
        }
        before = {
            key.removeprefix("was-"): str(value)
            for key, value in form.multi_items()
            if key.startswith("was-")
        }
        changed = {key: value for key, value in values.items() if value != before.get(key)}
        composing.fill_in(editing, file, changed)
        return {}

    def _version(self, editing: Editing, slug: str, form: FormData) -> Done:
        saved = History(editing.path).save(_text(form, "message"))
        return {"version": saved.short}

    def _restore(self, editing: Editing, slug: str, form: FormData) -> Done:
        file = _text(form, "file")
        root = editing.path if editing.path.is_dir() else editing.path.parent
        text = History(editing.path).text_at(_text(form, "version"), root / file)
        if text is None:
            raise UsageError(f"that version has no {file}")
        composing.put_back(editing, file, text)
        return {}

    def _move(self, editing: Editing, slug: str, form: FormData) -> Done:
        what, after = _text(form, "what"), _text(form, "after")
        moved = editing.renaming(lambda: parts.move_part(editing.path, what, after))
        for old in moved:
            self._desk.type(
                slug, old, None
            )  # who types there does it under the new name from now on
        return {"moved": dict(moved)}

    def _new_part(self, editing: Editing, slug: str, form: FormData) -> Done:
        name = parts.new_part(editing.path, _text(form, "title"), _text(form, "section"))
        return {"file": name}

    def _trash_part(self, editing: Editing, slug: str, form: FormData) -> Done:
        what = _text(form, "what")
        parts.trash_part(self._desk.publication.root, editing.path, what)
        return {"file": ""}

    def _picture(self, editing: Editing, slug: str, form: FormData) -> Done:
        upload = form.get("picture")
        if not isinstance(upload, UploadFile):
            raise UsageError("no picture came with the form")
        data = upload.file.read(MOST_BYTES + 1)
        name = upload.filename or "picture"
        return {"address": add_picture(editing.path, _text(form, "to"), name, data)}

    def _new_issue(self, form: FormData) -> str:
        slug = _text(form, "slug")
        new_issue(
            self._desk.publication,
            slug,
            title=_text(form, "title"),
            copy_from=_text(form, "from") or None,
        )
        return slug

    def _duplicate(self, form: FormData) -> str:
        issue_folders.duplicate(self._desk.publication, _text(form, "what"), _text(form, "slug"))
        return _text(form, "slug")

    def _rename(self, form: FormData) -> str:
        issue_folders.rename(self._desk.publication, _text(form, "what"), _text(form, "slug"))
        return _text(form, "slug")

    def _trash(self, form: FormData) -> str:
        issue_folders.trash(self._desk.publication, _text(form, "what"))
        return ""

    def _take_back(self, form: FormData) -> str:
        issue_folders.take_back(self._desk.publication, _text(form, "what"))
        return ""


def _form(request: Request) -> Any:
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > MOST_BYTES:
        raise HTTPException(413, "That is too large.")
    return request.form(max_files=1, max_fields=MOST_PARTS, max_part_size=1_000_000)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def _text(form: FormData, key: str) -> str:
    value = form.get(key, "")
    return value if isinstance(value, str) else ""


def _by_script(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")
