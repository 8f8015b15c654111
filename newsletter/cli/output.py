"""How problems and errors look on a terminal, and as JSON."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import click

from newsletter.problems import ContentError, NewsletterError, Problem, Severity

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTICE: "cyan"}


def style(text: str, colour: str) -> str:
    """Bold and coloured on a terminal, unless NO_COLOR is set (no-color.org)."""
    return text if os.environ.get("NO_COLOR") else click.style(text, fg=colour, bold=True)


def print_problems(problems: Iterable[Problem], *, err: bool = False) -> None:
    for problem in problems:
        severity = style(problem.severity, _COLOURS[problem.severity])
        click.echo(f"{problem.source}: {severity}: {problem.message} [{problem.code}]", err=err)
        if problem.hint:
            click.echo(f"    {problem.hint}", err=err)


def print_error(caught: NewsletterError) -> None:
    if isinstance(caught, ContentError):
        print_problems(caught.problems, err=True)
    click.echo(f"{style('Error', 'red')}: {caught.message}", err=True)
    if caught.hint:
        click.echo(caught.hint, err=True)


def summary(problems: Iterable[Problem]) -> str:
    """`2 errors, 1 warning`, or `no problems`."""
    counts = dict.fromkeys(Severity, 0)
    for problem in problems:
        counts[problem.severity] += 1
    told = [
        f"{count} {severity}{'s' if count != 1 else ''}"
        for severity, count in counts.items()
        if count
    ]
    return ", ".join(told) or "no problems"


def problem_json(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "severity": str(problem.severity),
        "file": problem.source.file,
        "line": problem.source.line,
        "message": problem.message,
        "hint": problem.hint,
    }


def size(count: int) -> str:
    """Bytes for a person: `94.6 KB` (1 KB = 1,000 bytes)."""
    return (
        f"{count:,} B"
        if count < 1_000
        else f"{count / 1_000:,.1f} KB"
        if count < 1_000_000
        else f"{count / 1_000_000:,.1f} MB"
    )
