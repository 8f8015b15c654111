"""What reading one body needs to know of its surroundings, and what it finds out on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from newsletter.issues.headings import HeadingPlan
from newsletter.issues.hidden import without_hidden
from newsletter.issues.pictures import PictureTrouble
from newsletter.issues.tree import Node
from newsletter.model.picture import Picture
from newsletter.problems import Problem, Severity, Source


@dataclass(frozen=True, slots=True)
class NamedFigure:
    number: int
    anchor: str


class Shelf(Protocol):
    """Where pictures are found by the address written in a file of a folder."""

    @property
    def take(self) -> Callable[[str, str], Picture | PictureTrouble]: ...


@dataclass(slots=True)
class Context:
    """One body: a letter, a section's or an article's text. `offset` is added to a tree's lines.

    `find_anchor` answers for a link inside the issue: the anchor of a relative address or fragment, or "".
    """

    file: str
    offset: int
    shelf: Shelf
    plan: HeadingPlan
    find_anchor: Callable[[str, str], str]
    base_url: str = ""
    references: int = 0
    definitions: Mapping[str, Node] = field(default_factory=dict)
    take_anchor: Callable[[str], str] = lambda wanted: wanted
    known_figures: Mapping[str, NamedFigure] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    figures: dict[str, NamedFigure] = field(default_factory=dict)
    figure_count: int = 0
    figure_references: int = 0
    calls: dict[str, int] = field(default_factory=dict)
    """Footnotes in the order of their first call: label → number."""

    def source(self, line: int) -> Source:
        return Source(self.file, line + self.offset)

    def error(self, code: str, line: int, message: str, hint: str = "") -> None:
        self.problems.append(Problem(code, Severity.ERROR, self.source(line), message, hint))

    def warn(self, code: str, line: int, message: str, hint: str = "") -> None:
        self.problems.append(Problem(code, Severity.WARNING, self.source(line), message, hint))

    def clean(self, text: str, line: int) -> str:
        """Without characters that no edition can hold (XML 1.0, 2.2) or that hide what is written."""
        cleaned = without_hidden(text)
        if len(cleaned) != len(text):
            self.warn(
                "control-character", line, "has invisible control characters, which were left out"
            )
        return cleaned
