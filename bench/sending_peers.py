"""Who else sends: smtp-source (C, composes nothing), nodemailer's pool (npm, pinned in bench/peers), smtplib with an
EmailMessage each, one after the other. Each sends so many mails to a port and tells messages a second."""

from __future__ import annotations

import json
import os
import shutil
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

PEERS = Path(__file__).resolve().parent / "peers"
SENDER = "editor@bench.example.com"


@dataclass(frozen=True)
class Mail:
    """One kind of mail. `NLM0000Z` stands for a name, `NLM0001Z` for a link."""

    name: str
    html: str
    text: str
    encoding: str

    def message(self, number: int) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"] = SENDER, f"p{number}@example.com"
        message["Subject"] = "News"
        link = f"https://bench.example.com/{number}"
        message["List-Unsubscribe"] = f"<{link}>"
        message.set_content(self.text)
        html = self.html.replace("NLM0000Z", f"Reader {number}").replace("NLM0001Z", link)
        message.add_alternative(html, subtype="html", cte=self.encoding)
        return message

    @property
    def size(self) -> int:
        return len(self.message(0).as_bytes())


def naive(mail: Mail, port: int, count: int) -> float:
    start = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as session:
        for number in range(count):
            message = mail.message(number)
            session.sendmail(SENDER, [str(message["to"])], message.as_bytes())
    return count / (time.perf_counter() - start)


def source(mail: Mail, port: int, count: int, connections: int, processes: int = 1) -> float | None:
    """smtp-source; as many at once as processes."""
    program = find("smtp-source")
    if program is None:
        return None
    each = [program, "-d", "-s", str(connections // processes), "-l", str(mail.size)]
    command = [*each, "-m", str(count // processes), f"127.0.0.1:{port}"]
    start = time.perf_counter()
    running = [subprocess.Popen(command) for _ in range(processes)]
    assert all(one.wait(timeout=300) == 0 for one in running)
    return count / (time.perf_counter() - start)


def nodemailer(mail: Mail, port: int, count: int, connections: int, folder: Path) -> float | None:
    node = shutil.which("node") or str(Path(sys.executable).parent / "node")
    if not (PEERS / "node_modules" / "nodemailer").is_dir():
        npm = shutil.which("npm") or str(Path(sys.executable).parent / "npm")
        command = [npm, "ci", "--ignore-scripts"]
        if subprocess.run(command, cwd=PEERS, stdout=subprocess.DEVNULL, check=False).returncode:
            return None
    file = folder / "mail.json"
    told = {"from": SENDER, "subject": "News", "text": mail.text, "html": mail.html}
    file.write_text(json.dumps({**told, "encoding": mail.encoding}), encoding="utf-8")
    run = subprocess.run(
        [node, "nodemailer_pool.mjs", str(port), str(connections), str(count), str(file)],
        cwd=PEERS,
        capture_output=True,
        text=True,
        check=True,
    )
    return count / (float(run.stdout) / 1000)


@contextmanager
def listening(program: str) -> Iterator[int]:
    """smtp-sink on a free port; it takes everything and keeps nothing."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    who = ["-u", "nobody"] if os.geteuid() == 0 else []
    sink = subprocess.Popen([program, *who, f"127.0.0.1:{port}", "100"])
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield int(port)
    finally:
        sink.terminate()
        sink.wait()


def find(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
