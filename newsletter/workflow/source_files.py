"""The files of an issue that an editor writes, on disk: found, read, and written all or nothing.

Promises: only the issue's own `.md` and `.toml` files are reached, by names inside its folder; no link is
followed, so that none leads out; a file is either as before or whole as written, also when the machine
stops in between; its permissions stay, and one that may only be read is left alone.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from newsletter.problems import NewsletterError, UsageError

WRITABLE = (".md", ".toml")
MAX_BYTES = 1_000_000
"""What the reader of issues takes as a text."""
_SETTLES, _TRIES = 0.06, 20
"""Seconds without a write after which a file is as it was meant, and how often it is looked at again."""


class SourceFiles:
    """The text files of the issue at `path`: a folder, or a single Markdown file."""

    def __init__(self, path: Path) -> None:
        self._single = path.name if path.is_file() else ""
        self.root = path.parent if self._single else path

    def names(self) -> tuple[str, ...]:
        """Every file that can be edited, relative to the issue (POSIX), in the order of their names."""
        if self._single:
            return (self._single,)
        found: list[str] = []
        for folder, inner, files in os.walk(self.root):
            inner[:] = sorted(name for name in inner if not name.startswith("."))
            here = Path(folder).relative_to(self.root)
            found += [(here / name).as_posix() for name in sorted(files)]
        return tuple(sorted(name for name in found if self._allowed(name)))

    def read(self, name: str) -> bytes | None:
        """The bytes of a file, None when there is none. Raises UsageError for a name that is not the issue's."""
        path = self._path(name)
        try:
            with _opened(path) as stream:
                data = stream.read(MAX_BYTES + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as caught:
            raise NewsletterError(f"{name} cannot be read: {caught.strerror}") from caught
        if len(data) > MAX_BYTES:
            raise UsageError(f"{name} is larger than {MAX_BYTES // 1_000_000} MB")
        return data

    def settled(self, name: str) -> bytes | None:
        """The bytes of a file that no other program is in the middle of writing: many empty a file first."""
        data = self.read(name)
        for _ in range(_TRIES):
            try:
                age = time.time() - self._path(name).stat().st_mtime
            except OSError:
                return data
            if not 0 <= age < _SETTLES:
                break
            time.sleep(_SETTLES / 2)
            data = self.read(name)
        return data

    def write(self, name: str, data: bytes, instead_of: bytes | None) -> bool:
        """Puts the whole file in place; it is on disk when this returns. False, and nothing is written, when the
        file does not hold `instead_of` any more at the very last."""
        path = self._path(name)
        try:
            if path.exists() and not os.access(path, os.W_OK):  # a rename over it would not ask
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return write_whole(path, data, lambda: self.read(name) == instead_of)
        except OSError as caught:
            raise NewsletterError(
                f"{name} cannot be written: {caught.strerror}",
                "What was typed is kept in the folder .studio of the publication.",
            ) from caught

    def _path(self, name: str) -> Path:
        if not self._allowed(name):
            raise UsageError(f"not a file of this issue: {name}")
        return self.root / name

    def _allowed(self, name: str) -> bool:
        pure = PurePosixPath(name)
        plain = not pure.is_absolute() and str(pure) == name and "\\" not in name
        if not plain or pure.suffix not in WRITABLE or "\0" in name:
            return False
        if any(part.startswith(".") for part in pure.parts):
            return False
        if self._single and name != self._single:
            return False
        return not any((self.root / step).is_symlink() for step in [pure, *pure.parents][:-1])


def write_whole(path: Path, data: bytes, may: Callable[[], bool] = lambda: True) -> bool:
    """Writes a file beside its place, brings it to disk and renames it over the old one, if it still `may` then."""
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            with contextlib.suppress(FileNotFoundError):
                os.chmod(beside, stat.S_IMODE(path.stat().st_mode))
            if not path.exists():
                os.chmod(beside, 0o644)
            os.fsync(stream.fileno())
        if not may():  # bringing it to disk took its time
            os.unlink(beside)
            return False
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)
        raise
    _sync_folder(path.parent)
    return True


def _opened(path: Path) -> BinaryIO:
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    return os.fdopen(os.open(path, flags), "rb")


def _sync_folder(folder: Path) -> None:
    """Brings the new name to disk, where the system lets a folder be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
