"""Puts a set of files in place of an older one, all or nothing.

The files are first written beside the target, then renamed into place. A process that is killed leaves
either the old set or the new one; the short moment between two renames is mended by the next call.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path


def replace_folder(target: Path, files: Mapping[str, bytes], ours: Iterable[str]) -> None:
    """Makes `target` hold exactly `files` (path → bytes) under the top-level names `ours`.

    Whatever else lies in `target` is left alone. Raises OSError when the disk refuses; the old files
    are then still there.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _mend(target)
    owned = set(ours)
    stage = Path(tempfile.mkdtemp(prefix=f".{target.name}.new-", dir=target.parent))
    try:
        for name, data in files.items():
            path = stage / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        stage.chmod(0o755)
        if not target.exists() or all(entry.name in owned for entry in target.iterdir()):
            _swap(stage, target)
        else:
            _swap_entries(stage, target, owned)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


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
    """The target holds files of somebody else: replace ours one by one."""
    for name in sorted(owned):
        new, place = stage / name, target / name
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
