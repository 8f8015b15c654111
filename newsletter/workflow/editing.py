"""Editing an issue's files beside other programs: nothing typed is lost, nothing of others is overwritten.

A save names the version of the file that it began from (the SHA-256 of its bytes) and brings the text of
that version along. When the file is still that version, the text goes in. When somebody else changed it,
both changes are merged; where they cannot be, nothing is written and the conflict is handed back. A file that
was given another name is followed, here (`renaming`: the issue was put in another order) or elsewhere (`follow`).

What was typed is in the journal before the file is touched and leaves it only when the file holds it; a save
that was cut off is finished when the file is opened next.
"""

from __future__ import annotations

import datetime
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from newsletter.problems import NewsletterError, UsageError
from newsletter.workflow.deeds import Deed
from newsletter.workflow.drafts import Draft, Drafts
from newsletter.workflow.following import Following
from newsletter.workflow.merging import Disputed, Merged, merge
from newsletter.workflow.source_files import SourceFiles
from newsletter.workflow.source_text import NotText, normal, text_of, version_of, with_text

BURST = 30.0
"""Seconds without a save that end a burst of them."""
MISSING = "missing"
"""The version of a file that is not there."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file in the editor. `refusal` says why it cannot be edited; then the text is empty."""

    file: str
    text: str
    version: str
    refusal: str = ""
    conflict: Conflict | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """The file holds the text, on disk. `merged` when changes of others are in it too; `at` is local time."""

    text: str
    version: str
    at: datetime.datetime
    merged: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both changed the same lines, or the file is gone. To decide is to save one of `merged`'s texts with this
    `version`, and `theirs` as its base. `mine` is what was typed, whole; it also lies at `kept`."""

    file: str
    base: str
    mine: str
    theirs: str
    version: str
    merged: Merged
    kept: Path


class Editing:
    """The files of one issue. Safe to use from several threads: saves of one issue follow one another."""

    def __init__(self, publication: Path, slug: str, path: Path) -> None:
        self._files = SourceFiles(path)
        self._drafts = Drafts(publication, slug)
        self._lock = threading.Lock()
        self._first: dict[str, str] = {}
        self._before: dict[str, tuple[float, str]] = {}
        self._run = secrets.token_hex(4)
        self._renamed: list[Mapping[str, str]] = []
        self._following = Following()
        self.deeds: list[Deed] = []
        """What was done with one click, the newest last (`undoing.py`)."""
        self.path = path

    def at_first(self, file: str) -> str:
        """A file's text as it was when it was first opened here."""
        return self._first.get(file, "")

    def before_save(self, file: str) -> str:
        """A file's text as it was before it was last saved here. Saves follow each other while somebody types; as
        long as they do they are one."""
        return self._before.get(file, (0.0, self.at_first(file)))[1]

    def _saving(self, file: str, before: str) -> None:
        now = time.monotonic()
        last, text = self._before.get(file, (-BURST, ""))
        self._before[file] = (now, before if now - last >= BURST else text)

    @property
    def order(self) -> str:
        """The names of all files as they are now, in a word: from it `name_now` leads on."""
        return f"{self._run}.{len(self._renamed)}"

    def name_now(self, file: str, order: str) -> str:
        """What a file is called now that had this name in an order; the same name where that order is not known."""
        run, _, number = order.partition(".")
        known = run == self._run and number.isascii() and number.isdigit() and len(number) < 8
        for renamed in self._renamed[int(number) :] if known else ():
            file = renamed.get(file, file)
        return file

    def renaming(self, rename: Callable[[], Mapping[str, str]]) -> Mapping[str, str]:
        """Does what gives files other names, and tells which: no save comes in between, and what belongs to a file
        goes with it."""
        with self._lock:
            renamed = rename()
            self._rename(renamed)
        return renamed

    def follow(self) -> None:
        """Goes along with what another program renamed since the last look."""
        with self._lock:
            self._follow()

    def _follow(self) -> None:
        renamed = self._following.look(self._files.names(), self._holds)
        if renamed:
            self._rename(renamed)

    def _holds(self, file: str) -> str:
        try:
            return _version(self._files.read(file))
        except NewsletterError:
            return MISSING  # it cannot be read, or is gone again

    def _rename(self, renamed: Mapping[str, str]) -> None:
        drafts = [draft for old in renamed if (draft := self._drafts.get(old)) is not None]
        for draft in drafts:
            self._drafts.drop(draft.file)
        for draft in drafts:
            self._drafts.put(msgspec.structs.replace(draft, file=renamed[draft.file]))
        self._first = {renamed.get(file, file): text for file, text in self._first.items()}
        self._before = {renamed.get(file, file): kept for file, kept in self._before.items()}
        self._renamed.append(renamed)
        self._following.renamed(renamed, self._files.names())

    def names(self) -> tuple[str, ...]:
        return self._files.names()

    def open(self, file: str) -> Opened:
        """The file as it is now, after finishing a save that was cut off. Raises UsageError for no such file."""
        with self._lock:
            draft = self._drafts.get(file)
            outcome = self._save(draft) if draft is not None else None
            conflict = outcome if isinstance(outcome, Conflict) else None
            data = self._files.read(file)
            if data is None and conflict is None:
                raise UsageError(f"no such file in the issue: {file}")
            if data is not None:
                self._following.holds(file, _version(data))
            try:
                text = text_of(data or b"")
            except NotText as caught:
                return Opened(
                    file, "", version_of(data or b""), f"{file} cannot be edited: {caught}"
                )
            self._first.setdefault(file, text)
            return Opened(file, text, _version(data), conflict=conflict)

    def save(
        self, file: str, text: str, *, version: str, base: str, order: str = ""
    ) -> Saved | Conflict:
        """Brings a typed text into its file. `base` is the text that the typing began from, at `version`; `order`
        says when the file had this name."""
        with self._lock:
            self._follow()
            file = self.name_now(file, order)
            draft = Draft(file, normal(text), normal(base), version)
            self._files.read(
                file
            )  # refuses names that are not the issue's before anything is written
            return self._save(draft)

    def _save(self, draft: Draft) -> Saved | Conflict:
        """Tries again when the file changes between reading and writing it."""
        data = self._files.read(draft.file)
        if _version(data) != draft.version:
            data = self._files.settled(draft.file)
        while True:
            theirs = self._theirs(draft, data)
            outcome = _merged(draft, theirs, _version(data))
            if outcome.conflicts:
                return self._conflict(draft, data, theirs, outcome)
            if outcome.mine == theirs:  # also nothing, for a file that is gone: it is let go
                self._drafts.drop(draft.file)
                return _saved(theirs, data, outcome.mine != draft.text)
            self._drafts.put(draft)
            after = with_text(data or b"", outcome.mine)
            if self._files.write(draft.file, after, data):
                self._saving(draft.file, theirs)
                self._drafts.drop(draft.file)
                self._following.holds(draft.file, _version(after))
                return _saved(outcome.mine, after, outcome.mine != draft.text)
            data = self._files.settled(draft.file)

    def _theirs(self, draft: Draft, data: bytes | None) -> str:
        try:
            return text_of(data or b"")
        except NotText as caught:
            kept = self._drafts.keep(draft.file, draft.text)
            raise UsageError(
                f"{draft.file} can no longer be edited: {caught}", f"What was typed is in {kept}."
            ) from caught

    def _conflict(self, draft: Draft, data: bytes | None, theirs: str, merged: Merged) -> Conflict:
        kept = self._drafts.keep(draft.file, draft.text)
        self._drafts.put(draft)
        return Conflict(draft.file, draft.base, draft.text, theirs, _version(data), merged, kept)


class EditingDesk:
    """The editing of every issue of a publication, made when asked for."""

    def __init__(self, publication: Path, find: Callable[[str], Path]) -> None:
        self._publication = publication
        self._find = find
        self._open: dict[str, Editing] = {}
        self._guard = threading.Lock()

    def issue(self, slug: str) -> Editing:
        """The editing of one issue. Raises UsageError when there is no such issue."""
        path = self._find(slug)
        with self._guard:
            if slug not in self._open:
                self._open[slug] = Editing(self._publication, slug, path)
            return self._open[slug]


def _merged(draft: Draft, theirs: str, version: str) -> Merged:
    """The draft alone when the file is what it began from, else both; a file that went away is for a person."""
    if version == draft.version:
        return merge(theirs, draft.text, theirs)
    if version == MISSING:
        base, mine = draft.base.split("\n"), draft.text.split("\n")
        return Merged((Disputed(tuple(base), tuple(mine), ()),))
    return merge(draft.base, draft.text, theirs)


def _version(data: bytes | None) -> str:
    return MISSING if data is None else version_of(data)


def _saved(text: str, data: bytes | None, merged: bool) -> Saved:
    now = datetime.datetime.now().astimezone()
    return Saved(text, _version(data), now, merged)
