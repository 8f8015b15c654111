"""The stage of bench/load: a publication on one SQLite file, its servers as processes of their own, and a mail server here.

Every process writes what it says into a file of its own. The mail server keeps the links of each message, no more.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from newsletter.model.api_key import Scope
from newsletter.publication import load_publication
from newsletter.subscribers.tokens import make_key_file
from newsletter.workflow import api_keys, lists
from newsletter.workflow.importing import import_file

ISSUE = '# Load\n\nDear {{ subscriber.name | default("reader") }},\n\nthis is all.\n'
SETTINGS = """\
name = "Load"
base_url = "https://load.example.com"
sender.email = "editor@load.example.com"
smtp = {{ host = "127.0.0.1", port = {port}, connections = 2 }}
api = {{ rate = 100000 }}
"""
_TOKEN = re.compile(rb"/(confirm|unsubscribe)/([A-Za-z0-9_.~-]{20,})")


class Mails:
    """Takes mail; `confirmations` and `leaving` are the tokens of links, by address, that nobody has used yet."""

    def __init__(self) -> None:
        self.recipients: list[str] = []
        self.confirmations: list[tuple[str, str]] = []
        self.leaving: list[tuple[str, str]] = []
        self._lock = threading.Lock()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        to = envelope.rcpt_tos[0]
        head = BytesParser(policy=policy.default).parsebytes(envelope.content, headersonly=True)
        leave = _TOKEN.search(str(head.get("list-unsubscribe", "")).encode())
        with self._lock:
            if leave:
                self.recipients.append(to)
                self.leaving.append((to, leave[2].decode()))
            elif found := _TOKEN.search(_unfolded(envelope.content)):
                self.confirmations.append((to, found[2].decode()))
        return "250 2.0.0 queued"

    def take(self, which: list[tuple[str, str]]) -> tuple[str, str] | None:
        with self._lock:
            return which.pop(0) if which else None


@dataclass
class Scene:
    """What the drivers need: where the servers are, what opens them, and who is there."""

    folder: Path
    mails: Mails
    addresses: list[str]
    key: str = ""
    serve: int = 0
    studio: int = 0
    token: str = ""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Starts the command line; what it says is in `<name>.log`."""
        command = [sys.executable, "-m", "newsletter", "--publication", str(self.folder)]
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [*command, *arguments],
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        self.processes[name] = process
        return process

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def address_of(self, name: str) -> tuple[int, str]:
        """The port and token that a server has printed."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            found = re.search(r"http://127\.0\.0\.1:(\d+)/(?:\?token=(\S+))?", self.said(name))
            if found:
                return int(found[1]), found[2] or ""
            if self.processes[name].poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"{name} did not start: {self.said(name)}")


@contextmanager
def staged(folder: Path, people: int) -> Iterator[Scene]:
    """A publication of so many people on the list `weekly`, with `serve` and `studio` running."""
    mails = Mails()
    port = _free_port()
    post = Controller(mails, hostname="127.0.0.1", port=port)
    post.start()
    (folder / "newsletter.toml").write_text(SETTINGS.format(port=port), encoding="utf-8")
    (folder / "issues").mkdir()
    (folder / "issues" / "first.md").write_text(ISSUE, encoding="utf-8")
    make_key_file(folder / "subscribers" / "secret.key")
    here = load_publication(folder, {})
    addresses = [f"p{number}@d{number % 50}.example.com" for number in range(people)]
    rows(folder / "people.csv", addresses)
    lists.make_list(here, "weekly", public=True)
    import_file(here, folder / "people.csv", "weekly", apply=True, consent="bench")
    _, key = api_keys.make(here, "load", [str(scope) for scope in Scope])
    scene = Scene(folder, mails, addresses, key)
    try:
        scene.start("serve", "serve", "--port", "0")
        scene.start("studio", "studio", "--port", "0", "--no-open")
        scene.serve, _ = scene.address_of("serve")
        scene.studio, scene.token = scene.address_of("studio")
        yield scene
    finally:
        for process in scene.processes.values():
            if process.poll() is None:
                process.terminate()
        for process in scene.processes.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
        post.stop()


def rows(file: Path, addresses: list[str]) -> None:
    """A file of these addresses, to be imported."""
    lines = (f"{one},{one.partition('@')[0]},Town {len(one) % 7}\n" for one in addresses)
    file.write_text("email,name,city\n" + "".join(lines), encoding="utf-8")


def _unfolded(content: bytes) -> bytes:
    """A text that may be quoted-printable, its soft line breaks undone."""
    return content.replace(b"=\r\n", b"").replace(b"=3D", b"=")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
