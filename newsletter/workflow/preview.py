"""The preview's memory: each issue rendered once per change, and the last good rendering kept.

Whether something changed is seen from the files themselves (their times and sizes), so nothing can be
missed. While an issue cannot be read or laid out without errors, what is shown is the last rendering that
could, beside the problems of now; where there never was one, the draft with its placeholders. Print takes longest: `printing.py`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from newsletter.checks import check_email, check_issue
from newsletter.delivery.message import specimen
from newsletter.editions.email_edition import digest_offer, mjml_source
from newsletter.model.edition import Cut, EditionFile
from newsletter.model.silence import audible
from newsletter.problems import ContentError, Problem, UsageError, has_errors, in_order
from newsletter.publication import FILE_NAME, Publication, load_publication, starter_templates
from newsletter.workflow import published
from newsletter.workflow.builds import pdf_name
from newsletter.workflow.issues import find_issue, issue_slugs, read
from newsletter.workflow.looks import (
    MailLook,
    WebLook,
    attempt,
    look_of,
    mail_look,
    read_by,
    web_look,
)
from newsletter.workflow.persons import Person, Place, SomePeople, person, place_of, some_people
from newsletter.workflow.printing import PrintDesk
from newsletter.workflow.shown import Listed, Shown
from newsletter.workflow.stages import Stage, stage_of


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
        self._typed: dict[str, dict[str, str]] = {}
        self._looks: dict[tuple[str, str], tuple[object, MailLook | WebLook | None]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self._printing = PrintDesk(lambda: self.publication, self._find, self._stamp_of)

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

    def type(self, slug: str, file: str, text: str | None) -> None:
        """Lays what is being typed over a file in what `look` shows; None when the file itself holds it."""
        with self._guard:
            typed = self._typed.setdefault(slug, {})
            typed.pop(file, None)
            if text is not None:
                typed[file] = text

    def type_saved(self, slug: str, file: str, text: str) -> None:
        """A file was saved with this text: from now on the file speaks, unless more was typed meanwhile."""
        with self._guard:
            typed = self._typed.get(slug, {})
            if typed.get(file) == text:
                del typed[file]

    def look(self, slug: str, view: str, person: str = "") -> str:
        """The page of a view, `email` or `web`, as it is now and as it is being typed, and nothing else made;
        the mail as one person reads it, where one is named (`persons.person`).

        The last that was good while the source is broken; where there never was one, the draft with its placeholders.
        """
        look = self._look(slug, view)
        if isinstance(look, MailLook) and (reader := self.person(person)):
            look = read_by(look, reader, self.publication)
        return look.html if look is not None else ""

    def mail_for(self, slug: str, person: str = "") -> MailLook | None:
        """The mail's lines and text as well, for somebody without a name or for one person."""
        look = self._look(slug, "email")
        reader = self.person(person)
        if not isinstance(look, MailLook):
            return None
        return read_by(look, reader, self.publication) if reader else look

    def mjml(self, slug: str) -> str:
        """The MJML that the mail is compiled of; empty while there is none."""
        issue = self.shown(slug).issue
        source, _ = attempt(lambda: mjml_source(issue, self.publication)) if issue else ("", ())
        return source or ""

    def digest(self, slug: str) -> tuple[Cut, ...]:
        """What would be shortened, or is, so that the mail fits; empty when all of it does."""
        shown = self.shown(slug)
        issue, email = shown.issue, shown.email
        if issue is None or email is None or email.cuts or email.html_bytes <= email.budget:
            return email.cuts if email else ()
        offer, _ = attempt(lambda: digest_offer(issue, self.publication))
        return offer or ()

    def stage(self, slug: str) -> Stage:
        """How far the issue is."""
        shown = self.shown(slug)
        errors = shown.issue is None or has_errors(shown.problems)
        return stage_of(self.publication, slug, errors=errors)

    def person(self, key: str) -> Person | None:
        return person(self.publication, key) if key else None

    def people(self, search: str, *, after: str = "", before: str = "") -> SomePeople:
        return some_people(self.publication, search, after=after, before=before)

    def place(self, key: str, search: str) -> Place | None:
        return place_of(self.publication, key, search)

    def _look(self, slug: str, view: str) -> MailLook | WebLook | None:
        path, publication = self._find(slug), self.publication
        with self._guard:
            typed = dict(self._typed.get(slug, {}))
        made_of = (self._stamp_of(path), typed)
        with self._lock(f"look {slug} {view}"):
            kept = self._looks.get((slug, view))
            if kept is not None and kept[0] == made_of:
                return kept[1]
            found = read(publication, str(path), typed)
            good = look_of(found, view, publication)
            before = kept[1] if kept is not None else None
            look = good or before or look_of(found, view, publication, draft=True)
            if good is None and before is None:  # a draft is no good rendering to go back to
                return look
            self._looks[slug, view] = (made_of, look)
            return look

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
            silences = now.issue.silences if now.issue else ()
            told, silenced = audible(in_order(problems), silences)
            shown = replace(laid, problems=told, silenced=silenced)
            self._shown[slug] = (stamp, shown)
            return shown

    @property
    def printing(self) -> PrintDesk:
        """The print edition, which takes longest and is made when asked for."""
        return self._printing

    def picture(self, slug: str, name: str) -> EditionFile | None:
        """A picture of the shown mail."""
        email = self.shown(slug).email
        files = email.pictures if email else ()
        return next((file for file in files if file.path == name), None)

    def web_file(self, slug: str, name: str) -> EditionFile | None:
        """A file of the shown web edition, the PDF included."""
        shown = self.shown(slug)
        if shown.issue is not None and name == pdf_name(shown.issue):
            pdf = self._printing.pages(slug).pdf
            return EditionFile(name, "application/pdf", pdf) if pdf else None
        files = shown.web.files if shown.web else ()
        return next((file for file in files if file.path == name), None)

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
            revision=found_revision.revision
            if (found_revision := published.newest(self.publication, slug))
            else 0,
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
    mail, web = mail_look(issue, publication), web_look(issue, publication)
    problems = (*found.problems, *mail.problems, *web.problems)
    broken = has_errors(found.problems) or mail.email is None or web.web is None
    return Shown(
        slug,
        stamp,
        issue,
        mail.email,
        mail.subject,
        mail.preheader,
        mail.html,
        mail.text,
        web.web,
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


def _slug(path: Path) -> str:
    return path.stem if path.is_file() else path.name


def _stamp(paths: Iterable[Path]) -> str:
    """Changes when any file under the paths is written, renamed, added or removed."""
    parts: list[str] = []
    for path in paths:
        parts += sorted(_states(str(path)))
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _states(path: str) -> Iterator[str]:
    """A file's state, or those of all that lies in a folder, links to folders as they are.

    What cannot be looked at is passed over alone: editors lay links that lead nowhere beside a file they hold."""
    folders = [path] if os.path.isdir(path) else []
    yield from _state(path, lambda: os.stat(path))
    while folders:
        try:
            with os.scandir(folders.pop()) as found:
                entries = list(found)
        except OSError:
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            yield from _state(entry.path, entry.stat)


def _state(path: str, look: Callable[[], os.stat_result]) -> Iterator[str]:
    with contextlib.suppress(OSError):
        state = look()
        yield f"{path}\0{state.st_mtime_ns}\0{state.st_size}\0{state.st_ino}"
