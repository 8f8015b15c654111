"""Servers that misbehave, as a table: what may be tried again never ends a delivery, and the reverse.

Each case is a server that speaks line by line as it is told to, and what must become of the delivery: whether it was
taken, refused for good, deferred, put back as if nothing had been tried, or lost (nobody can know).
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from newsletter.delivery.failures import Verdict, judge
from newsletter.delivery.smtp_talk import Envelope
from newsletter.delivery.transports import Smtp
from newsletter.model.transitions import DeliveryEvent as Event
from newsletter.publication import SmtpSettings

MESSAGE = b"Subject: x\r\n\r\nwords\r\n"
LARGE = b"Subject: x\r\n\r\n" + b"words " * 1_500_000 + b"\r\n"
CLOSE, RESET, SILENT, HALF = "close", "reset", "silent", "half-closed"
"""What a server may do instead of answering."""
PLAIN = ("250-here", "250 SIZE 50000000")
GROUPED = ("250-here", "250-PIPELINING", "250 SIZE 50000000")


@dataclass
class Server:
    """Answers by `says`: by command, and `greeting`, `content`. A list answers one call after the other, the last one
    for any further. `read` bytes of a content are read before `content` happens, -1 for all of it."""

    says: dict[str, Any]
    ehlo: tuple[str, ...] = PLAIN
    read: int = -1
    heard: list[str] = field(default_factory=list)
    taken: int = 0

    def __post_init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as file:
            try:
                if self._answer(connection, "greeting", "220 here"):
                    self._session(connection, file)
            except OSError:
                pass

    def _session(self, connection: socket.socket, file: Any) -> None:
        while line := file.readline():
            word = line.split()[0].decode("ascii", "replace").upper()
            self.heard.append(word)
            usual: Any = {"EHLO": "\r\n".join(self.ehlo), "DATA": "354 go on", "QUIT": "221 bye"}
            if not self._answer(connection, word, usual.get(word, "250 OK")):
                return
            said = self._said("DATA", "354")
            if word == "DATA" and said[:3] in ("354", b"354"):
                if self.read >= 0:
                    file.read(self.read)
                else:
                    lines = []
                    while (line := file.readline()) not in (b".\r\n", b""):
                        lines.append(line)
                    self.taken += bool(lines and line)  # an empty one is for nobody (RFC 2920 §3.1)
                if not self._answer(connection, "content", "250 2.0.0 queued"):
                    return

    def _said(self, name: str, usual: str) -> Any:
        said = self.says.get(name, usual)
        return said[0] if isinstance(said, list) else said

    def _answer(self, connection: socket.socket, name: str, usual: str) -> bool:
        said = self._said(name, usual)
        if isinstance(self.says.get(name), list) and len(self.says[name]) > 1:
            self.says[name].pop(0)
        if said == CLOSE:
            return False
        if said == RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            return False
        if said == SILENT:
            time.sleep(1.5)
            return False
        if said == HALF:
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65_536):
                pass
            return False
        if isinstance(said, bytes):  # one byte after the other
            for at in range(len(said)):
                connection.sendall(said[at : at + 1])
                time.sleep(0.002)
            return True
        connection.sendall(said.encode() + b"\r\n")
        return True


Start = Callable[..., Server]


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[Server] = []

    def begin(says: dict[str, Any], **more: Any) -> Server:
        running.append(Server(dict(says), **more))
        return running[-1]

    yield begin
    for server in running:
        server.close()


def smtp_of(server: Server, **more: Any) -> Smtp:
    settings = SmtpSettings(host="127.0.0.1", port=server.port, timeout=0.7, final_timeout=0.7)
    return Smtp(msgspec.structs.replace(settings, **more))


def sent(server: Server, message: bytes = MESSAGE, **more: Any) -> Verdict:
    smtp = smtp_of(server, **more)
    reply = smtp.send("a@example.com", "b@example.com", message)
    smtp.close()
    return judge(reply)


TABLE: list[tuple[str, dict[str, Any], Event, bool]] = [
    # what it is, what the server says, what becomes of the delivery, whether waiting cannot help
    ("a greeting that never comes", {"greeting": SILENT}, Event.PUT_BACK, False),
    ("a greeting of 421", {"greeting": "421 too busy"}, Event.PUT_BACK, False),
    ("a greeting of 554", {"greeting": "554 go away"}, Event.PUT_BACK, True),
    ("a greeting that is not SMTP", {"greeting": "HTTP/1.1 400 Bad Request"}, Event.PUT_BACK, False),
    ("a greeting of two lines", {"greeting": "220-here\r\n220 and ready"}, Event.ACCEPT, False),
    ("a greeting byte by byte", {"greeting": b"220 here\r\n"}, Event.ACCEPT, False),
    ("it hangs up instead of greeting", {"greeting": CLOSE}, Event.PUT_BACK, False),
    ("it resets instead of greeting", {"greeting": RESET}, Event.PUT_BACK, False),
    ("it knows HELO only", {"EHLO": "502 what?"}, Event.ACCEPT, False),
    ("421 to EHLO", {"EHLO": "421 later", "HELO": "421 later"}, Event.PUT_BACK, False),
    ("it hangs up at EHLO", {"EHLO": CLOSE}, Event.PUT_BACK, False),
    ("450 to MAIL", {"MAIL": "450 4.3.2 later"}, Event.DEFER, False),
    ("452 to MAIL", {"MAIL": "452 4.3.1 insufficient system storage"}, Event.DEFER, False),
    ("421 to MAIL", {"MAIL": "421 4.3.2 shutting down"}, Event.PUT_BACK, False),
    ("552 to MAIL for its size", {"MAIL": "552 5.3.4 message size exceeds fixed limit"}, Event.PUT_BACK, True),
    ("550 to MAIL", {"MAIL": "550 5.7.1 sender blocked"}, Event.PUT_BACK, True),
    ("silence at MAIL", {"MAIL": SILENT}, Event.PUT_BACK, False),
    ("greylisting by 450", {"RCPT": "450 4.7.1 greylisted, try again in 300 seconds"}, Event.DEFER, False),
    ("greylisting by 451", {"RCPT": "451 4.7.1 please try again later"}, Event.DEFER, False),
    ("greylisting by 550", {"RCPT": "550 5.7.1 Greylisted, please retry"}, Event.DEFER, False),
    ("452, too many recipients", {"RCPT": "452 4.5.3 too many recipients"}, Event.DEFER, False),
    ("452, mailbox full", {"RCPT": "452 4.2.2 mailbox full"}, Event.DEFER, False),
    ("421 in mid-session", {"RCPT": "421 4.7.0 too many messages, closing"}, Event.PUT_BACK, False),
    ("no such mailbox", {"RCPT": "550 5.1.1 no such user"}, Event.REFUSE, False),
    ("no such mailbox, in two lines", {"RCPT": "550-5.1.1 no such\r\n550 5.1.1 user"}, Event.REFUSE, False),
    ("251 to RCPT", {"RCPT": "251 will forward"}, Event.ACCEPT, False),
    ("it hangs up at RCPT", {"RCPT": CLOSE}, Event.PUT_BACK, False),
    ("silence at RCPT", {"RCPT": SILENT}, Event.PUT_BACK, False),
    ("an answer without a number", {"RCPT": "yes, gladly"}, Event.PUT_BACK, False),
    ("an answer without an end", {"RCPT": "x" * 20_000}, Event.PUT_BACK, False),
    ("252 to RCPT", {"RCPT": "252 cannot tell, will try"}, Event.ACCEPT, False),
    ("552 to RCPT for its size", {"RCPT": "552 5.3.4 message size exceeds limit"}, Event.PUT_BACK, True),
    ("a block list's answer to RCPT", {"RCPT": "554 5.7.1 Client host [192.0.2.1] blocked using bl.example"}, Event.DEFER, False),
    ("a sender refused in answer to RCPT", {"RCPT": "550 5.1.8 Sender address rejected: Domain not found"}, Event.DEFER, False),
    ("no such mailbox, in Chinese", {"RCPT": "550 5.1.1 用户不存在"}, Event.REFUSE, False),
    ("no such mailbox, in no encoding, byte by byte", {"RCPT": b"550 5.1.1 inconnu \xe9\xff\r\n"}, Event.REFUSE, False),
    ("no such mailbox, in 10 KB", {"RCPT": "550 5.1.1 no such user " + "x" * 10_000}, Event.REFUSE, False),
    ("no such mailbox, in forty lines", {"RCPT": "550-5.1.1 no such user\r\n" * 40 + "550 5.1.1 none"}, Event.REFUSE, False),
    ("an answer of 100 KB", {"RCPT": "550 5.1.1 " + "x" * 100_000}, Event.PUT_BACK, False),
    ("lines that disagree, but both say no", {"RCPT": "550-5.1.1 no such\r\n553 5.1.1 user"}, Event.REFUSE, False),
    ("lines of which one says yes", {"RCPT": "550-5.1.1 no such user\r\n250 fine"}, Event.PUT_BACK, False),
    ("an answer too many to RCPT", {"RCPT": "250 fine\r\n250 really"}, Event.PUT_BACK, False),
    ("354 byte by byte", {"DATA": b"354 go on\r\n"}, Event.ACCEPT, False),
    ("451 to DATA", {"DATA": "451 4.3.0 later"}, Event.DEFER, False),
    ("421 to DATA", {"DATA": "421 4.3.0 closing"}, Event.PUT_BACK, False),
    ("250 to DATA", {"DATA": "250 fine"}, Event.PUT_BACK, False),
    ("503 to DATA", {"DATA": "503 5.5.1 RCPT first"}, Event.PUT_BACK, False),
    ("554 to DATA", {"DATA": "554 5.5.1 no valid recipients"}, Event.PUT_BACK, False),
    ("554 to DATA for this address", {"DATA": "554 5.7.1 refused by the recipient"}, Event.REFUSE, False),
    ("it hangs up at DATA", {"DATA": CLOSE}, Event.PUT_BACK, False),
    ("451 to the content", {"content": "451 4.3.0 disk is slow"}, Event.DEFER, False),
    ("421 to the content", {"content": "421 4.3.2 closing"}, Event.PUT_BACK, False),
    ("452 to the content", {"content": "452 4.3.1 insufficient system storage"}, Event.DEFER, False),
    ("an answer to the content of 10 KB", {"content": "250 2.0.0 ok " + "x" * 10_000}, Event.ACCEPT, False),
    ("lines that disagree on the content", {"content": "250-2.0.0 taken\r\n550 5.7.1 not"}, Event.LOSE, False),
    ("552 to the content for its size", {"content": "552 5.3.4 message too big"}, Event.PUT_BACK, True),
    ("552 to the content without enhanced code", {"content": "552 message size exceeds limit"}, Event.PUT_BACK, True),
    ("5.7.26 to the content", {"content": "550 5.7.26 not authenticated (SPF, DKIM)"}, Event.PUT_BACK, True),
    ("554 to the content, as spam", {"content": "554 5.7.1 looks like spam"}, Event.REFUSE, False),
    ("250 in two lines, byte by byte", {"content": b"250-2.0.0 thank\r\n250 2.0.0 you\r\n"}, Event.ACCEPT, False),
    ("it hangs up after the content", {"content": CLOSE}, Event.LOSE, False),
    ("it resets after the content", {"content": RESET}, Event.LOSE, False),
    ("it is silent after the content", {"content": SILENT}, Event.LOSE, False),
    ("it half-closes after the content", {"content": HALF}, Event.LOSE, False),
    ("an answer to the content that is none", {"content": "thank you"}, Event.LOSE, False),
    ("354 to the content", {"content": "354 more"}, Event.LOSE, False),
]  # fmt: skip


@pytest.mark.parametrize("ehlo", [PLAIN, GROUPED], ids=["one by one", "in groups"])
@pytest.mark.parametrize(
    ("says", "event", "hopeless"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_what_becomes_of_a_delivery(
    start: Start, ehlo: tuple[str, ...], says: dict[str, Any], event: Event, hopeless: bool
) -> None:
    server = start(says, ehlo=ehlo)
    verdict = sent(server)
    assert (verdict.event, verdict.hopeless) == (event, hopeless)
    assert server.taken == (event in (Event.ACCEPT, Event.LOSE) or "content" in says), (
        "a content is written where it was asked for, and nowhere else"
    )


@pytest.mark.parametrize("how", [CLOSE, RESET])
def test_a_content_that_was_cut_off_half_way_was_not_taken(start: Start, how: str) -> None:
    verdict = sent(start({"content": how}, read=100_000), LARGE)
    assert verdict.event is Event.PUT_BACK


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_nothing_is_said_to_whoever_strips_tls(start: Start, security: str) -> None:
    """A server, or somebody on the way, that does not offer TLS any more gets neither login nor message."""
    server = start({})
    verdict = sent(server, security=security, username="ann")
    assert verdict.event is Event.PUT_BACK
    assert verdict.hopeless is (security == "starttls")
    assert not {"AUTH", "MAIL"} & set(server.heard)


def test_a_starttls_that_is_refused_is_tried_again_and_never_gone_without(start: Start) -> None:
    server = start({"STARTTLS": "454 4.7.0 TLS not available"}, ehlo=("250-here", "250 STARTTLS"))
    verdict = sent(server, security="starttls")
    assert (verdict.event, verdict.hopeless) == (Event.PUT_BACK, False)
    assert "MAIL" not in server.heard


@pytest.mark.parametrize("ehlo", [PLAIN, GROUPED], ids=["one by one", "in groups"])
def test_a_421_that_nobody_asked_for_ends_no_other_message(
    start: Start, ehlo: tuple[str, ...]
) -> None:
    server = start(
        {"content": ["250 2.0.0 ok\r\n421 4.3.2 shutting down", "250 2.0.0 ok"]}, ehlo=ehlo
    )
    smtp = smtp_of(server)
    replies = [smtp.send("a@example.com", f"{one}@example.com", MESSAGE) for one in "bc"]
    smtp.close()
    assert [judge(reply).event for reply in replies] == [Event.ACCEPT, Event.ACCEPT]
    assert server.taken == 2


@pytest.mark.parametrize("ehlo", [PLAIN, GROUPED], ids=["one by one", "in groups"])
def test_an_answer_too_many_is_never_taken_for_another_s(
    start: Start, ehlo: tuple[str, ...]
) -> None:
    server = start({"content": ["250 2.0.0 ok\r\n250 2.0.0 ok", "250 2.0.0 ok"]}, ehlo=ehlo)
    smtp = smtp_of(server)
    first = smtp.send("a@example.com", "b@example.com", MESSAGE)
    second = smtp.send("a@example.com", "c@example.com", MESSAGE)
    third = smtp.send("a@example.com", "c@example.com", MESSAGE)
    smtp.close()
    assert [judge(one).event for one in (first, second, third)] == [
        Event.ACCEPT,
        Event.PUT_BACK,
        Event.ACCEPT,
    ]
    assert server.taken == 2


def test_an_envelope_that_was_written_ahead_is_unsent_when_the_connection_ends(
    start: Start,
) -> None:
    server = start({"content": [CLOSE, "250 2.0.0 ok"]}, ehlo=GROUPED)
    smtp = smtp_of(server)
    ahead = Envelope("a@example.com", "c@example.com", len(MESSAGE))
    first = smtp.send("a@example.com", "b@example.com", MESSAGE, ahead)
    second = smtp.send("a@example.com", "c@example.com", MESSAGE)
    smtp.close()
    assert judge(first).event is Event.LOSE
    assert judge(second).event is Event.ACCEPT


def test_delivery_reports_are_asked_for_where_the_server_knows_them(start: Start) -> None:
    lines: list[bytes] = []

    class Listening(Server):
        def _session(self, connection: socket.socket, file: Any) -> None:
            class Heard:
                def readline(self) -> bytes:
                    line: bytes = file.readline()
                    lines.append(line)
                    return line

            super()._session(connection, Heard())

    for ehlo in (("250-here", "250 DSN"), PLAIN):
        server = Listening({}, ehlo=ehlo)
        smtp = smtp_of(server)
        smtp.send("b+x@example.com", "a+b=c@example.com", MESSAGE, envelope_id="b1.2.abc")
        smtp.close()
        server.close()
    told = b"".join(lines).decode()
    assert "MAIL FROM:<b+x@example.com> RET=HDRS ENVID=b1.2.abc\r\n" in told
    assert "RCPT TO:<a+b=c@example.com> ORCPT=rfc822;a+2Bb+3Dc@example.com\r\n" in told
    assert f"MAIL FROM:<b+x@example.com> SIZE={len(MESSAGE)}\r\n" in told
    assert "RCPT TO:<a+b=c@example.com>\r\n" in told
