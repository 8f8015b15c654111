"""Pages are typeset before anybody asks: at once for who looks at them, in a quiet moment for who may do so next.

What is typeset has a key: an issue, and how its pages are looked at. For each at most one
typesetting is under way, in a thread; what changed meanwhile is typeset after it. What cannot be typeset is told where the
pages themselves are asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

import anyio

from newsletter.workflow.shown import ShownPages

CALM = 1.5
"""Seconds without a change before the pages are typeset that nobody looks at."""


_Key = TypeVar("_Key", bound=Hashable)


class Press(Generic[_Key]):
    """`typeset(key)` may take seconds; `told(key, pages)` hears when that is done: None when the pages are the same
    as before, or cannot be made."""

    def __init__(
        self,
        typeset: Callable[[_Key], ShownPages],
        told: Callable[[_Key, ShownPages | None], None],
        calm: float = CALM,
    ) -> None:
        self._typeset = typeset
        self._told = told
        self._calm = calm
        self._due: dict[_Key, float] = {}
        self._earlier: dict[_Key, asyncio.Event] = {}
        self._tasks: dict[_Key, asyncio.Task[None]] = {}
        self._last: dict[_Key, ShownPages] = {}

    def want(self, key: _Key, *, now: bool, calm: float = 0.0) -> None:
        """Has the pages typeset: now, or when the issue was left alone for a moment, or for as long as `calm` says."""
        moment = asyncio.get_running_loop().time()
        self._due[key] = moment if now else self._later(key, moment, calm or self._calm)
        if key not in self._tasks:
            self._earlier[key] = asyncio.Event()
            self._tasks[key] = asyncio.create_task(self._work(key))
        elif now:
            self._earlier[key].set()

    def stop(self) -> None:
        for task in tuple(self._tasks.values()):
            task.cancel()

    def _later(self, key: _Key, moment: float, calm: float) -> float:
        """A change puts off what nobody waits for, and nothing that somebody does."""
        due = self._due.get(key)
        return due if due is not None and due <= moment else moment + calm

    async def _work(self, key: _Key) -> None:
        try:
            while key in self._due:
                wait = self._due[key] - asyncio.get_running_loop().time()
                if wait > 0:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._earlier[key].wait(), wait)
                    self._earlier[key].clear()
                    continue
                del self._due[key]
                await self._print(key)
        finally:
            del self._tasks[key]

    async def _print(self, key: _Key) -> None:
        before = self._last.get(key)
        try:
            pages = await anyio.to_thread.run_sync(self._typeset, key, abandon_on_cancel=True)
        except Exception:  # told where the page itself is asked for
            self._told(key, None)
            return
        self._last[key] = pages
        self._told(key, None if pages is before else pages)
