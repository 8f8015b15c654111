"""The studio's one screen: everything about an issue that its page shows, gathered for the template."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from starlette.responses import HTMLResponse

from newsletter.model.issue import Issue
from newsletter.problems import Problem, Severity, UsageError, in_order
from newsletter.web.studio import choice as choices
from newsletter.web.studio.assets import import_map, own_version
from newsletter.web.studio.choice import Choice
from newsletter.web.studio.clip import CLIP, articles_behind
from newsletter.web.studio.meter import Meter
from newsletter.web.studio.outline import outline_of
from newsletter.web.views import page
from newsletter.workflow.contents import headings_of, links_of, places_of
from newsletter.workflow.editing import Editing, Opened
from newsletter.workflow.preview import PreviewDesk
from newsletter.workflow.shown import Shown, ShownPages

_SHORT = {"email": "Email", "text": "Text", "web": "Web", "print": "Print", "source": "Source"}


def screen(
    desk: PreviewDesk, editing: Editing, choice: Choice, state: str, key: str
) -> HTMLResponse:
    """`state` is what the list of issues says of this one: draft, or published; `key` leads to what frames load."""
    shown = desk.shown(choice.slug)
    pages = _pages(desk, choice)
    problems = in_order((*shown.problems, *(pages.problems if pages else ())))
    names = editing.names()
    choice = replace(choice, file=_file(choice.file, names, shown.issue))
    nonce = secrets.token_urlsafe(16)
    response = page(
        "studio/screen",
        publication=desk.publication,
        choice=choice,
        link=choice.address,
        choices=choices,
        views=_SHORT,
        shown=shown,
        pages=pages,
        message=_message(desk, choice),
        state=state,
        names=names,
        opened=_opened(editing, choice.file),
        place=_place(desk, choice),
        files=f"/studio/{quote(choice.slug, safe='')}/files/",
        nonce=nonce,
        key=key,
        imports=import_map().text,
        scripts=own_version(),
        **_problems(problems, choice),
        **_about(shown, problems, pages),
    )
    response.headers["content-security-policy"] = _policy(nonce)
    return response


def _file(wanted: str, names: tuple[str, ...], issue: Issue | None) -> str:
    """The file to edit: the one asked for, else the first article, else any."""
    if wanted in names:
        return wanted
    first = next((article.source.file for _, article in issue.articles()), "") if issue else ""
    return first if first in names else (names[0] if names else "")


def _place(desk: PreviewDesk, choice: Choice) -> str:
    """Names a file among those of all publications that are ever served at this address."""
    parts = (str(desk.path(choice.slug).resolve()), choice.file)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:24]


def _opened(editing: Editing, file: str) -> Opened | None:
    try:
        return editing.open(file) if file else None
    except UsageError as caught:
        return Opened(file, "", "", caught.message)


def _message(desk: PreviewDesk, choice: Choice) -> str:
    wanted = choice.view == "source" and choice.part == "message"
    message = desk.message(choice.slug) if wanted else None
    return message.decode("utf-8", "replace") if message else ""


def _pages(desk: PreviewDesk, choice: Choice) -> ShownPages | None:
    """The pages of before are shown while new ones are laid out; only the first time somebody waits."""
    known = desk.known_pages(choice.slug)
    return desk.pages(choice.slug) if known is None and choice.view == "print" else known


def _problems(problems: tuple[Problem, ...], choice: Choice) -> dict[str, Any]:
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    warnings = [problem for problem in problems if problem.severity is Severity.WARNING]
    listed = {"error": errors, "warning": warnings}.get(choice.only, list(problems))
    return {
        "problems": problems,
        "listed": sorted(listed, key=lambda one: one.severity is not Severity.ERROR),
        "errors": len(errors),
        "warnings": len(warnings),
        "first": errors[0] if errors else None,
        "here": [
            [one.source.line, str(one.severity), one.message]
            for one in problems
            if one.source.file == choice.file and one.source.line
        ],
    }


def _about(shown: Shown, problems: tuple[Problem, ...], pages: ShownPages | None) -> dict[str, Any]:
    issue, email = shown.issue, shown.email
    if issue is None:
        return {
            "outline": (),
            "links": (),
            "headings": (),
            "places": (),
            "meter": None,
            "parts": (),
        }
    articles = [article for _, article in issue.articles()]
    cut = articles_behind(shown.html, articles)
    titles = {article.anchor: article for article in articles}
    sizes = email.article_bytes if email else ()
    return {
        "outline": outline_of(issue, email, problems, cut),
        "links": links_of(issue),
        "headings": headings_of(issue),
        "places": places_of(issue),
        "meter": Meter(email.html_bytes, CLIP) if email else None,
        "parts": [(titles[anchor], size) for anchor, size in sizes if anchor in titles],
    }


def _policy(nonce: str) -> str:
    """Our scripts and the import map, by its very text; styles that the editor makes, by the nonce."""
    return (
        f"default-src 'none'; script-src 'self' {import_map().policy}; "
        f"style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
