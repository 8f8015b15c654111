"""The room where the print engine works: its process, kept warm between jobs, and what ends it.

Starting the engine and laying out a whole issue takes longer than an editor waits for a key. So the process that
printed last is kept and given the next job: what both have in common is not laid out again. It gets one job
at a time, each with its own limits; a second job at the same time gets a process of its own, which ends with it.
The kept one ends after many jobs, when it has grown, when something went wrong in it, when it was idle for long,
and with this program, however that ends (its input closes then).

What can go wrong: the process dies (Broken, with what it said), is too slow (Broken, `late`), or cannot be started
(NewsletterError). A job that dies in a process that had worked before is given to a new one once: it must not
suffer from what others left there.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import newsletter
from newsletter.problems import NewsletterError

MOST_JOBS = 200
IDLE_SECONDS = 600.0

_PROCESSOR_TIME_IS_UP = 24
"""The signal SIGXCPU, which Windows does not know."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one job: `memory` in bytes, `processor` and `clock` in seconds."""

    memory: int = 860 * 1024**2
    processor: int = 90
    clock: float = 90.0


def limits_for(written: int) -> Limits:
    """What an issue of so many bytes of data may take: some five times what is usual, so that a slow machine prints it
    as well, and one that will never end is stopped soon."""
    seconds = 9 + written // 100_000
    return Limits(processor=seconds, clock=3.0 * seconds)


class Broken(Exception):
    """The process gave no outcome: it was `late`, or ended with `code`, saying `log`."""

    def __init__(self, *, late: bool, code: int, log: str) -> None:
        super().__init__("late" if late else f"ended with {code}")
        self.late, self.code, self.log = late, code, log


class _Worker:
    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.jobs = 0
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process
        package = str(Path(newsletter.__file__).resolve().parent.parent)
        environment = {"PYTHONPATH": package, "PYTHONUTF8": "1", "PATH": os.defpath}
        if root := os.environ.get("SYSTEMROOT"):  # Windows starts no process without it
            environment["SYSTEMROOT"] = root
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "newsletter.editions.print_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                text=True,
                encoding="utf-8",
                cwd=tempfile.gettempdir(),
                env=environment,
            )
        except OSError as caught:
            self._log.close()
            raise NewsletterError(f"cannot start the print engine: {caught.strerror}") from caught

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: dict[str, Any], clock: float) -> dict[str, Any]:
        """The outcome of one job. Raises Broken; the process is gone then."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(clock, stop)
        timer.daemon = True
        timer.start()
        try:
            with contextlib.suppress(OSError):  # it died: its silence tells
                self._process.stdin.write(json.dumps(request) + "\n")
                self._process.stdin.flush()
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        self.jobs += 1
        if not line.endswith("\n"):
            self._process.wait()
            raise Broken(late=late.is_set(), code=self._process.returncode, log=self._said())
        return dict(json.loads(line))

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self._log.close()

    def _said(self) -> str:
        self._log.seek(0)
        return self._log.read().decode("utf-8", "replace")


class _Room:
    """At most one idle process, and the clock that ends it."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._idle: _Worker | None = None
        self._timer: threading.Timer | None = None

    def take(self, memory: int) -> _Worker:
        with self._guard:
            self._stop_timer()
            worker, self._idle = self._idle, None
        if worker is not None:
            if worker.memory == memory and worker.alive:
                return worker
            worker.close()
        return _Worker(memory)

    def give_back(self, worker: _Worker) -> None:
        with self._guard:
            if self._idle is None:
                self._idle = worker
                self._timer = threading.Timer(IDLE_SECONDS, self.empty)
                self._timer.daemon = True
                self._timer.start()
                return
        worker.close()

    def empty(self) -> None:
        with self._guard:
            self._stop_timer()
            worker, self._idle = self._idle, None
        if worker is not None:
            worker.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


_room = _Room()
atexit.register(_room.empty)


def answer(request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Has one job done within its limits. Raises Broken, NewsletterError."""
    worker = _room.take(limits.memory)
    had_worked = worker.jobs > 0
    try:
        outcome = worker.ask(request, limits.clock)
    except Broken as caught:
        worker.close()
        if not had_worked or caught.late or caught.code == -_PROCESSOR_TIME_IS_UP:
            raise  # its own doing: both are counted anew for each job
        return answer(request, limits)
    except BaseException:
        worker.close()
        raise
    if outcome.pop("tired"):
        # What it keeps of every edit grows. Its successor starts now, not when the next key is pressed.
        worker.close()
        _room.give_back(_Worker(limits.memory))
    elif worker.jobs >= MOST_JOBS:
        worker.close()
    else:
        _room.give_back(worker)
    return outcome


def close_room() -> None:
    """Ends the idle process now; the next job starts another."""
    _room.empty()
