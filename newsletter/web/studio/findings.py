"""The list of problems as the drawer shows it: errors first, many of one kind folded together."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newsletter.problems import Problem, Severity
from newsletter.web.problem_words import message_of

MANY = 5
"""Findings of one kind that are shown as one line first."""


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one kind in the order of the issue; `folded` when they are many."""

    code: str
    severity: Severity
    problems: tuple[Problem, ...]

    @property
    def folded(self) -> bool:
        return len(self.problems) >= MANY


_RANK = {Severity.ERROR: 0, Severity.WARNING: 1}


def findings(problems: tuple[Problem, ...], only: str, file: str) -> Mapping[str, Any]:
    """What the page needs of the problems; `only` is all, error or warning, `file` the one in the editor."""
    errors = [one for one in problems if one.severity is Severity.ERROR]
    warnings = [one for one in problems if one.severity is Severity.WARNING]
    listed = {"error": errors, "warning": warnings}.get(only, list(problems))
    return {
        "problems": problems,
        "groups": _groups(listed),
        "names_of": _names_of(problems),
        "fixable": [one for one in listed if one.fix],
        "errors": len(errors),
        "warnings": len(warnings),
        "first": errors[0] if errors else None,
        "here": [
            [one.source.line, str(one.severity), message_of(one), one.fix.old if one.fix else ""]
            for one in problems
            if one.source.file == file and one.source.line
        ],
    }


def _names_of(problems: tuple[Problem, ...]) -> dict[Problem, str]:
    """A name for each finding on the page, the same as long as it says the same of its file: lines above it may come
    and go while somebody writes down why it is silenced."""
    seen: Counter[str] = Counter()
    names = {}
    for one in problems:
        said = "\0".join((one.code, one.source.file, one.message))
        seen[said] += 1
        digest = hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()[:12]
        names[one] = f"finding-{digest}-{seen[said]}"
    return names


def _groups(problems: list[Problem]) -> tuple[Group, ...]:
    """Kinds in the order in which they first occur, the graver first. A kind that is not many stays where it stands."""
    by_kind: dict[tuple[str, Severity], list[Problem]] = {}
    for one in problems:
        by_kind.setdefault((one.code, one.severity), []).append(one)
    groups: list[Group] = []
    told: set[tuple[str, Severity]] = set()
    for one in sorted(problems, key=lambda each: _RANK.get(each.severity, 2)):
        kind = (one.code, one.severity)
        many = len(by_kind[kind]) >= MANY
        if many and kind in told:
            continue
        told.add(kind)
        groups.append(Group(one.code, one.severity, tuple(by_kind[kind]) if many else (one,)))
    return tuple(groups)
