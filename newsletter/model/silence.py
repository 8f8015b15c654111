"""What an editor has looked at and wants to hear no more of: a warning's code, in one file or in all, with the reason.

Errors cannot be silenced: they stop a build and a send for what they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from newsletter.problems import Problem, Severity


@dataclass(frozen=True, slots=True)
class Silence:
    code: str
    reason: str
    file: str = ""
    """Relative to the issue; empty for every file of it."""

    def covers(self, problem: Problem) -> bool:
        here = not self.file or self.file == problem.source.file
        return here and self.code == problem.code and problem.severity is not Severity.ERROR


def audible(
    problems: Iterable[Problem], silences: Iterable[Silence]
) -> tuple[tuple[Problem, ...], int]:
    """What is still told, and how many problems were silenced."""
    all_of_them, quiet = tuple(problems), tuple(silences)
    kept = tuple(one for one in all_of_them if not any(silence.covers(one) for silence in quiet))
    return kept, len(all_of_them) - len(kept)
