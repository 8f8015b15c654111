"""Content to send, made by hand: what is tested here is the way, not the issue."""

from __future__ import annotations

import dataclasses
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from newsletter.model.campaign import Content
from newsletter.model.edition import Marker

CONTENT = Content(
    slug="2026-10",
    subject="News for NLM0000Z",
    html='<!doctype html><p>Dear NLM0000Z,</p><p><a href="NLM0001Z">leave</a></p>\n',
    text="Dear NLM0000Z,\n\nleave: NLM0001Z\n",
    language="en",
    markers=(
        Marker("NLM0000Z", "subscriber.name", "reader"),
        Marker("NLM0001Z", "unsubscribe_url"),
    ),
    pictures=(),
    sender_name="The Orchard",
    sender_email="editor@orchard.example.com",
    reply_to="",
    web_url="https://orchard.example.com/issues/2026-10/",
    base_url="https://orchard.example.com",
    publication="The Orchard",
)


@pytest.fixture
def content() -> Callable[..., Content]:
    """The content, with some fields replaced."""

    def make(**changes: Any) -> Content:
        return dataclasses.replace(CONTENT, **changes)

    return make


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes a certificate for a name, signed by nobody but itself; key and certificate in one PEM file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: sudo apt-get install openssl")
    folder = tmp_path_factory.mktemp("certificates")

    def make(name: str) -> Path:
        path = folder / f"{name.replace(':', '-')}.pem"
        if not path.exists():
            command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout - -subj /CN=relay"
            made = subprocess.run(
                [*command.split(), "-addext", f"subjectAltName={name}"],
                capture_output=True,
                check=True,
            )
            path.write_bytes(made.stdout)
        return path

    return make


DOVECOT = """\
base_dir = {folder}/run
state_dir = {folder}/state
instance_name = {folder}
log_path = {folder}/log
listen = 127.0.0.1
protocols = imap pop3
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{certificate}
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
first_valid_gid = 1
auth_mechanisms = plain login
default_internal_user = dovecot
default_login_user = dovenull
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}
}}
service imap-login {{
  inet_listener imap {{
    port = {ports[0]}
  }}
  inet_listener imaps {{
    port = {ports[1]}
    ssl = yes
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {ports[2]}
  }}
  inet_listener pop3s {{
    port = {ports[3]}
    ssl = yes
  }}
}}
"""


class Dovecot:
    """A mailbox behind a real server: a Maildir in a folder of its own."""

    def __init__(self, folder: Path, certificate: Path, ports: list[int]) -> None:
        self.folder = folder
        self.certificate = certificate
        self.imap, self.imaps, self.pop3, self.pop3s = ports
        self._count = 0

    def deliver(self, mail: bytes) -> None:
        self._count += 1
        path = self.folder / "mail" / "new" / f"{1_770_000_000 + self._count}.{self._count}.here"
        stage = self.folder / "mail" / "tmp" / path.name
        stage.write_bytes(mail)
        shutil.chown(stage, "nobody", "nogroup")
        stage.rename(path)

    def mails(self, folder: str = "") -> dict[str, bytes]:
        """The mails by the name of their file, whose end tells their flags."""
        base = self.folder / "mail" / (f".{folder}" if folder else "")
        found = [path for kind in ("new", "cur") for path in (base / kind).glob("*")]
        return {path.name: path.read_bytes() for path in found}


@pytest.fixture(scope="session")
def dovecot_program() -> str:
    program = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None or not Path("/usr/lib/dovecot/pop3").exists():
        pytest.skip("Dovecot is not installed: sudo apt-get install dovecot-imapd dovecot-pop3d")
    if os.geteuid() != 0:
        pytest.skip("Dovecot can only be started by root")
    return program


@pytest.fixture
def dovecot(dovecot_program: str, certificate: Callable[[str], Path]) -> Iterator[Dovecot]:
    """Starts Dovecot on free ports of 127.0.0.1; its user is `bounces`, the password `secret`."""
    folder = Path(tempfile.mkdtemp(prefix="newsletter-dovecot-"))
    folder.chmod(0o755)
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    reader = pwd.getpwnam("nobody")
    for name in ("mail", "mail/new", "mail/cur", "mail/tmp"):
        (folder / name).mkdir()
        os.chown(folder / name, reader.pw_uid, reader.pw_gid)
    pem = folder / "certificate.pem"
    pem.write_bytes(certificate("IP:127.0.0.1").read_bytes())
    config = folder / "dovecot.conf"
    config.write_text(DOVECOT.format(folder=folder, certificate=pem, ports=ports))
    server = subprocess.Popen(
        [dovecot_program, "-F", "-c", str(config)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        _wait_for(ports, server, folder / "log")
        yield Dovecot(folder, pem, ports)
    finally:
        server.terminate()
        server.communicate(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(ports: list[int], server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 20
    for port in ports:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                told = log.read_text() if log.exists() else ""
                assert server.poll() is None, told
                assert time.monotonic() < end, told
                time.sleep(0.05)
