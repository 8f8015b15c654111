"""One issue in one medium: what the editions make, what delivery sends and build writes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from newsletter.model.issue import Treatment
from newsletter.model.printed import TypeArea
from newsletter.problems import Problem, Source


@dataclass(frozen=True, slots=True)
class EditionFile:
    """A file that belongs to an edition; `path` is relative to the edition's folder (POSIX)."""

    path: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Marker:
    """Where a value of the recipient goes. `token` is `[A-Z0-9]+`, so that it passes through every step of
    rendering unchanged; it stands in html, text, subject and preheader, escaped by whoever puts the value in."""

    token: str
    field: str
    default: str = ""


MARKER_TOKEN = re.compile("NLM[0-9]{4}Z")
"""What a marker's token looks like; nothing else in an edition may."""


@dataclass(frozen=True, slots=True)
class Cut:
    """An article that the mail shows shorter than the issue has it."""

    source: Source
    anchor: str
    title: str
    shown: Treatment
    full_bytes: int
    shown_bytes: int


@dataclass(frozen=True, slots=True)
class EmailEdition:
    """A mail before it has a recipient. `html`, `text`, `subject` and `preheader` hold the markers' tokens.

    `pictures` are the files the mail shows, named by content hash. In the html their address is
    `picture_base + file.path` in linked mode, `cid:<file.path>` in embedded mode.
    """

    subject: str
    preheader: str
    html: str
    text: str
    language: str
    markers: tuple[Marker, ...]
    pictures: tuple[EditionFile, ...]
    picture_base: str
    embedded: bool
    html_bytes: int
    """UTF-8 bytes of the html with the longest personal values, and with its counted links where links are."""
    budget: int
    cuts: tuple[Cut, ...] = ()
    article_bytes: tuple[tuple[str, int], ...] = ()
    """Per article anchor, in order: bytes of its part of the html."""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class TextEdition:
    text: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class WebEdition:
    """A self-contained folder: `index.html` and what it shows."""

    files: tuple[EditionFile, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintEdition:
    pdf: bytes = field(repr=False)
    pages: int
    area: TypeArea
    problems: tuple[Problem, ...] = ()
