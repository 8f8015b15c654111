"""Files of subscribers that somebody uploaded, kept on disk while they are looked at and imported.

Each lies in `.studio/imports/<id>/` under its own name, made safe, and is readable by the owner only. What is
imported or given up is deleted at once, what is forgotten after a day; no more than a few are kept. A file that is
larger than MOST_BYTES is refused before it is kept.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from newsletter.problems import NewsletterError, UsageError
from newsletter.publication import Publication

MOST_BYTES = 300_000_000
MOST_KEPT = 8
LASTS = 24 * 3600
"""Seconds."""
_ABOUT = "about.json"
_ID = re.compile(r"[0-9a-f]{16}")
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Upload:
    """`name` is what its owner called it, `path` where it lies. `actor` is who brought it."""

    id: str
    name: str
    path: Path
    bytes: int
    at: float
    actor: str


def keep(publication: Publication, name: str, source: BinaryIO, actor: str) -> Upload:
    """Keeps what was uploaded. Raises UsageError for a file that is empty or too large."""
    sweep(publication)
    id = secrets.token_hex(8)
    folder = _folder(publication) / id
    path = folder / safe_name(name)
    try:
        folder.mkdir(parents=True, mode=0o700)
        size = _copied(source, path)
        at = time.time()
        about = {"name": path.name, "at": at, "actor": actor}
        (folder / _ABOUT).write_text(json.dumps(about), encoding="utf-8")
    except OSError as caught:
        shutil.rmtree(folder, ignore_errors=True)
        raise NewsletterError(f"cannot keep the file: {caught.strerror}") from caught
    except UsageError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Upload(id, path.name, path, size, at, actor)


def find(publication: Publication, id: str) -> Upload:
    """What is kept under an id. Raises UsageError when it is there no more."""
    found = _read(_folder(publication) / id) if _ID.fullmatch(id) else None
    if found is None:
        raise UsageError(
            "that file is here no more",
            "Uploads are kept for a day, and deleted when they are imported. Bring it again.",
        )
    return found


def drop(publication: Publication, id: str) -> None:
    """Deletes an upload; one that is gone already is gone."""
    if _ID.fullmatch(id):
        shutil.rmtree(_folder(publication) / id, ignore_errors=True)


def sweep(publication: Publication) -> None:
    """Deletes what is too old, and the oldest of what is too much."""
    try:
        folders = list(_folder(publication).iterdir())
    except OSError:
        return
    found = [(folder, _read(folder)) for folder in folders if _ID.fullmatch(folder.name)]
    newest = sorted(found, key=lambda one: one[1].at if one[1] else 0.0, reverse=True)
    for number, (folder, upload) in enumerate(newest):
        if upload is None or upload.at < time.time() - LASTS or number >= MOST_KEPT - 1:
            shutil.rmtree(folder, ignore_errors=True)


def safe_name(name: str) -> str:
    """A name that is a file's in this folder, and nothing else: the last part, without what is not printed."""
    last = re.split(r"[/\\]", name)[-1]
    plain = "".join(one for one in last if one.isprintable() and one not in '<>:"|?*').strip(". ")
    stem, dot, ending = plain.rpartition(".")
    kept = f"{stem[:80]}{dot}{ending[:12]}" if dot else plain[:80]
    return kept if kept and kept != _ABOUT else "subscribers.csv"


def _folder(publication: Publication) -> Path:
    return publication.root / ".studio" / "imports"


def _copied(source: BinaryIO, path: Path) -> int:
    size = 0
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as target:
        while block := source.read(_BLOCK):
            size += len(block)
            if size > MOST_BYTES:
                raise UsageError(
                    f"the file is larger than {MOST_BYTES // 1_000_000} MB",
                    "Import it with: newsletter subscribers import FILE",
                )
            target.write(block)
    if not size:
        raise UsageError("the file is empty", "Choose another one.")
    return size


def _read(folder: Path) -> Upload | None:
    try:
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        path = folder / str(about["name"])
        return Upload(
            folder.name,
            path.name,
            path,
            path.stat().st_size,
            float(about["at"]),
            str(about["actor"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def lines_of(upload: Upload) -> int:
    """About how many lines a text file has, quickly; for a progress bar, not for a report."""
    with upload.path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(_BLOCK), b""))
