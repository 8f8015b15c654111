"""The preview's memory: each issue rendered once per change, and the last good rendering kept.

Whether something changed is seen from the files themselves (their times and sizes), so nothing can be
missed. While an issue cannot be read or laid out without errors, what is shown is the last rendering that
could, beside the problems of now; where there never was one, the draft with its placeholders. Print takes longest and is made when asked for.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from newsletter.checks import check_email, check_issue
from newsletter.delivery.message import specimen, without_recipient
from newsletter.editions.email_edition import render_email
from newsletter.editions.page_images import page_png, page_sizes
from newsletter.editions.print import render_print
from newsletter.editions.web import render_web
from newsletter.model.edition import EditionFile, EmailEdition, PrintEdition, WebEdition
from newsletter.model.issue import Issue
from newsletter.problems import ContentError, Problem, UsageError, has_errors, in_order
from newsletter.publication import FILE_NAME, Publication, load_publication, starter_templates
from newsletter.workflow import published
from newsletter.workflow.builds import pdf_name
from newsletter.workflow.issues import find_issue, issue_slugs, read

_Edition = TypeVar("_Edition")


@dataclass(frozen=True, slots=True)
class Shown:
    """An issue as the preview shows it. `version` changes whenever anything shown does.

    `stale` says that the source is broken now and the editions are those from before; `problems` are
    always those of now, without the ones that only print finds. `html` and `text` are the mail's parts, and
    `subject` and `preheader` its lines, as somebody without a name reads them.
    """

    slug: str
    version: str
    issue: Issue | None
    email: EmailEdition | None
    subject: str
    preheader: str
    html: str
    text: str
    web: WebEdition | None
    problems: tuple[Problem, ...]
    stale: bool = False
    broken: bool = False
    """The source has errors of its own, or no edition came of it. A mail that is too large is not broken."""


@dataclass(frozen=True, slots=True)
class ShownPages:
    """The print edition as the preview shows it; `sizes` are points."""

    version: str
    pdf: bytes | None
    sizes: tuple[tuple[float, float], ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list of issues."""

    slug: str
    title: str
    date: str
    number: str
    state: str
    errors: int
    warnings: int


class PreviewDesk:
    """Holds what a preview shows. Safe to ask from several threads; an issue is rendered by one at a time."""

    def __init__(self, root: Path, extra: str = "") -> None:
        self._root = root
        self._publication = load_publication(root)
        self._settings_problems: tuple[Problem, ...] = ()
        self._settings_stamp = _stamp([root / FILE_NAME])
        self._extra = find_issue(self._publication, extra).resolve() if extra else None
        self._laid: dict[str, tuple[Shown, Shown]] = {}
        """What is shown, and what the source of now gives; they differ while that has errors."""
        self._shown: dict[str, tuple[str, Shown]] = {}
        self._pages: dict[str, tuple[str, ShownPages]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    @property
    def publication(self) -> Publication:
        """The publication as its settings are now; those from before while the file is broken."""
        with self._guard:
            stamp = _stamp([self._root / FILE_NAME])
            if stamp != self._settings_stamp:
                self._settings_stamp = stamp
                try:
                    self._publication = load_publication(self._root)
                    self._settings_problems = ()
                except ContentError as caught:
                    self._settings_problems = caught.problems
            return self._publication

    def slugs(self) -> tuple[str, ...]:
        """The issues there are, newest first; one from elsewhere leads."""
        own = issue_slugs(self.publication)
        extra = [_slug(self._extra)] if self._extra is not None else []
        return tuple(dict.fromkeys((*extra, *own)))

    def listed(self) -> tuple[Listed, ...]:
        """The list of issues, read but not rendered, the newest first."""
        every = (self._listed(slug) for slug in self.slugs())
        return tuple(sorted(every, key=lambda one: (one.date, one.slug), reverse=True))

    def state(self, slug: str) -> str:
        """Whether the issue is a draft or published, as words."""
        revision = published.newest(self.publication, slug)
        return f"published, revision {revision.revision}" if revision else "draft"

    def watched(self) -> tuple[Path, ...]:
        """The folders and files whose change can change what is shown."""
        publication = self.publication
        candidates = [
            publication.issues_folder,
            publication.root / "templates",
            publication.root / FILE_NAME,
            publication.published_folder / "revisions",
            starter_templates(),
            *([self._extra] if self._extra is not None else []),
        ]
        return tuple(dict.fromkeys(path for path in candidates if path.exists()))

    def path(self, slug: str) -> Path:
        """The folder or file of an issue. Raises UsageError when there is no such issue."""
        return self._find(slug)

    def laid_out(self, slug: str) -> Shown:
        """The issue as it is now, before the checks, which take as long again: for what is looked at first."""
        path, publication = self._find(slug), self.publication
        stamp = self._stamp_of(path)
        with self._lock(slug):
            return self._lay_out(publication, path, slug, stamp)[0]

    def shown(self, slug: str) -> Shown:
        """The issue as it is now, checked. Raises UsageError when there is no such issue."""
        path, publication = self._find(slug), self.publication
        stamp = self._stamp_of(path)
        with self._lock(slug):
            kept = self._shown.get(slug)
            if kept is not None and kept[0] == stamp:
                return kept[1]
            laid, now = self._lay_out(publication, path, slug, stamp)
            problems = (*self._settings_problems, *now.problems, *_checked(now, publication))
            shown = replace(laid, problems=in_order(problems))
            self._shown[slug] = (stamp, shown)
            return shown

    def pages(self, slug: str) -> ShownPages:
        """The print edition of the issue as it is now; the last that could be made while it cannot."""
        path, publication = self._find(slug), self.publication
        stamp = self._stamp_of(path)
        with self._lock(f"print {slug}"):
            kept = self._pages.get(slug)
            if kept is not None and kept[0] == stamp:
                return kept[1]
            pages = _pages(publication, path, kept[1] if kept else None)
            self._pages[slug] = (stamp, pages)
            return pages

    def known_pages(self, slug: str) -> ShownPages | None:
        """The print edition as far as it is made; nothing is rendered."""
        kept = self._pages.get(slug)
        return kept[1] if kept else None

    def picture(self, slug: str, name: str) -> EditionFile | None:
        """A picture of the shown mail."""
        email = self.shown(slug).email
        files = email.pictures if email else ()
        return next((file for file in files if file.path == name), None)

    def web_file(self, slug: str, name: str) -> EditionFile | None:
        """A file of the shown web edition, the PDF included."""
        shown = self.shown(slug)
        if shown.issue is not None and name == pdf_name(shown.issue):
            pdf = self.pages(slug).pdf
            return EditionFile(name, "application/pdf", pdf) if pdf else None
        files = shown.web.files if shown.web else ()
        return next((file for file in files if file.path == name), None)

    def page_image(self, slug: str, number: int, width: int) -> bytes | None:
        """A page of print as PNG, None when there is no such page."""
        pdf = self.pages(slug).pdf
        if pdf is None:
            return None
        try:
            return _page_image(pdf, number, width)
        except IndexError:
            return None

    def message(self, slug: str) -> bytes | None:
        """The mail as it would be sent, whole."""
        shown = self.shown(slug)
        if shown.email is None or shown.issue is None:
            return None
        return specimen(shown.email, self.publication, shown.issue)

    def _find(self, slug: str) -> Path:
        if self._extra is not None and slug == _slug(self._extra):
            return self._extra
        if slug not in issue_slugs(self.publication):
            raise UsageError(f"no such issue: {slug}")
        return find_issue(self.publication, slug)

    def _lock(self, name: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(name, threading.Lock())

    def _stamp_of(self, path: Path) -> str:
        root = self._root
        return _stamp([path, root / FILE_NAME, root / "templates", starter_templates()])

    def _listed(self, slug: str) -> Listed:
        found = read(self.publication, str(self._find(slug)))
        issue = found.issue
        kept = self._shown.get(slug)
        problems = kept[1].problems if kept else found.problems
        return Listed(
            slug=slug,
            title=issue.title if issue else slug,
            date=issue.date.isoformat() if issue and issue.date else "",
            number=issue.number if issue else "",
            state=self.state(slug),
            errors=sum(has_errors([problem]) for problem in problems),
            warnings=sum(problem.severity == "warning" for problem in problems),
        )

    def _lay_out(
        self, publication: Publication, path: Path, slug: str, stamp: str
    ) -> tuple[Shown, Shown]:
        kept = self._laid.get(slug)
        if kept is not None and kept[1].version == stamp:
            return kept
        laid = now = _rendered(publication, path, slug, stamp)
        before = kept[0] if kept is not None else None
        usable = before is not None and before.email is not None and before.web is not None
        if before is not None and usable and now.broken:
            laid = replace(before, version=stamp, stale=True)
        self._laid[slug] = (laid, now)
        return laid, now


def _rendered(publication: Publication, path: Path, slug: str, stamp: str) -> Shown:
    """The editions that are quickly made, and what is wrong with them."""
    found = read(publication, str(path))
    issue = found.issue
    if issue is None:
        told = in_order(found.problems)
        return Shown(slug, stamp, None, None, "", "", "", "", None, told, broken=True)
    problems = list(found.problems)
    email, told = _attempt(lambda: render_email(issue, publication))
    problems += told
    web, told = _attempt(lambda: render_web(issue, publication, pdf_name=pdf_name(issue)))
    problems += told
    html = text = subject = preheader = ""
    if email is not None:
        html, text = without_recipient(email, publication)
        html = _with_pictures_here(html, email)
        subject, preheader = _defaults(email.subject, email), _defaults(email.preheader, email)
    broken = has_errors(found.problems) or email is None or web is None
    return Shown(
        slug,
        stamp,
        issue,
        email,
        subject,
        preheader,
        html,
        text,
        web,
        in_order(problems),
        broken=broken,
    )


def _checked(now: Shown, publication: Publication) -> tuple[Problem, ...]:
    """What the checks say of the source of now."""
    if now.issue is None:
        return ()
    found = tuple(check_issue(now.issue, publication))
    if now.email is None:
        return found
    return (*found, *check_email(now.email, now.issue, publication))


def _pages(publication: Publication, path: Path, before: ShownPages | None) -> ShownPages:
    found = read(publication, str(path))
    issue = found.issue
    edition: PrintEdition | None = None
    problems: tuple[Problem, ...] = ()
    if issue is not None:
        edition, problems = _attempt(lambda: render_print(issue, publication))
    if edition is None:
        old = before.pdf if before else None
        return ShownPages(
            before.version if before else "", old, before.sizes if before else (), problems
        )
    version = hashlib.sha256(edition.pdf).hexdigest()[:16]
    return ShownPages(version, edition.pdf, page_sizes(edition.pdf), problems)


def _attempt(make: Callable[[], _Edition]) -> tuple[_Edition | None, tuple[Problem, ...]]:
    """An edition with its problems; one that cannot be made is only its problems."""
    try:
        edition = make()
    except ContentError as caught:
        return None, caught.problems
    return edition, tuple(getattr(edition, "problems", ()))


def _defaults(text: str, email: EmailEdition) -> str:
    """A line of the mail as somebody without a name reads it."""
    for marker in email.markers:
        text = text.replace(marker.token, marker.default)
    return text


def _with_pictures_here(html: str, email: EmailEdition) -> str:
    """The mail with the addresses of its pictures relative to the page that shows it."""
    base = "cid:" if email.embedded else email.picture_base
    for file in email.pictures:
        html = html.replace(f"{base}{file.path}", file.path)
    return html


@lru_cache(maxsize=64)
def _page_image(pdf: bytes, number: int, width: int) -> bytes:
    return page_png(pdf, number, width)


def _slug(path: Path) -> str:
    return path.stem if path.is_file() else path.name


def _stamp(paths: Iterable[Path]) -> str:
    """Changes when any file under the paths is written, renamed, added or removed."""
    parts: list[str] = []
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in inside:
            try:
                state = file.stat()
            except OSError:
                continue
            parts.append(f"{file}\0{state.st_mtime_ns}\0{state.st_size}\0{state.st_ino}")
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]
