"""What a campaign leaves behind when everything dies: python -m bench.crash [--people N] [--kills N] [NAME …]

A real SMTP server writes down each message that it accepts, before it says so. Processes are killed with
SIGKILL at random moments and the same command is called again, until the campaign has ended. Then:

  accepted by the server ∪ unknown = everyone who was frozen     nobody is lost, and each doubt has a name
  nobody accepted twice                                          nor is anybody mailed twice
  unknown ≤ window × connections for each death, one for each cut  doubts are bounded
  the books balance                                              candidates = prepared + excluded
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newsletter.subscribers.tokens import make_key_file

HERE = Path(__file__).resolve().parent
CONNECTIONS, WINDOW = 4, 20
ISSUE = (
    '# Crash\n\nDear {{ subscriber.name | default("reader") }},\n\n' + "这是一段话。" * 400 + "\n"
)
SETTINGS = f"""\
name = "Crash"
base_url = "https://crash.example.com"
sender.email = "editor@crash.example.com"
smtp = {{ host = "127.0.0.1", port = PORT, connections = {CONNECTIONS}, timeout = 5.0, final_timeout = 5.0 }}
delivery = {{ window = {WINDOW}, backoff = [0.1, 0.2] }}
"""


@dataclass
class Scene:
    """A publication in a folder, a server, and how many have died."""

    folder: Path
    people: int
    port: int
    faults: tuple[str, ...] = ()
    deaths: int = 0
    server: subprocess.Popen[bytes] | None = None
    runs: list[subprocess.Popen[str]] = field(default_factory=list)
    lease: str = "900"

    def serve(self) -> None:
        log = str(self.folder / "accepted.log")
        command = [sys.executable, str(HERE / "crash_server.py"), str(self.port), log, *self.faults]
        self.server = subprocess.Popen(command)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError("the server did not start")

    def kill_server(self) -> None:
        if self.server is not None:
            self.server.kill()
            self.server.wait()

    def hurry(self) -> None:
        """A server without faults from here on."""
        self.faults = ()
        self.kill_server()
        self.serve()

    @property
    def accepted(self) -> list[str]:
        return [line for line in self._log if line != "#cut"]

    @property
    def cuts(self) -> int:
        return self._log.count("#cut")

    @property
    def _log(self) -> list[str]:
        path = self.folder / "accepted.log"
        return path.read_text().split() if path.exists() else []

    def start(self, *arguments: str, limit: int = 0) -> subprocess.Popen[str]:
        def prepare() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        return subprocess.Popen(
            [sys.executable, HERE / "crash_worker.py", "--publication", self.folder, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=prepare if limit else None,
            env=os.environ | {"CRASH_LEASE": self.lease, "PYTHONPATH": str(HERE.parent)},
        )

    def send(self, *more: str, limit: int = 0) -> subprocess.Popen[str]:
        count = str(self.people)
        return self.start(
            "send", "first", "--list", "weekly", "--confirm-count", count, *more, limit=limit
        )

    def status(self) -> dict[str, Any]:
        out, _ = self.start("status", "--json").communicate(timeout=120)
        campaigns = json.loads(out)["campaigns"]
        return campaigns[0] if campaigns else {"status": "none"}

    def ended(self) -> bool:
        return self.status()["status"] == "finished"


def by_kills(scene: Scene, kills: int) -> None:
    """SIGKILL at any moment: while it starts, freezes, sends, writes down. A death spends the messages that were sent
    before it and those that are unknown after it; the moments are drawn so that what is left lasts for all deaths."""
    for _ in range(2 * kills):
        if scene.deaths >= kills:
            break
        run = scene.send()
        if random.random() < 0.3:
            time.sleep(random.uniform(0, 1.5))
        else:
            left = scene.people - len(scene.accepted) - WINDOW * CONNECTIONS
            share = left // (kills - scene.deaths) - WINDOW
            _wait_for_some(scene, run, random.randrange(1, max(2, 2 * share)))
        scene.deaths += run.poll() is None
        run.kill()
        run.communicate()


def by_server(scene: Scene, kills: int) -> None:
    """The server dies in the middle, and comes back."""
    for _ in range(kills):
        run = scene.send()
        _wait_for_some(scene, run, random.randrange(1, max(2, 2 * scene.people // kills)))
        scene.kill_server()
        scene.deaths += 1
        run.communicate(timeout=120)
        scene.serve()


def by_faults(scene: Scene, kills: int) -> None:
    """The server does it by itself: connections cut, storms of 4xx."""
    for _ in range(kills):
        scene.send().communicate(timeout=600)


def by_full_disk(scene: Scene, kills: int) -> None:
    """The database's files cannot grow from some moment on."""
    database = scene.folder / "subscribers" / "newsletter.db"
    for _ in range(kills):
        log = database.with_name(database.name + "-wal")
        size = max(one.stat().st_size if one.exists() else 0 for one in (database, log))
        run = scene.send(limit=size + random.randrange(4_096, 400_000))
        run.communicate(timeout=600)
        scene.deaths += run.returncode not in (0, 5)


def by_three(scene: Scene, kills: int) -> None:
    """Three processes share the campaign; one after the other is killed, or stopped past its lease. The server is so
    slow that they do not end before they have died as often as they shall; then it hurries."""
    scene.lease = "2"
    crew = [scene.send("--join") for _ in range(3)]
    end = time.monotonic() + 60 + 8 * kills
    while scene.deaths < kills and time.monotonic() < end:
        time.sleep(random.uniform(0.2, 1.5))
        at = random.randrange(3)
        if crew[at].poll() is None:
            scene.deaths += 1
            if random.random() < 0.5:
                crew[at].send_signal(signal.SIGSTOP)
                time.sleep(2.5)
                crew[at].send_signal(signal.SIGCONT)
            else:
                crew[at].kill()
        for number, one in enumerate(crew):
            if one.poll() is not None:
                one.communicate()
                crew[number] = scene.send("--join")
        if len(scene.accepted) >= scene.people:
            break
    scene.hurry()
    for one in crew:
        one.communicate(timeout=600)


def _wait_for_some(scene: Scene, run: subprocess.Popen[str], more: int) -> None:
    path = scene.folder / "accepted.log"
    before = path.stat().st_size if path.exists() else 0
    end = time.monotonic() + 30
    while run.poll() is None and time.monotonic() < end:
        now = path.stat().st_size if path.exists() else 0
        if now - before >= more * len("p00000@example.com\n"):
            break
        time.sleep(random.uniform(0.0005, 0.005))


Way = Callable[[Scene, int], None]
SCENES: dict[str, tuple[Way, tuple[str, ...], int]] = {
    # how it dies, what the server does, one of how many kills
    "kill -9": (by_kills, ("--delay", "0.02"), 1),
    "server killed": (by_server, ("--delay", "0.004"), 5),
    "cut in DATA": (by_faults, ("--cut", "0.01"), 10),
    "disk full": (by_full_disk, ("--delay", "0.002"), 10),
    "storm of 4xx": (by_faults, ("--storm", "0.3"), 40),
    "three processes share it": (by_three, ("--delay", "1"), 1),
}


def play(name: str, people: int, kills: int) -> str:
    """One scene; a line of the table. Raises AssertionError where a promise is broken."""
    way, faults, share = SCENES[name]
    kills = max(1, kills // share)
    with _scene(people, faults) as scene:
        way(scene, kills)
        scene.hurry()
        scene.lease = "900"
        for _ in range(20):
            if scene.ended():
                break
            scene.send().communicate(timeout=600)
        return _judged(name, scene)


def _judged(name: str, scene: Scene) -> str:
    campaign = scene.status()
    out, _ = scene.start("campaigns", "show", "1", "--json").communicate(timeout=120)
    told = json.loads(out)["not_delivered"]
    unknown = {one["address"] for one in told if one["status"] == "unknown"}
    accepted = scene.accepted
    everyone = {f"p{number:05}@example.com" for number in range(scene.people)}
    states = campaign["books"]["states"]
    assert campaign["status"] == "finished", campaign
    assert len(accepted) == len(set(accepted)), "somebody was mailed twice"
    assert set(accepted) | unknown == everyone, (
        f"lost: {sorted(everyone - set(accepted) - unknown)[:5]}"
    )
    assert states.get("accepted", 0) + states.get("unknown", 0) == scene.people, states
    assert everyone - unknown <= set(accepted)
    assert len(unknown) <= scene.deaths * CONNECTIONS * WINDOW + scene.cuts
    assert campaign["books"]["balanced"]
    really = len(unknown - set(accepted))
    return (
        f"| {name} | {scene.people:,} | {scene.deaths} | {len(accepted):,} | 0 | 0 |"
        f" {len(unknown)} ({really} not accepted) |"
    )


@contextmanager
def _scene(people: int, faults: tuple[str, ...]) -> Iterator[Scene]:
    folder = Path(tempfile.mkdtemp(prefix="newsletter-crash-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "issues").mkdir()
    (folder / "issues" / "first.md").write_text(ISSUE, encoding="utf-8")
    (folder / "newsletter.toml").write_text(SETTINGS.replace("PORT", str(port)), encoding="utf-8")
    make_key_file(folder / "subscribers" / "secret.key")
    rows = "".join(f"p{number:05}@example.com,读者{number}\n" for number in range(people))
    (folder / "people.csv").write_text("email,name\n" + rows, encoding="utf-8")
    scene = Scene(folder, people, port, faults)
    consent = ("--consent", "signed up at the desk")
    bring = scene.start(
        "subscribers", "import", str(folder / "people.csv"), "--list", "weekly", "--apply", *consent
    )
    told, _ = bring.communicate(timeout=300)
    assert bring.returncode == 0, told
    scene.serve()
    try:
        yield scene
    finally:
        scene.kill_server()
        shutil.rmtree(folder)


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill everything, and count.")
    parser.add_argument("scenes", nargs="*", metavar="NAME", help=", ".join(SCENES))
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    random.seed(options.seed)
    print("| what dies | frozen | deaths | accepted | twice | lost | unknown |")
    print("|---|---|---|---|---|---|---|")
    for name in options.scenes or SCENES:
        print(play(name, options.people, options.kills), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
