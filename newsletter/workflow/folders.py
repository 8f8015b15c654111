"""Puts a set of files in place of an older one, all or nothing.

The files are first written beside the target, then renamed into place. A process that is killed leaves
either the old set or the new one; the short moment between two renames is mended by the next call, which
also sweeps away what a killed one had begun. Two calls for one target wait for each other.

A target that cannot be replaced as a whole (it holds files of somebody else, it is a mount, the folder
above it is read-only, or a shell stands in it) keeps its folder: there the entries are renamed one by one.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path


def replace_folder(target: Path, files: Mapping[str, bytes], ours: Iterable[str]) -> None:
    """Makes `target` hold exactly `files` (path → bytes) under the top-level names `ours`.

    Whatever else lies in `target` is left alone; a symbolic link is followed. Raises OSError when the disk
    refuses; the old files are then still there.
    """
    target = target.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    owned = set(ours)
    if _stays(target):
        _replace(target, target, files, owned)
        return
    try:
        _replace(target.parent, target, files, owned)
    except OSError as caught:
        if caught.errno not in (errno.EBUSY, errno.EXDEV):
            raise
        _replace(target, target, files, owned)


def _replace(home: Path, target: Path, files: Mapping[str, bytes], owned: set[str]) -> None:
    """`home` is where the files are staged: the folder above, or the target itself when that stays."""
    with _alone(home):
        _mend(target)
        with _staged(home, target.name, files) as stage:
            if home == target or _shared(target, owned):
                _swap_entries(stage, target, owned)
            else:
                _swap(stage, target)


def _stays(target: Path) -> bool:
    """Whether the folder itself must not be renamed, only what is in it."""
    if not target.is_dir():
        return False
    return (
        os.path.ismount(target)
        or not os.access(target.parent, os.W_OK | os.X_OK)
        or _stands_in(target)
    )


def _stands_in(folder: Path) -> bool:
    """Whether this process, and so the shell it came from, works in the folder."""
    try:
        return Path.cwd().is_relative_to(folder)
    except FileNotFoundError:
        return False


def _shared(target: Path, owned: set[str]) -> bool:
    return target.is_dir() and any(entry.name not in owned for entry in target.iterdir())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One at a time in a folder; the lock ends with its process. A file system without locks has none."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _staged(home: Path, name: str, files: Mapping[str, bytes]) -> Iterator[Path]:
    """The files in a new folder on the same file system, which is gone afterwards."""
    prefix = f".{name}.new-"
    for left in home.glob(f"{_literally(prefix)}*"):
        _remove(left)
    stage = Path(tempfile.mkdtemp(prefix=prefix, dir=home))
    try:
        for path, data in files.items():
            place = stage / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        stage.chmod(0o755)
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _literally(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _old(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def _mend(target: Path) -> None:
    """Undoes a swap that a killed process left half done."""
    old = _old(target)
    if old.exists():
        if target.exists():
            _remove(old)
        else:
            old.rename(target)


def _swap(stage: Path, target: Path) -> None:
    old = _old(target)
    if target.exists():
        target.rename(old)
    try:
        stage.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    _remove(old)


def _swap_entries(stage: Path, target: Path, owned: set[str]) -> None:
    """The target's folder stays: replace ours in it one by one."""
    for name in sorted(owned):
        new, place = stage / name, target / name
        _mend(place)
        if new.is_file() and not place.is_dir():
            os.replace(new, place)
        elif new.exists():
            _swap(new, place)
        elif place.exists():
            _remove(place)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
