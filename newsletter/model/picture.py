"""A picture file of an issue, and one use of it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture file, already checked against the pixel and byte bounds but not decoded.

    `path` is relative to the issue (POSIX); `data` the file's bytes; `width` and `height` pixels
    (an SVG's: CSS pixels of its view box); `digest` the SHA-256 of the bytes, in hexadecimal.
    """

    path: str
    media_type: str
    width: int
    height: int
    digest: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Image:
    """One use of a picture. `picture` is the key into `Issue.pictures`, or empty for one that is missing
    (`build --draft` shows a labelled box with `alt` in its place) or remote (then `url` is its https
    address: mail and web link to it, print shows its alt text and address)."""

    picture: str
    alt: str = ""
    url: str = ""
    width: int = 0
    """Pixels that the author asked for, 0 when not said."""

    @property
    def decorative(self) -> bool:
        return not self.alt
