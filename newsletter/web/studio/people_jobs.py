"""Changes of many people that take longer than a request may: they go on in this server, and a page follows them.

Each change is one transaction, so that a server that ends has changed everybody or nobody; only erasing goes on some at
a time, and what it had done is told. What became of a job is kept in memory until a few newer ones have come.
"""

from __future__ import annotations

import contextvars
import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from newsletter.model.people import BulkResult
from newsletter.problems import NewsletterError

PATIENCE = 2.0
"""Seconds that a request waits for its change before it leads to the page that follows it."""
MOST_JOBS = 20
_log = logging.getLogger("newsletter.web")
Progress = Callable[[int], None]


@dataclass(slots=True)
class Job:
    """`done` people of `count` are through, where that is known before the end. `failure` is what a person can do
    something about, `message` anything else."""

    do: str
    count: int
    back: str
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    done: int = 0
    result: BulkResult | None = None
    failure: NewsletterError | None = None
    message: str = ""
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def running(self) -> bool:
        return not self.ended.is_set()


class Jobs:
    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._guard = threading.Lock()

    def of(self, id: str) -> Job | None:
        return self._jobs.get(id)

    def start(self, job: Job, act: Callable[[Progress], BulkResult]) -> None:
        with self._guard:
            self._jobs[job.id] = job
            ended = [one for one in self._jobs.values() if not one.running]
            for old in ended[: max(0, len(self._jobs) - MOST_JOBS)]:
                del self._jobs[old.id]
        run = contextvars.copy_context().run  # refusals are told in the language of whoever asked
        name = f"bulk {job.id}"
        threading.Thread(target=run, args=(self._run, job, act), name=name, daemon=True).start()

    def _run(self, job: Job, act: Callable[[Progress], BulkResult]) -> None:
        def progress(done: int) -> None:
            job.done = done

        try:
            job.result = act(progress)
        except NewsletterError as caught:
            job.failure = caught
        except Exception as caught:
            _log.exception("a change of many people failed")
            job.message = str(caught) or type(caught).__name__
        finally:
            job.ended.set()
