"""The crash journal: what was typed lies here before it touches the file, and until it is safely in it.

A folder `.studio` in the publication, which ignores itself in git. `drafts/` holds at most one unfinished
save for each file; `kept/` holds every text that was put aside in a conflict, named by its content. Where it cannot be
written nothing is saved: NewsletterError says so.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

import msgspec

from newsletter.problems import NewsletterError
from newsletter.workflow.source_files import write_whole

FOLDER = ".studio"


class Draft(msgspec.Struct, frozen=True):
    """A text on its way into a file: what it began from, and the version of the file at that time."""

    file: str
    text: str
    base: str
    version: str


class Drafts:
    """The journal of one issue."""

    def __init__(self, publication: Path, slug: str) -> None:
        self._publication = publication
        self._drafts = publication / FOLDER / "drafts" / slug
        self._kept = publication / FOLDER / "kept" / slug

    def put(self, draft: Draft) -> None:
        """Brings a draft to disk; the one before for the same file is replaced."""
        self._write(self._place(draft.file), msgspec.json.encode(draft))

    def get(self, file: str) -> Draft | None:
        """The unfinished save of a file; None when all were finished."""
        try:
            return msgspec.json.decode(self._place(file).read_bytes(), type=Draft)
        except (OSError, msgspec.DecodeError):
            return None

    def drop(self, file: str) -> None:
        """The save was finished."""
        with contextlib.suppress(FileNotFoundError):
            self._place(file).unlink()

    def keep(self, file: str, text: str) -> Path:
        """Puts a text aside for good, for the person who wrote it."""
        data = text.encode("utf-8")
        name = f"{Path(file).stem}-{hashlib.sha256(data).hexdigest()[:12]}{Path(file).suffix}"
        place = self._kept / Path(file).parent / name
        if not place.exists():
            self._write(place, data)
        return place

    def _place(self, file: str) -> Path:
        return self._drafts / f"{hashlib.sha256(file.encode()).hexdigest()[:24]}.json"

    def _write(self, path: Path, data: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            ignore = self._publication / FOLDER / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
            write_whole(path, data)
        except OSError as caught:
            raise NewsletterError(f"{FOLDER} cannot be written: {caught.strerror}") from caught
