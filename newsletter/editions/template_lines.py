"""Which line of which template a line of rendered output came from.

Jinja2 tells the place of its own errors only; what a template *renders* has lost its origin. A small
extension lays an invisible note (private-use characters, which templates may not hold) at the start of
every line of literal template text; `render_with_lines` takes the notes out again and keeps the map.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from newsletter.editions.templates import render_template
from newsletter.problems import Source
from newsletter.publication import Publication, starter_templates

_OPEN, _CLOSE = "\ue0f0", "\ue0f1"
_NOTE = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered template; `lines[n]` is where line `n` (from 0) of `text` was written."""

    text: str
    lines: tuple[Source, ...]

    def source(self, line: int) -> Source:
        """Where the rendered line `line` (from 1) was written."""
        if not self.lines:
            return Source("")
        return self.lines[min(max(line, 1), len(self.lines)) - 1]


class LineNotes(Extension):
    """Marks where each line of template text begins."""

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        name = stream.filename or stream.name or ""
        for token in stream:
            yield self._noted(token, name) if token.type == "data" else token

    @staticmethod
    def _noted(token: Token, name: str) -> Token:
        lines = token.value.split("\n")
        noted = [
            f"{_OPEN}{name}:{token.lineno + offset}{_CLOSE}{line}"
            for offset, line in enumerate(lines)
        ]
        return Token(token.lineno, token.type, "\n".join(noted))


def render_with_lines(
    publication: Publication, templates: Environment, name: str, /, **values: object
) -> Rendered:
    """Renders a template and keeps the way back to its lines.

    Raises ContentError, with file and line, for a missing or wrong template.
    """
    noted = render_template(publication, _noting(templates), name, **values)
    return _without_notes(noted, publication)


@lru_cache(maxsize=32)
def _noting(templates: Environment) -> Environment:
    """Made once, so that its templates are compiled once."""
    return templates.overlay(extensions=[LineNotes])


def _without_notes(noted: str, publication: Publication) -> Rendered:
    here = Source("", 0)
    lines: list[Source] = []
    texts: list[str] = []
    for line in noted.split("\n"):
        notes = [_place(note, publication) for note in _NOTE.findall(line)]
        # A line takes the place where it begins; one without a note continues the line above.
        lines.append(notes[0] if notes else here)
        here = notes[-1] if notes else here
        texts.append(_NOTE.sub("", line))
    return Rendered("\n".join(texts), tuple(lines))


def _place(note: str, publication: Publication) -> Source:
    file, _, line = note.rpartition(":")
    return Source(_shown(Path(file), publication), int(line))


def _shown(path: Path, publication: Publication) -> str:
    """A template as the editor knows it: relative to the publication, or to the starter theme's home."""
    for root in (publication.root, starter_templates().parent):
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return path.as_posix()
