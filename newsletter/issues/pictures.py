"""The picture files of an issue: found inside its folder only, measured before anything decodes them.

Width and height come from the file's header, so that a small file that claims a billion pixels is
refused without being opened. Everything that is wrong comes back as (code, message, hint).
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from newsletter.issues.picture_header import Unreadable, measure
from newsletter.model.picture import Picture

MAX_BYTES = 20_000_000
MAX_PIXELS = 40_000_000
MAX_TOTAL_BYTES = 250_000_000


class _Recent:
    """Pictures by path, time, size and number of their file: an issue that is read after each key is not
    measured anew. Bounded by bytes, the least recently used going first."""

    MOST_BYTES = 64_000_000

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[str | int, ...], Picture] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, seen: tuple[str | int, ...]) -> Picture | None:
        with self._lock:
            if seen in self._found:
                self._found.move_to_end(seen)
            return self._found.get(seen)

    def put(self, seen: tuple[str | int, ...], picture: Picture) -> None:
        with self._lock:
            old = self._found.pop(seen, None)
            self._bytes += len(picture.data) - (len(old.data) if old else 0)
            self._found[seen] = picture
            while self._bytes > self.MOST_BYTES:
                _, gone = self._found.popitem(last=False)
                self._bytes -= len(gone.data)


_recent = _Recent()


@dataclass(frozen=True, slots=True)
class PictureTrouble:
    code: str
    message: str
    hint: str = ""


@dataclass(slots=True)
class PictureShelf:
    """The pictures of one issue, each read once. `found` is by path inside the issue; `files` is what was
    looked at, there or not, so that a preview can wait for it."""

    root: Path
    found: dict[str, Picture] = field(default_factory=dict)
    files: dict[Path, None] = field(default_factory=dict)
    _troubles: dict[str, PictureTrouble] = field(default_factory=dict)
    _total: int = 0

    def take(self, folder: str, written: str) -> Picture | PictureTrouble:
        """A picture by the address written in a file of `folder` (relative to the issue, POSIX)."""
        parts: list[str] = []
        if written.startswith(("/", "\\")) or ":" in written[:3]:
            return _outside(written)
        for part in PurePosixPath(folder, written.replace("\\", "/")).parts:
            if part == "..":
                if not parts:
                    return _outside(written)
                parts.pop()
            elif part != ".":
                parts.append(part)
        key = "/".join(parts)
        if key in self.found:
            return self.found[key]
        if key not in self._troubles:
            picture = self._read(key, written)
            if isinstance(picture, Picture):
                self.found[key] = picture
                return picture
            self._troubles[key] = picture
        return self._troubles[key]

    def _read(self, key: str, written: str) -> Picture | PictureTrouble:
        path = self.root / key
        self.files[path] = None
        try:
            real = os.path.realpath(path, strict=True)
            if not Path(real).is_relative_to(os.path.realpath(self.root)):
                return _outside(written)
            with open(real, "rb") as stream:
                state = os.fstat(stream.fileno())
                size = state.st_size
                if size > MAX_BYTES or self._total + size > MAX_TOTAL_BYTES:
                    return _too_large(written, size)
                seen = (key, real, state.st_mtime_ns, size, state.st_ino)
                if (known := _recent.get(seen)) is not None:
                    self._total += size
                    return known
                data = stream.read(MAX_BYTES)
        except (FileNotFoundError, NotADirectoryError):
            return PictureTrouble(
                "image-missing",
                f"figure file not found: {written}",
                "Put the file there, or correct the name; capitals count.",
            )
        except (OSError, ValueError) as caught:
            reason = getattr(caught, "strerror", None) or str(caught)
            return PictureTrouble("image-unreadable", f"{written} cannot be read: {reason}")
        self._total += len(data)
        picture = picture_of(key, written, data)
        if isinstance(picture, Picture):
            _recent.put(seen, picture)
        return picture


def picture_of(key: str, written: str, data: bytes) -> Picture | PictureTrouble:
    """The picture of some bytes, measured by its header; what is wrong with it where it is none."""
    try:
        header = measure(data)
    except Unreadable as caught:
        return PictureTrouble(caught.code, f"{written}: {caught.message}", caught.hint)
    if header.width * header.height > MAX_PIXELS:
        megapixels = header.width * header.height / 1e6
        return PictureTrouble(
            "image-too-many-pixels",
            f"{written} is {header.width} × {header.height}, {megapixels:.0f} megapixels",
            f"At most {MAX_PIXELS // 1_000_000}; make it smaller.",
        )
    digest = hashlib.sha256(data).hexdigest()
    return Picture(key, header.media_type, header.width, header.height, digest, data)


def _outside(written: str) -> PictureTrouble:
    return PictureTrouble(
        "image-outside",
        f"not inside the issue's folder: {written}",
        "Copy the picture into the issue and name it from there.",
    )


def _too_large(written: str, size: int) -> PictureTrouble:
    return PictureTrouble(
        "image-too-large",
        f"{written} is {size / 1e6:.1f} MB, or the issue's pictures are too many together",
        f"At most {MAX_BYTES // 1_000_000} MB each and {MAX_TOTAL_BYTES // 1_000_000} MB in all.",
    )
