"""What a person does with an issue: find it, read it, check it, start a new one.

The order of problems is the editor's: what the reader found first, then what the editions and the
checks found, by file and line, each once.
"""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from newsletter.issues.reader import read_issue
from newsletter.model.edition import EmailEdition
from newsletter.model.issue import Issue
from newsletter.problems import (
    ContentError,
    NewsletterError,
    Problem,
    Severity,
    UsageError,
    has_errors,
    in_order,
)
from newsletter.publication import FILE_NAME, Publication


@dataclass(frozen=True, slots=True)
class ReadIssue:
    """An issue and where it came from. `issue` is None only when nothing could be read."""

    path: Path
    issue: Issue | None
    problems: tuple[Problem, ...]
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class PreparedEmail:
    """An issue with its mail, free of errors: what a send freezes."""

    path: Path
    issue: Issue
    edition: EmailEdition
    problems: tuple[Problem, ...]
    files: tuple[Path, ...] = ()


def find_issue(publication: Publication, argument: str) -> Path:
    """The folder or file of an issue named by its slug, or by a path; the path of an `issue.md` means its folder."""
    folder = publication.issues_folder
    if not argument.strip():
        raise UsageError("no issue is named: the name is empty")
    slug = argument.rstrip("/")
    looks_like_path = "/" in slug or slug.endswith(".md") or slug in ("", ".", "..")
    slugs: tuple[Path, ...] = () if looks_like_path else (folder / slug, folder / f"{slug}.md")
    for candidate in (*slugs, Path(argument).expanduser()):
        if candidate.is_file():
            return candidate.parent if candidate.name == "issue.md" else candidate
        if candidate.is_dir():
            _refuse_parent(publication, candidate, argument)
            return candidate
    near = difflib.get_close_matches(slug, issue_slugs(publication), n=1)
    hint = (
        f"Did you mean {near[0]}?" if near else f"Issues are folders in {folder}, or a path to one."
    )
    raise UsageError(f"no such issue: {argument}", hint)


def slug_of(publication: Publication, argument: str) -> str:
    """The slug of an issue that need not be readable, nor there, any more: what was begun has it."""
    from newsletter.issues.layout import find_files
    from newsletter.issues.reader import issue_slug

    try:
        return issue_slug(find_files(find_issue(publication, argument)).name)
    except (UsageError, OSError):
        path = Path(argument.rstrip("/"))
        return issue_slug(
            (path.parent if path.name == "issue.md" else path).name.removesuffix(".md")
        )


def _refuse_parent(publication: Publication, folder: Path, argument: str) -> None:
    """A folder that holds issues is none: one step too few was typed."""
    place = folder.resolve()
    if (place / FILE_NAME).is_file() or place == publication.issues_folder.resolve():
        slugs = issue_slugs(publication)
        known = f" It has: {', '.join(slugs[:5])}{' …' if len(slugs) > 5 else ''}." if slugs else ""
        raise UsageError(
            f"{argument} is not an issue but holds them", f"Name one by its slug.{known}"
        )


def issue_slugs(publication: Publication) -> list[str]:
    """The slugs of the publication's issues, newest name first."""
    if not publication.issues_folder.is_dir():
        return []
    names = (
        entry.name if entry.is_dir() else entry.stem
        for entry in publication.issues_folder.iterdir()
        if not entry.name.startswith((".", "_")) and (entry.is_dir() or entry.suffix == ".md")
    )
    return sorted(names, reverse=True)


def read(
    publication: Publication,
    argument: str,
    typed: Mapping[str, str] | None = None,
    *,
    correction: str = "",
) -> ReadIssue:
    """`typed` are texts by file name that stand for what the files hold: what an editor has not saved yet.
    `correction` is a note of what was wrong in earlier revisions; those published before stand in it anyhow."""
    from newsletter.workflow.corrections import corrected

    path = find_issue(publication, argument)
    reading = read_issue(path, default_language=publication.settings.language, typed=typed or {})
    issue = reading.issue and corrected(publication, reading.issue, correction)
    return ReadIssue(path, issue, reading.problems, reading.files)


def check(publication: Publication, argument: str) -> tuple[Problem, ...]:
    """Everything that is wrong with an issue, in all editions, without writing any."""
    from newsletter.workflow.builds import render

    found = read(publication, argument)
    if found.issue is None:
        return in_order(found.problems)
    return render(publication, found.issue, found.problems).problems


def prepare_email(
    publication: Publication, argument: str, *, correction: str = ""
) -> PreparedEmail:
    """The mail of an issue, ready to be sent; raises ContentError when anything is an error."""
    from newsletter.checks import check_email, check_issue
    from newsletter.editions.email_edition import render_email

    found = read(publication, argument, correction=correction)
    if found.issue is None or has_errors(found.problems):
        raise ContentError(f"{argument} has errors", in_order(found.problems))
    edition = render_email(found.issue, publication)
    problems = in_order(
        (
            *found.problems,
            *edition.problems,
            *check_issue(found.issue, publication),
            *check_email(edition, found.issue, publication),
        )
    )
    if has_errors(problems):
        raise ContentError(f"{argument} has errors", problems)
    return PreparedEmail(found.path, found.issue, edition, problems, found.files)


def new(
    publication: Publication,
    slug: str,
    *,
    title: str = "",
    language: str = "",
    copy_from: str | None = None,
) -> tuple[Path, ...]:
    """Starts an issue in `issues/<slug>`; refuses to touch one that exists. Returns the files made."""
    from newsletter.issues.scaffold import new_issue

    if not slug or slug.startswith((".", "_")) or "/" in slug or "\\" in slug:
        raise UsageError(f"not a slug: {slug}", "A slug is the issue's folder name: 2026-12-01")
    target = publication.issues_folder / slug
    if target.exists():
        raise UsageError(
            f"issues/{slug} exists already", "Nothing was changed. Choose another slug."
        )
    source = find_issue(publication, copy_from) if copy_from else None
    try:
        return new_issue(
            target,
            slug=slug,
            title=title or publication.name,
            language=language or publication.settings.language,
            date=_date_in(slug),
            copy_from=source,
        )
    except OSError as caught:
        raise NewsletterError(f"cannot write {target}: {caught.strerror}") from caught


def only(problems: tuple[Problem, ...], severity: Severity) -> tuple[Problem, ...]:
    return tuple(problem for problem in problems if problem.severity is severity)


def _date_in(slug: str) -> str:
    """The date in an issue's name, empty when there is none that a calendar has."""
    found = re.search(r"\d{4}-\d{2}-\d{2}", slug)
    try:
        return datetime.date.fromisoformat(found.group(0)).isoformat() if found else ""
    except ValueError:
        return ""
