"""Answers that do not tell by the time they take what was found.

To write down somebody new takes longer than to look up somebody who may not be written to. Whoever asks for one address
and another, often enough, could tell them apart by that; so the answer waits for the next tick of a clock that began with
the request. Waiting takes no thread.
"""

from __future__ import annotations

from asyncio import sleep
from time import monotonic

TICK = 0.1
"""Seconds: several times of what the slowest kind of answer takes."""


async def next_tick(began: float) -> None:
    """Waits until a whole number of ticks has gone by since `began`, by `monotonic`."""
    await sleep(TICK - (monotonic() - began) % TICK)
