"""Pictures that were made smaller, kept on disk from one process to the next: a new one decodes only what is new to it.

They lie in `build/.pictures/` of the publication, once that has a folder `build`, by the hash of the picture, of what was
wanted of it and of the code that makes it. The folder has a bound, least recently used go first, and it may be deleted
at any time. Nothing goes wrong here: what cannot be read, or is not what was written, is made anew, and where nothing
can be written nothing is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from functools import lru_cache
from pathlib import Path

import PIL

from newsletter.publication import Publication

FOLDER = ".pictures"
MOST_BYTES = 100_000_000

_LEFT = 0.75
"""Part of the bound that is left when the oldest are taken away, so that this is seldom."""

Kept = tuple[str, int, int, bytes]
"""Media type, width, height, and the file."""


class PictureShelf:
    """One folder of pictures; `most` bytes at most after `tidy()`."""

    def __init__(self, folder: Path, most: int = MOST_BYTES) -> None:
        self._folder = folder
        self._most = most
        self._has_grown = False

    def found(self, wanted: object) -> Kept | None:
        """What was kept for equal wishes, by this code."""
        path = self._path(wanted)
        try:
            head, _, data = path.read_bytes().partition(b"\n")
            kind, width, height, digest = json.loads(head)
            os.utime(path)
        except (OSError, ValueError, TypeError):
            return None
        made = (kind, width, height, data)
        return made if _digest(made) == digest else None

    def keep(self, wanted: object, made: Kept) -> None:
        kind, width, height, data = made
        head = json.dumps([kind, width, height, _digest(made)]).encode()
        with contextlib.suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            # Another process may read it, or write the same: it is there whole or not at all.
            descriptor, name = tempfile.mkstemp(dir=self._folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(head + b"\n" + data)
                os.replace(name, self._path(wanted))
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
            self._has_grown = True

    def tidy(self) -> None:
        """Takes away what was not used longest, where something was added and it is too much now."""
        if not self._has_grown:
            return
        self._has_grown = False
        with contextlib.suppress(OSError):
            states = [(entry.stat(), Path(entry.path)) for entry in os.scandir(self._folder)]
            size = sum(state.st_size for state, _ in states)
            if size <= self._most:
                return
            for state, path in sorted(states, key=lambda one: one[0].st_mtime_ns):
                if size <= self._most * _LEFT:
                    return
                path.unlink(missing_ok=True)
                size -= state.st_size

    def _path(self, wanted: object) -> Path:
        return self._folder / hashlib.sha256(f"{_recipe()} {wanted!r}".encode()).hexdigest()


def shelf_of(publication: Publication) -> PictureShelf | None:
    """The publication's, if it was ever built: looking at an issue makes no folder."""
    build = publication.build_folder
    return PictureShelf(build / FOLDER) if build.is_dir() else None


def _digest(made: Kept) -> str:
    kind, width, height, data = made
    return hashlib.sha256(f"{kind} {width} {height} ".encode() + data).hexdigest()


@lru_cache(maxsize=1)
def _recipe() -> str:
    """Another where pictures are made otherwise: the same issue gives the same bytes, kept or not."""
    code = [Path(__file__).with_name(name) for name in ("pictures.py", "picture_bytes.py")]
    made_by = b"".join(path.read_bytes() for path in code if path.is_file())
    return f"{PIL.__version__} {hashlib.sha256(made_by).hexdigest()}"
