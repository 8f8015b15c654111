"""Which line of which template a line of rendered output came from.

Jinja2 tells the place of its own errors only; what a template *renders* has lost its origin. A small
extension lays an invisible note (private-use characters, which templates may not hold) at the start of
every line of literal template text; `render_with_lines` takes the notes out again and keeps the map.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from newsletter.editions.caches import kept
from newsletter.editions.templates import render_template, template_fault
from newsletter.problems import ContentError, Source
from newsletter.publication import Publication, starter_templates

_OPEN, _CLOSE = "\ue0f0", "\ue0f1"
_NOTE = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered template; `notes[n]` says where line `n` (from 0) of `text` was written: `file:line`."""

    text: str
    notes: tuple[str, ...] = ()
    roots: tuple[Path, ...] = ()
    """Folders that files are named relative to, as the editor knows them."""

    def source(self, line: int) -> Source:
        """Where the rendered line `line` (from 1) was written."""
        if not self.notes:
            return Source("", line)
        note = self.notes[min(max(line, 1), len(self.notes)) - 1]
        file, _, number = note.rpartition(":")
        return Source(self._shown(Path(file)), int(number or 0))

    def _shown(self, path: Path) -> str:
        for root in self.roots:
            if path.is_relative_to(root):
                return path.relative_to(root).as_posix()
        return path.as_posix()


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
    return _without_notes(noted, (publication.root, starter_templates().parent))


def xml_fault(
    publication: Publication,
    templates: Environment,
    name: str,
    values: Mapping[str, object],
    reason: str,
) -> ContentError:
    """What to raise when a template's XML is none: where the parser stopped, as a line of the template. `reason` is told
    where it stops nowhere."""
    rendered = render_with_lines(publication, templates, name, **values)
    try:
        expat.ParserCreate().Parse(rendered.text.encode(), True)
    except expat.ExpatError as caught:
        reason = f"no well-formed XML: {expat.ErrorString(caught.code)}"
        return template_fault(rendered.source(caught.lineno), reason)
    return template_fault(rendered.source(1), reason)


@kept(32, of_theme=True)
def _noting(templates: Environment) -> Environment:
    """Made once, so that its templates are compiled once."""
    return templates.overlay(extensions=[LineNotes])


def _without_notes(noted: str, roots: tuple[Path, ...]) -> Rendered:
    here = ""
    notes: list[str] = []
    texts: list[str] = []
    for line in noted.split("\n"):
        found = _NOTE.findall(line)
        # A line takes the place where it begins; one without a note continues the line above.
        notes.append(found[0] if found else here)
        here = found[-1] if found else here
        texts.append(_NOTE.sub("", line) if found else line)
    return Rendered("\n".join(texts), tuple(notes), roots)
