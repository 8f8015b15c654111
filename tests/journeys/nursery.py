"""Processes of the command line without the start of an interpreter: one that has imported everything forks itself.

`python -W error nursery.py SOCKET` waits at the socket that it got for orders, and each makes a process that does what
`python -W error -m newsletter` does: with its own arguments, environment, folder, pipes and end, to be signalled and killed
like any other. Importing takes most of the time of a short command, and a journey calls twenty of them.
`tests/journeys/test_publication_journey.py` starts the interpreter wherever it matters how it is started, as people do.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import json
import os
import pkgutil
import resource
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

_HEAD = struct.Struct("!I")


class Nursery:
    """Starts processes of the command line. They end when they end; the nursery ends with whoever made it."""

    def __init__(self) -> None:
        self._socket, other = socket.socketpair()
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "error", __file__, str(other.fileno())],
                pass_fds=[other.fileno()],
            )

    def start(
        self, *arguments: str, program: Path | None = None, limit: int = 0, **options: Any
    ) -> subprocess.Popen[str]:
        """A process, with the options of Popen for its pipes, text, environment and folder. `program` is run instead of
        the command line, and no file may grow over `limit` bytes."""
        return _Born(list(arguments), self, (str(program or ""), limit), **options)

    def order(self, order: dict[str, Any], fds: list[int]) -> int:
        """Has a process made; its number."""
        text = json.dumps(order).encode()
        socket.send_fds(self._socket, [_HEAD.pack(len(text))], fds)
        self._socket.sendall(text)
        (pid,) = _HEAD.unpack(_exactly(self._socket, _HEAD.size))
        return int(pid)

    def run(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """A process and what it printed, when it has ended."""
        pipes = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
        process = self.start(*arguments, text=True, encoding="utf-8", **pipes, **options)
        out, err = process.communicate(timeout=300)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def close(self) -> None:
        self._socket.close()
        self._process.wait(30)


@functools.cache
def nursery() -> Nursery:
    """The one of this process; it is made when it is asked for first."""
    made = Nursery()
    atexit.register(made.close)
    return made


class _Born(subprocess.Popen[str]):
    """A process of the nursery, whose end is told through a pipe, since it is no child of ours."""

    def __init__(
        self, arguments: list[str], nursery: Nursery, more: tuple[str, int], **options: Any
    ) -> None:
        self._nursery, self._more = nursery, more
        super().__init__(arguments, **options)

    def _execute_child(self, args: Any, *given: Any) -> None:
        cwd, env = given[4], given[5]
        p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite = given[9:15]
        self._end, end = os.pipe()
        with open(os.devnull, "r+b") as nothing:
            fds = [one if one >= 0 else nothing.fileno() for one in (p2cread, c2pwrite, errwrite)]
            order = {
                "arguments": args,
                "environment": dict(os.environ if env is None else env),
                "folder": os.fspath(cwd or Path.cwd()),
                "program": self._more[0],
                "limit": self._more[1],
            }
            self.pid = self._nursery.order(order, [*fds, end])
        self._child_created = True
        os.close(end)
        self._close_pipe_fds(p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite)

    def _internal_poll(self, *_: Any, **__: Any) -> int | None:
        if self.returncode is None and select.select([self._end], [], [], 0)[0]:
            self._take_end()
        return self.returncode

    def _wait(self, timeout: float | None) -> int:
        if self.returncode is None:
            if not select.select([self._end], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self._take_end()
        return int(self.returncode)

    def _take_end(self) -> None:
        told = os.read(self._end, 16)
        os.close(self._end)
        self.returncode = int(told) if told else -signal.SIGKILL


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def _import_everything() -> None:
    import newsletter

    for module in pkgutil.walk_packages(newsletter.__path__, "newsletter."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in ("alembic.command", "alembic.config", "uvicorn.loops.asyncio"):
        importlib.import_module(name)


def _serve(orders: socket.socket) -> str:
    """Makes what is ordered, and tells of each the end. In a new process, this returns the program to run."""
    ends: dict[int, int] = {}
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    while True:
        ready, _, _ = select.select([orders, woken], [], [])
        if woken in ready:
            os.read(woken, 512)
            _tell_ends(ends)
        if orders in ready:
            head, fds, _, _ = socket.recv_fds(orders, _HEAD.size, 4)
            if not head:
                os._exit(0)
            (size,) = _HEAD.unpack(head + _exactly(orders, _HEAD.size - len(head)))
            order = json.loads(_exactly(orders, size))
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for fd in (woken, wake, fds[3], *ends.values()):
                    os.close(fd)
                orders.close()
                return _become(order, fds[:3])
            ends[pid] = fds.pop()
            for fd in fds:
                os.close(fd)
            orders.sendall(_HEAD.pack(pid))


def _tell_ends(ends: dict[int, int]) -> None:
    while ends:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        os.write(ends[pid], str(os.waitstatus_to_exitcode(status)).encode())
        os.close(ends.pop(pid))


def _become(order: dict[str, Any], fds: list[int]) -> str:
    for number, fd in enumerate(fds):
        os.dup2(fd, number)
        os.close(fd)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    sys.argv = ["newsletter", *order["arguments"]]
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    if order["limit"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["limit"], order["limit"]))
    return str(order["program"])


if __name__ == "__main__":
    _import_everything()
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as orders:
        program = _serve(orders)
    if program:
        runpy.run_path(program, run_name="__main__")
    else:
        importlib.import_module("newsletter.cli.main").main()
