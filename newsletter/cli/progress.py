"""The progress of a send on a terminal: a bar with rate and end; elsewhere a line now and then. rich lives here."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from newsletter.publication import Publication

LINE_SECONDS = 10.0
"""How often a line tells how far it is, where there is no terminal."""
Observe = Callable[[Any, Any, Any], None]


@contextmanager
def shown_progress(here: Publication, total: int, *, quiet: bool = False) -> Iterator[Observe]:
    """Gives what a send tells of each delivery; shows how far it is on standard error."""
    if quiet:
        yield lambda addressee, event, reply: None
    elif sys.stderr.isatty():
        with _bar(total) as observe:
            yield observe
    else:
        yield _lines(total)


@contextmanager
def _bar(total: int) -> Iterator[Observe]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("Sending"), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)

        def observe(addressee: Any, event: Any, reply: Any) -> None:
            if event not in ("defer", "put back"):
                progress.advance(task)

        yield observe


def _lines(total: int) -> Observe:
    done, told = 0, time.monotonic()

    def observe(addressee: Any, event: Any, reply: Any) -> None:
        nonlocal done, told
        done += event not in ("defer", "put back")
        if time.monotonic() - told >= LINE_SECONDS:
            told = time.monotonic()
            click.echo(f"{done} of {total}", err=True)

    return observe
