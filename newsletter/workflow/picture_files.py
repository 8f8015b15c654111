"""A picture that an editor pastes, drops or picks becomes a file in the section's `figures/`.

It is measured before anything decodes it, made smaller where it is more than twice as wide as a column, and
laid without what a camera or a program left in it (place, time, comments). The same picture is kept once;
a name that is taken gets a number, so that nothing is overwritten.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path, PurePosixPath

from newsletter.editions.pictures import scaled
from newsletter.issues.pictures import MAX_BYTES, PictureTrouble, picture_of
from newsletter.problems import ContentError, NewsletterError, UsageError
from newsletter.workflow.source_files import write_whole

WIDEST = 1280
"""Pixels: twice the column of a mail, as screens of phones ask for."""
_MOST_BYTES = 3_000_000
_SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/svg+xml": ".svg",
}


def add_picture(issue: Path, file: str, name: str, data: bytes) -> str:
    """Lays a picture for a text of the issue; returns its address relative to that text (POSIX).

    Raises UsageError for what is no picture, or too large.
    """
    if len(data) > MAX_BYTES:
        raise UsageError(f"{name} is larger than {MAX_BYTES // 1_000_000} MB")
    picture = picture_of(name, name, data)
    if isinstance(picture, PictureTrouble):
        raise UsageError(picture.message, picture.hint)
    suffix = _SUFFIXES.get(picture.media_type)
    if suffix is None:
        raise UsageError(f"{name} is no PNG, JPEG, GIF, WebP or SVG")
    # Drawings were looked through when they were measured; moving pictures keep their frames.
    if picture.media_type not in ("image/svg+xml", "image/gif"):
        try:
            made = scaled(picture, min(picture.width, WIDEST), _MOST_BYTES)
        except ContentError as caught:
            raise UsageError(f"{name} cannot be decoded") from caught
        data, suffix = made.data, _SUFFIXES[made.media_type]
    root = issue if issue.is_dir() else issue.parent
    folder = root / PurePosixPath(file).parent / "figures"
    if folder.is_symlink():
        raise UsageError("the folder of figures is a link")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = _place(folder, _stem(name), suffix, data)
        if not path.exists():
            write_whole(path, data)
    except OSError as caught:
        raise NewsletterError(f"{name} cannot be written: {caught.strerror}") from caught
    return f"figures/{path.name}"


def _place(folder: Path, stem: str, suffix: str, data: bytes) -> Path:
    """Where the picture goes, or where the very same one lies already."""
    digest = hashlib.sha256(data).digest()
    for path in sorted(folder.iterdir()):
        same = path.is_file() and path.stat().st_size == len(data)
        if same and hashlib.sha256(path.read_bytes()).digest() == digest:
            return path
    path, number = folder / f"{stem}{suffix}", 2
    while path.exists() or path.is_symlink():
        path, number = folder / f"{stem}-{number}{suffix}", number + 1
    return path


def _stem(name: str) -> str:
    plain = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    stem = re.sub(r"[^\w-]+", "-", plain.rpartition(".")[0] or plain).strip("-_.")
    return stem[:60] or "picture"
