"""What is wrong and where: values for mistakes in content, exceptions for what stops an operation.

A mistake that an editor made in content is a `Problem`: a value that is collected, never raised
singly, so that one run shows all of them. Only what stops an operation is an exception, from the
small tree below, which knows nothing of Click or HTTP; `cli` and `web` each turn it into exit codes
or pages in one place.

    NewsletterError             exit 1   anything that stops an operation
    ├── UsageError              exit 2   the call itself makes no sense (no such issue, list, file)
    ├── ContentError            exit 3   errors in content; carries the problems
    ├── WarningsError           exit 4   warnings under --strict; carries the problems
    ├── PartlySent              exit 5   some deliveries failed or are unknown
    ├── NotConfirmed            exit 6   the typed recipient count did not match
    ├── Changed                 exit 7   content or audience is not what was shown
    └── TryAgainLater           exit 75  a server or lock is busy (sysexits.h EX_TEMPFAIL)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """A place in what the editor wrote: `file` relative to its root (POSIX), `line` from 1, 0 = the whole file."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Fix:
    """What would mend it: the first `old` at the problem's line or below, in its paragraph, becomes `new`."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: `code` is stable and documented in docs/problems.md, `hint` says what to do."""

    code: str
    severity: Severity
    source: Source
    message: str
    hint: str = ""
    fix: Fix | None = None

    def __str__(self) -> str:
        text = f"{self.source}: {self.severity}: {self.message} [{self.code}]"
        return f"{text}\n    {self.hint}" if self.hint else text


def error(code: str, source: Source, message: str, hint: str = "") -> Problem:
    return Problem(code, Severity.ERROR, source, message, hint)


def warning(
    code: str, source: Source, message: str, hint: str = "", fix: Fix | None = None
) -> Problem:
    return Problem(code, Severity.WARNING, source, message, hint, fix)


def notice(code: str, source: Source, message: str, hint: str = "") -> Problem:
    return Problem(code, Severity.NOTICE, source, message, hint)


def has_errors(problems: Iterable[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, by file and line, the order in which an editor works through them."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda p: (p.source.file, p.source.line)))


class NewsletterError(Exception):
    """Something stopped an operation. The message is for a person; `hint` says what to do."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(NewsletterError):
    exit_code = 2


class ContentError(NewsletterError):
    """The content has errors. Nothing was written; the last good state stands."""

    exit_code = 3

    def __init__(self, message: str, problems: Sequence[Problem], hint: str = "") -> None:
        super().__init__(message, hint)
        self.problems = tuple(problems)


class WarningsError(ContentError):
    exit_code = 4


class PartlySent(NewsletterError):
    exit_code = 5


class NotConfirmed(NewsletterError):
    exit_code = 6


class Changed(NewsletterError):
    exit_code = 7


class TryAgainLater(NewsletterError):
    exit_code = 75
