"""Build: an issue becomes `{email.html,email.txt,email.eml,web/,print.pdf,report.json}`, all or nothing.

`email.html` and `email.txt` are the mail as somebody without a name would see it, its pictures beside
it in `web/`, so that it can be opened from the folder; `email.eml` is the message as it is sent.
The same input gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from newsletter.checks import check_email, check_issue, check_pages
from newsletter.delivery.message import specimen, without_recipient
from newsletter.editions.email_edition import render_email
from newsletter.editions.page_lines import printed_pages
from newsletter.editions.print import render_print
from newsletter.editions.web import render_web
from newsletter.model.edition import EditionFile, EmailEdition, PrintEdition, WebEdition
from newsletter.model.issue import Issue
from newsletter.model.silence import audible
from newsletter.problems import (
    ContentError,
    NewsletterError,
    Problem,
    Severity,
    UsageError,
    WarningsError,
    has_errors,
    in_order,
)
from newsletter.publication import Publication, with_settings
from newsletter.workflow.folders import replace_folder
from newsletter.workflow.issues import ReadIssue, read

OUTPUTS = ("email.html", "email.txt", "email.eml", "web", "print.pdf", "report.json")

_Edition = TypeVar("_Edition")


@dataclass(frozen=True, slots=True)
class Rendered:
    """An issue in all its editions. One that could not be made is None, and `problems` says why."""

    issue: Issue
    email: EmailEdition | None
    web: WebEdition | None
    print: PrintEdition | None
    problems: tuple[Problem, ...]
    silenced: int = 0
    """So many problems are not in `problems`, because the issue silences them."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    title: str
    folder: Path
    email: EmailEdition
    text_bytes: int
    web_bytes: int
    web_files: int
    pdf_bytes: int
    pages: int
    problems: tuple[Problem, ...]


def build(
    publication: Publication,
    argument: str,
    *,
    output: Path | None = None,
    draft: bool = False,
    strict: bool = False,
    theme: str = "",
) -> BuildReport:
    """Builds an issue into `output`, by default `build/<slug>/` of the publication; `theme` for another than its own.

    Raises ContentError when there are errors (unless `draft`), WarningsError when there are warnings
    under `strict`; then nothing was written.
    """
    found = read(publication, argument)
    issue = _readable(found, draft)
    if theme:
        issue, publication = replace(issue, theme=theme), with_settings(publication, theme=theme)
    target = output if output is not None else publication.build_folder / issue.slug
    _spare_foreign(target)
    rendered = render(publication, issue, found.problems)
    _refuse(rendered.problems, draft=draft, strict=strict)
    if rendered.email is None or rendered.web is None or rendered.print is None:
        raise ContentError(f"{argument} could not be built", rendered.problems)
    files = _files(publication, rendered, rendered.email, rendered.print)
    try:
        replace_folder(target, files, OUTPUTS)
    except OSError as caught:
        raise NewsletterError(
            f"cannot write {target}: {caught.strerror}", "The last good build is still there."
        ) from caught
    web = [data for name, data in files.items() if name.startswith("web/")]
    return BuildReport(
        title=issue.title,
        folder=target,
        email=rendered.email,
        text_bytes=len(files["email.txt"]),
        web_bytes=sum(map(len, web)),
        web_files=len(web),
        pdf_bytes=len(rendered.print.pdf),
        pages=rendered.print.pages,
        problems=rendered.problems,
    )


def render(publication: Publication, issue: Issue, problems: tuple[Problem, ...] = ()) -> Rendered:
    """Every edition of an issue and every problem of them. Print runs in its own process meanwhile."""
    found: list[Problem] = list(problems)
    with ThreadPoolExecutor(max_workers=1) as pool:
        printing = pool.submit(_collected, lambda: render_print(issue, publication))
        email, told = _collected(lambda: render_email(issue, publication))
        found += told
        web, told = _collected(lambda: render_web(issue, publication, pdf_name=pdf_name(issue)))
        found += told
        found += check_issue(issue, publication)
        if email is not None:
            found += check_email(email, issue, publication)
        pages, told = printing.result()
        found += told
        if pages is not None:
            found += check_pages(printed_pages(pages.pdf, pages.area), issue)
    told_still, silenced = audible(in_order(found), issue.silences)
    return Rendered(issue, email, web, pages, told_still, silenced)


def web_files(rendered: Rendered) -> tuple[EditionFile, ...]:
    """The web folder of an issue: the page, its pictures, the mail's pictures and the PDF."""
    files = {file.path: file for file in (rendered.web.files if rendered.web else ())}
    if rendered.email is not None and not rendered.email.embedded:
        files |= {file.path: file for file in rendered.email.pictures}
    if rendered.print is not None:
        name = pdf_name(rendered.issue)
        files[name] = EditionFile(name, "application/pdf", rendered.print.pdf)
    return tuple(files.values())


def pdf_name(issue: Issue) -> str:
    return f"{issue.slug}.pdf"


def _collected(make: Callable[[], _Edition]) -> tuple[_Edition | None, tuple[Problem, ...]]:
    """An edition with its problems; one whose template is broken is only its problems."""
    try:
        edition = make()
    except ContentError as caught:
        return None, caught.problems
    return edition, tuple(getattr(edition, "problems", ()))


def _readable(found: ReadIssue, draft: bool) -> Issue:
    if found.issue is None:
        raise ContentError(f"{found.path} could not be read", in_order(found.problems))
    return found.issue


def _spare_foreign(target: Path) -> None:
    """A folder `web` that some other work made is not a build's to replace."""
    web = target / "web"
    if web.is_dir() and any(web.iterdir()) and not (target / "report.json").is_file():
        raise UsageError(
            f"{web} is no build's: it would be replaced",
            "Nothing was changed. Choose another folder with --output, or move that one away.",
        )


def _refuse(problems: tuple[Problem, ...], *, draft: bool, strict: bool) -> None:
    if has_errors(problems) and not draft:
        raise ContentError(
            "nothing was written, the last good build stands",
            problems,
            "To look at it all the same: --draft",
        )
    if strict and any(problem.severity is Severity.WARNING for problem in problems):
        raise WarningsError(
            "there are warnings, and --strict was given; nothing was written", problems
        )


def _files(
    publication: Publication,
    rendered: Rendered,
    email: EmailEdition,
    pages: PrintEdition,
) -> dict[str, bytes]:
    html, text = without_recipient(email, publication)
    base = "cid:" if email.embedded else email.picture_base
    for file in email.pictures:
        html = html.replace(f"{base}{file.path}", f"web/{file.path}")
    files = {f"web/{file.path}": file.data for file in web_files(rendered)}
    if email.embedded:
        files |= {f"web/{file.path}": file.data for file in email.pictures}
    files |= {
        "email.html": html.encode(),
        "email.txt": text.encode(),
        "email.eml": specimen(email, publication, rendered.issue),
        "print.pdf": pages.pdf,
    }
    report = _report(rendered, email, pages, files)
    files["report.json"] = (json.dumps(report, ensure_ascii=False, indent=2) + "\n").encode()
    return files


def _report(
    rendered: Rendered,
    email: EmailEdition,
    pages: PrintEdition,
    files: dict[str, bytes],
) -> dict[str, Any]:
    issue = rendered.issue
    return {
        "issue": {
            "slug": issue.slug,
            "title": issue.title,
            "number": issue.number,
            "language": issue.language,
        }
        | {"date": issue.date.isoformat() if issue.date else ""},
        "email": {
            "subject": email.subject,
            "html_bytes": email.html_bytes,
            "budget": email.budget,
            "text_bytes": len(files["email.txt"]),
            "message_bytes": len(files["email.eml"]),
            "articles": [
                {"anchor": anchor, "bytes": count} for anchor, count in email.article_bytes
            ],
            "cuts": [
                {"anchor": cut.anchor, "title": cut.title, "shown": str(cut.shown)}
                | {
                    "file": cut.source.file,
                    "full_bytes": cut.full_bytes,
                    "shown_bytes": cut.shown_bytes,
                }
                for cut in email.cuts
            ],
        },
        "web": {
            "files": sum(1 for name in files if name.startswith("web/")),
            "bytes": sum(len(data) for name, data in files.items() if name.startswith("web/")),
        },
        "print": {"pages": pages.pages, "bytes": len(pages.pdf)},
        "problems": [
            {"code": p.code, "severity": str(p.severity), "file": p.source.file}
            | {"line": p.source.line, "message": p.message, "hint": p.hint}
            for p in rendered.problems
        ],
    }
