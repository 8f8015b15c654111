"""A real SMTP server on a free port of 127.0.0.1 that can misbehave on demand, and the command line."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from newsletter.subscribers.tokens import make_key_file
from tests.journeys.nursery import nursery

ISSUE = '# A short issue\n\nDear {{ subscriber.name | default("reader") }},\n\nthis is all.\n'


class Sink:
    """Takes mail and remembers it; `rcpt` and `data` answer in its place where they return something."""

    def __init__(self) -> None:
        self.accepted: list[tuple[str, bytes]] = []
        self.rcpt: Callable[[str], str | None] = lambda address: None
        self.data: Callable[[str], str | None] = lambda address: None
        self.cut: Callable[[str], bool] = lambda address: False
        self.delay = 0.0

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        answer = self.rcpt(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        import asyncio

        to = envelope.rcpt_tos[0]
        answer = self.data(to)
        if answer is not None:
            return answer
        if self.cut(to):
            server.transport.abort()
            return "451 nobody hears this"
        self.accepted.append((to, envelope.content))
        if self.delay:
            await asyncio.sleep(self.delay)
        return "250 2.0.0 queued"

    @property
    def recipients(self) -> list[str]:
        return [to for to, _ in self.accepted]


class Server:
    """A sink behind a listening socket, which can go away and come back."""

    def __init__(self, sink: Sink, port: int) -> None:
        self.port = port
        self._sink = sink
        self._controller: Controller | None = None

    def start(self) -> None:
        self._controller = Controller(self._sink, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
        self._controller = None


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def server(sink: Sink) -> Iterator[Server]:
    """The sink behind a listening socket."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    listening = Server(sink, port)
    listening.start()
    yield listening
    listening.stop()


class Newsletter:
    """The `newsletter` command on one publication."""

    def __init__(self, root: Path, port: int) -> None:
        self.root = root
        self.environment = os.environ | {
            "NEWSLETTER__SMTP__HOST": "127.0.0.1",
            "NEWSLETTER__SMTP__PORT": str(port),
            "NEWSLETTER__SMTP__TIMEOUT": "5",
        }

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        return nursery().start(
            "--publication",
            str(self.root),
            *arguments,
            env=self.environment,
            text=True,
            **dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE) | options,
        )

    def __call__(self, *arguments: str, typed: str = "", code: int = 0) -> str:
        """Runs the command, checks its exit code, and returns what it printed."""
        process = self.start(*arguments)
        out, err = process.communicate(typed, timeout=120)
        assert process.returncode == code, out + err
        return out + err

    def json(self, *arguments: str, code: int = 0) -> Any:
        process = self.start(*arguments, "--json")
        out, err = process.communicate(timeout=120)
        assert process.returncode == code, out + err
        return json.loads(out)

    def wait_for(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it did not happen in time"
            time.sleep(0.02)


@pytest.fixture
def database_url() -> str:
    """The database of the publication; empty for the default, an SQLite file."""
    return ""


@pytest.fixture
def newsletter(new_publication: Path, server: Server, database_url: str) -> Newsletter:
    """A publication with one short issue, a key, and the SMTP server as its way out, which is tried again soon."""
    with (new_publication / "newsletter.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[delivery]\nbackoff = [0.1, 0.2]\n")
    (new_publication / "issues" / "first.md").write_text(ISSUE, encoding="utf-8")
    make_key_file(new_publication / "subscribers" / "secret.key")
    command = Newsletter(new_publication, server.port)
    if database_url:
        command.environment["NEWSLETTER__STORE__URL"] = database_url
    return command


@pytest.fixture
def people(newsletter: Newsletter) -> Callable[..., list[str]]:
    """Imports that many people into a list; returns their addresses."""

    def bring(count: int, to: str = "weekly", prefix: str = "p") -> list[str]:
        addresses = [f"{prefix}{number:03}@example.com" for number in range(count)]
        path = newsletter.root / "people.csv"
        path.write_text(
            "email,name\n" + "".join(f"{one},{one.split('@')[0]}\n" for one in addresses)
        )
        consent = ("--consent", "signed up at the desk")
        newsletter("subscribers", "import", str(path), "--list", to, "--apply", *consent)
        return addresses

    return bring
