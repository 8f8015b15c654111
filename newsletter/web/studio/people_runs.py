"""Imports that run in this server: dry or for good, one at a time for each file, with their progress.

What a run did is kept in memory until the file is gone; after a restart a file is looked at and tried again. A
run that is stopped, or that the server's end stops, has done nothing: an import is applied whole or not at all.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field

from newsletter.problems import NewsletterError
from newsletter.publication import Publication
from newsletter.web.studio.people_mapping import ImportChoice
from newsletter.workflow import import_uploads as uploads
from newsletter.workflow.import_uploads import Upload
from newsletter.workflow.importing import ImportReport, import_file

MOST_RUNS = 20
_log = logging.getLogger("newsletter.web")


@dataclass(slots=True)
class Run:
    """`state` is running, done, failed or stopped. `lines` is about how many there are, 0 where that is not known."""

    upload: Upload
    choice: ImportChoice
    apply: bool
    state: str = "running"
    read: int = 0
    lines: int = 0
    report: ImportReport | None = None
    message: str = ""
    failure: NewsletterError | None = None
    """Told in the language of whoever looks at it."""
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def running(self) -> bool:
        return self.state == "running"


class Stopped(Exception):
    """Somebody stopped the import."""


class Runs:
    """Starts runs in threads and remembers what became of them."""

    def __init__(self, publication: Callable[[], Publication]) -> None:
        self._publication = publication
        self._runs: dict[str, Run] = {}
        self._guard = threading.Lock()

    def of(self, upload: str) -> Run | None:
        """How a run stands at this moment: a copy, which does not change while a page is made of it."""
        run = self._runs.get(upload)
        return copy(run) if run is not None else None

    def start(self, upload: Upload, choice: ImportChoice, actor: str, *, apply: bool) -> Run:
        """Begins; while one runs for the same file, that one is returned."""
        with self._guard:
            before = self._runs.get(upload.id)
            if before is not None and (before.running or (before.apply and before.state == "done")):
                return before
            run = Run(upload, choice, apply)
            self._runs[upload.id] = run
            while len(self._runs) > MOST_RUNS:
                oldest = next(iter(self._runs))
                self._runs.pop(oldest).stop.set()
        name = f"import {upload.id}"
        threading.Thread(target=self._run, args=(run, actor), name=name, daemon=True).start()
        return run

    def forget(self, upload: str) -> None:
        """The file is given up: what runs is stopped."""
        run = self._runs.pop(upload, None)
        if run is not None:
            run.stop.set()

    def stop(self) -> None:
        for run in list(self._runs.values()):
            run.stop.set()

    def _run(self, run: Run, actor: str) -> None:
        def progress(read: int) -> None:
            run.read = read
            if run.stop.is_set():
                raise Stopped

        publication, choice = self._publication(), run.choice
        try:
            if choice.text:
                run.lines = uploads.lines_of(run.upload)
            run.report = import_file(
                publication,
                run.upload.path,
                choice.list_name,
                apply=run.apply,
                mapping=choice.mapping,
                consent=choice.consent,
                encoding=choice.encoding,
                delimiter=choice.delimiter,
                actor=actor,
                progress=progress,
            )
            run.state = "done"
            if run.apply:
                uploads.drop(publication, run.upload.id)
        except Stopped:
            run.state = "stopped"
        except NewsletterError as caught:
            run.state, run.failure = "failed", caught
        except Exception as caught:
            _log.exception("an import failed")
            run.state, run.message = "failed", str(caught) or type(caught).__name__
