"""What a server does beside answering: its worker is started and stopped with the application, and its database
stays open meanwhile."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Callable

from starlette.concurrency import run_in_threadpool

from newsletter.publication import Publication
from newsletter.workflow.database import keeping_open
from newsletter.workflow.worker import Worker

_log = logging.getLogger("newsletter")


def worker_of(publication: Callable[[], Publication]) -> Worker:
    """A worker that tells the server's log what a person should know."""
    return Worker(publication, lambda text: _log.warning("%s", text))


@contextlib.asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[None]:
    """The worker works meanwhile; at the end it gets the answers to what it has in hand."""
    with keeping_open(worker.publication):
        worker.start()
        try:
            yield
        finally:
            await run_in_threadpool(worker.stop)
