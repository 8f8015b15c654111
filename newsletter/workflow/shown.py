"""What the studio shows of an issue: its editions as somebody without a name reads them, its pages, its line in the list."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.model.edition import EmailEdition, WebEdition
from newsletter.model.issue import Issue
from newsletter.problems import Problem


@dataclass(frozen=True, slots=True)
class Shown:
    """An issue as the preview shows it. `version` changes whenever anything shown does.

    `stale` says that the source is broken now and the editions are those from before; `problems` are
    always those of now, without the ones that only print finds. `html` and `text` are the mail's parts, and
    `subject` and `preheader` its lines, as somebody without a name reads them.
    """

    slug: str
    version: str
    issue: Issue | None
    email: EmailEdition | None
    subject: str
    preheader: str
    html: str
    text: str
    web: WebEdition | None
    problems: tuple[Problem, ...]
    stale: bool = False
    silenced: int = 0
    broken: bool = False
    """The source has errors of its own, or no edition came of it. A mail that is too large is not broken."""


@dataclass(frozen=True, slots=True)
class PrintLook:
    """How printed pages are looked at, whatever the issue itself says; 0 columns and no paper leave it to the issue."""

    columns: int = 0
    paper: str = ""


OWN = PrintLook()
"""As the issue itself is printed."""


@dataclass(frozen=True, slots=True)
class ShownPages:
    """The print edition as the preview shows it; `sizes` are points, `at` UNIX seconds of when it was laid out,
    which took `seconds`."""

    version: str
    pdf: bytes | None
    sizes: tuple[tuple[float, float], ...]
    problems: tuple[Problem, ...]
    at: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list of issues."""

    slug: str
    title: str
    date: str
    number: str
    state: str
    revision: int
    """0 for a draft."""
    errors: int
    warnings: int
