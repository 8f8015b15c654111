"""Standing between a person and a send: the typed number, the seconds to take it back, Ctrl-C."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

import click

from newsletter.problems import NotConfirmed
from newsletter.publication import Publication

if TYPE_CHECKING:
    from newsletter.model.campaign import Campaign
    from newsletter.workflow.dispatch import Outcome


class _Seconds(click.ParamType[float]):
    """`60`, `60s`, `5m`."""

    name = "seconds"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|m|min)?", str(value).strip())
        if found is None:
            self.fail(f"{value!r} is no number of seconds: 60, 60s or 5m", param, ctx)
        return float(found[1]) * (1 if found[2] in (None, "s") else 60)


SECONDS = _Seconds()


def asked_count(recipients: int) -> int | None:
    """The number that somebody types; None when it is no number. Raises NotConfirmed when nobody is there to ask."""
    try:
        typed: str = click.prompt(
            f"Type the number of recipients to send ({recipients})",
            default="",
            err=True,
            show_default=False,
        )
    except click.Abort:
        raise NotConfirmed(
            f"not confirmed: the issue has {recipients} recipients",
            f"Nothing was sent. In a script: --confirm-count {recipients}",
        ) from None
    digits = typed.replace(",", "").strip()
    return int(digits) if digits.isdecimal() else None


@contextmanager
def interruptible() -> Iterator[list[int]]:
    """A first Ctrl-C, SIGTERM or closed terminal lets what is in hand get its answer; a second Ctrl-C or
    SIGTERM does not wait. What the caller had ignored (nohup) stays ignored."""
    stop: list[int] = []

    def stopped(number: int, _frame: FrameType | None) -> None:
        if stop and number != signal.SIGHUP:
            raise KeyboardInterrupt
        stop.append(number)
        with suppress(OSError):  # the terminal may be gone
            click.echo("Stopping after what is in hand …", err=True)

    before = {
        number: signal.signal(number, stopped)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run_held(here: Publication, campaign: Campaign, stop: list[int]) -> Outcome:
    """Waits until a held campaign's time has come, and sends it. An interrupt meanwhile takes it back."""
    from newsletter.cli.progress import shown_progress
    from newsletter.workflow import steering
    from newsletter.workflow.operator import operator

    actor = operator()
    assert campaign.wake is not None
    end = time.monotonic() + max(0.0, campaign.wake.timestamp() - time.time())
    click.echo(f"Held for {end - time.monotonic():.0f} s. Ctrl-C takes it back.", err=True)
    while (left := end - time.monotonic()) > 0 and not stop:
        time.sleep(min(left, 0.2))
    if stop:
        steering.cancel(here, campaign.id, actor=actor)
        raise NotConfirmed("it was taken back", "Nothing was sent.")
    with shown_progress(here, campaign.confirmed) as observe:
        return steering.run_held(
            here, campaign.id, actor=actor, observe=observe, stopping=lambda: bool(stop)
        )
