"""An issue goes to a real Postfix, which queues it and delivers it; a real Dovecot reads it; what comes back is taken."""

from __future__ import annotations

import email
import imaplib
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.policy import default
from pathlib import Path
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from newsletter.delivery.dkim import Signature
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


@contextmanager
def running(port: int, mailbox: Path | None = None, more: str = "") -> Iterator[Postfix]:
    """An instance on a port. `mailbox` is a Maildir of `nobody`'s, in place of one of its own."""
    program = shutil.which("postfix", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("Postfix is not installed: sudo apt-get install postfix")
    if os.geteuid() != 0:
        pytest.skip("Postfix can only be started by root")
    folder = Path(tempfile.mkdtemp(prefix="newsletter-postfix-"))
    folder.chmod(0o755)  # its daemons run as a user of their own
    _configure(folder, port)
    if mailbox is not None:
        more += f"virtual_mailbox_base = {mailbox.parent}\nvirtual_mailbox_maps = static:{mailbox.name}/\n"
    with (folder / "etc" / "main.cf").open("a") as main:
        main.write(more)
    subprocess.run([program, "-c", folder / "etc", "start"], check=True, capture_output=True)
    try:
        yield Postfix(folder, port)
    finally:
        subprocess.run([program, "-c", folder / "etc", "stop"], check=True, capture_output=True)
        shutil.rmtree(folder)


@pytest.fixture
def postfix(server: Any) -> Iterator[Postfix]:
    """Starts Postfix on the port of the fixture `server`, in its place."""
    server.stop()
    with running(server.port) as instance:
        yield instance


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


@pytest.fixture
def way(server: Any, dovecot: Any) -> Iterator[tuple[Postfix, Any, Any]]:
    """Postfix in the server's place, with Dovecot's mailbox for example.com; a server that knows nobody is next for
    gone.example."""
    server.stop()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sink = type(server._sink)()
    sink.rcpt = lambda address: f"550 5.1.1 <{address}>: no such user here"
    beyond = type(server)(sink, port)
    beyond.start()
    more = f"transport_maps = inline:{{ {{gone.example = smtp:[127.0.0.1]:{port}}} }}\n"
    try:
        with running(server.port, dovecot.folder / "mail", more) as postfix:
            yield postfix, dovecot, beyond
    finally:
        beyond.stop()


def test_what_postfix_delivers_is_read_from_dovecot_signed_and_clean_and_what_comes_back_is_taken(
    way: tuple[Postfix, Any, Any], newsletter: Any, people: Callable[..., list[str]], tmp_path: Path
) -> None:
    postfix, dovecot, _ = way
    key = generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (newsletter.root / "dkim.pem").write_bytes(pem)
    newsletter.environment |= {
        "NEWSLETTER__DKIM__DOMAIN": "orchard.example.com",
        "NEWSLETTER__DKIM__SELECTOR": "s1",
        "NEWSLETTER__DKIM__KEY_FILE": "dkim.pem",
        "NEWSLETTER__BOUNCES__ADDRESS": "bounces+{}@example.com",
        "NEWSLETTER__BOUNCES__HOST": "127.0.0.1",
        "NEWSLETTER__BOUNCES__PORT": str(dovecot.imaps),
        "NEWSLETTER__BOUNCES__USERNAME": "bounces",
        "NEWSLETTER__BOUNCES__PASSWORD_ENV": "BOUNCES_PASSWORD",
        "NEWSLETTER__BOUNCES__CA_FILE": str(dovecot.certificate),
        "BOUNCES_PASSWORD": "secret",
    }
    people(4)
    for name in ("li", "wang"):
        newsletter("subscribers", "add", f"{name}@gone.example", "--list", "weekly")
    result = newsletter.json("send", "first", "--list", "weekly", "--confirm-count", "6", code=5)
    assert result["books"]["states"] == {"accepted": 5, "refused": 1}
    end = time.monotonic() + 60
    while len(dovecot.mails()) < 5:  # three issues and two reports
        assert time.monotonic() < end, postfix.log
        time.sleep(0.1)
    record = Signature("orchard.example.com", "s1", key).record
    issues = [
        raw for raw in _by_imap(dovecot) if b"DKIM-Signature" in raw.partition(b"\r\n\r\n")[0]
    ]
    assert len(issues) == 3
    for number, raw in enumerate(issues):
        head = raw.partition(b"\r\n\r\n")[0]
        assert re.search(rb"Return-Path: <bounces\+b\d+\.\d+\.[a-z2-7]{12}@example\.com>", head)
        assert dkim.verify(raw, dnsfunc=lambda name, timeout=5: record.encode())
        _verified_by_opendkim(raw, record, tmp_path / f"{number}.eml")
    _clean_for_spamassassin(issues[0])
    taken = newsletter.json("bounces", "fetch")["events"]
    bounced = sorted(one["address"] for one in taken if one["event"] == "bounced")
    assert bounced == ["li@gone.example", "wang@gone.example"]
    assert all(one["effects"] == ["suppressed"] for one in taken if one["event"] == "bounced")
    assert newsletter.json("bounces", "fetch") == {"events": []}
    left = newsletter.json("send", "first", "--list", "weekly", "--again", "--dry-run")
    assert left["excluded"] == {"bounced": 3}


def _by_imap(dovecot: Any) -> list[bytes]:
    with imaplib.IMAP4("127.0.0.1", dovecot.imap) as client:
        client.login("bounces", "secret")
        client.select("INBOX", readonly=True)
        numbers = client.search(None, "ALL")[1][0].split()
        return [client.fetch(one.decode(), "(BODY.PEEK[])")[1][0][1] for one in numbers]  # type: ignore[index,misc]


def _verified_by_opendkim(raw: bytes, record: str, path: Path) -> None:
    program = shutil.which("opendkim", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        return
    path.write_bytes(raw)
    keys, settings = path.with_suffix(".keys"), path.with_suffix(".conf")
    keys.write_text(f"s1._domainkey.orchard.example.com {record}\n")
    settings.write_text(f"Mode v\nTestPublicKeys {keys}\nSyslog no\n")
    done = subprocess.run(
        [program, "-x", settings, "-t", path], capture_output=True, text=True, check=True
    )
    assert "succeeded" in done.stdout + done.stderr


def _clean_for_spamassassin(raw: bytes) -> None:
    program = shutil.which("spamassassin")
    if program is None:
        return
    done = subprocess.run([program, "-t", "-L"], input=raw, capture_output=True, check=True)
    told = done.stdout.decode("utf-8", "replace")
    found = re.search(r"X-Spam-Status: \w+, score=(-?[\d.]+)", told)
    assert found, told[-2000:]
    assert float(found[1]) < 1.0, told[-2000:]
