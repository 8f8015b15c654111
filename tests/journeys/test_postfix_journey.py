"""An issue goes to a real Postfix, which queues it and delivers it to a Maildir."""

from __future__ import annotations

import email
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from newsletter.delivery.postfix_log import taken

pytestmark = pytest.mark.daemon

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.example.com
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
default_transport = discard:
virtual_mailbox_domains = example.com
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:box/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
smtpd_recipient_restrictions =
    check_recipient_access inline:{{ {{p000@example.com = 550 5.1.1 User unknown}} }}
    permit_mynetworks reject
"""


class Postfix:
    """An instance of its own: queue, log, port and mailbox in one folder."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self._folder = folder

    @property
    def log(self) -> str:
        path = self._folder / "log" / "mail.log"
        return path.read_text() if path.exists() else ""

    @property
    def delivered(self) -> list[bytes]:
        return [path.read_bytes() for path in (self._folder / "mail" / "box" / "new").glob("*")]


@pytest.fixture
def postfix(server: Any) -> Iterator[Postfix]:
    """Starts Postfix on the port of the fixture `server`, in its place."""
    program = shutil.which("postfix", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("Postfix is not installed: sudo apt-get install postfix")
    if os.geteuid() != 0:
        pytest.skip("Postfix can only be started by root")
    server.stop()
    folder = Path(tempfile.mkdtemp(prefix="newsletter-postfix-"))
    folder.chmod(0o755)  # its daemons run as a user of their own
    _configure(folder, server.port)
    subprocess.run([program, "-c", folder / "etc", "start"], check=True, capture_output=True)
    try:
        yield Postfix(folder, server.port)
    finally:
        subprocess.run([program, "-c", folder / "etc", "stop"], check=True, capture_output=True)
        shutil.rmtree(folder)


def _configure(folder: Path, port: int) -> None:
    owner, reader = pwd.getpwnam("postfix"), pwd.getpwnam("nobody")
    for name in ("etc", "queue", "log", "data", "mail"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    os.chown(folder / "mail", reader.pw_uid, reader.pw_gid)
    assert owner.pw_uid != 0
    (folder / "etc" / "main.cf").write_text(
        MAIN.format(folder=folder, uid=reader.pw_uid, gid=reader.pw_gid)
    )
    services = Path("/etc/postfix/master.cf.proto").read_text().splitlines()
    own = [f"127.0.0.1:{port} inet n - n - - smtpd"]
    for line in services:
        fields = line.split()
        if (
            line.startswith(("#", " "))
            or len(fields) < 8
            or (fields[0] == "smtp" and fields[1] == "inet")
        ):
            continue
        fields[4] = "n"  # no chroot
        own.append(" ".join(fields))
    (folder / "etc" / "master.cf").write_text("\n".join(own) + "\n")


def test_postfix_takes_an_issue_and_delivers_it(
    postfix: Postfix, newsletter: Any, people: Callable[..., list[str]]
) -> None:
    addresses = people(20)
    result = newsletter.json("send", "first", "--list", "weekly", "--confirm-count", "20", code=5)
    assert result["books"]["states"] == {"accepted": 19, "refused": 1}
    assert [one["address"] for one in result["not_delivered"]] == addresses[:1]
    end = time.monotonic() + 30
    while len(postfix.delivered) < 19:
        assert time.monotonic() < end, postfix.log
        time.sleep(0.1)
    messages = [email.message_from_bytes(raw, policy=default) for raw in postfix.delivered]
    assert sorted(message["to"].addresses[0].addr_spec for message in messages) == addresses[1:]
    assert len({message["message-id"] for message in messages}) == 19
    for message in messages:
        assert message.get_content_type() == "multipart/alternative"
        assert not message.defects
        assert message["message-id"] in taken(postfix.log.splitlines())
