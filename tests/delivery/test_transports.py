"""Ways out: an SMTP server that answers as told, line by line, and a Maildir."""

from __future__ import annotations

import mailbox
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from newsletter.delivery.failures import Stage, judge
from newsletter.delivery.transports import Maildir, Smtp
from newsletter.model.transitions import DeliveryEvent
from newsletter.publication import SmtpSettings

MESSAGE = b"Subject: x\r\n\r\n.one dot\r\n..two\r\n"
Script = dict[str, str]
Start = Callable[[Script], "Scripted"]


class Scripted:
    """One connection after the other; each command is answered by its script, `hang up` closes."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.heard: list[str] = []
        self.content = b""
        self.deaf = False
        self.greeting_delay = 0.0
        self.slow = 0.0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.settings = SmtpSettings(
            host="127.0.0.1", port=self._socket.getsockname()[1], timeout=5
        )
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as file:
                self._talk(file)

    def _talk(self, file: object) -> None:
        def answer(name: str, usual: str) -> bool:
            said = self.script.get(name, usual)
            if said == "hang up":
                return False
            if said == "hold the line":
                time.sleep(5)
                return False
            file.write(said.encode() + b"\r\n")  # type: ignore[attr-defined]
            file.flush()  # type: ignore[attr-defined]
            return True

        time.sleep(self.greeting_delay)
        if not answer("greeting", "220 here"):
            return
        while line := file.readline():  # type: ignore[attr-defined]
            word = line.decode().split()[0].upper()
            self.heard.append(word)
            usual = {"DATA": "354 go on", "QUIT": "221 bye"}.get(word, "250 OK")
            if not answer(word, usual):
                return
            if word == "DATA" and self.deaf:
                return
            if word == "DATA" and self.script.get("DATA", "354").startswith("354"):
                while (line := file.readline()) not in (b".\r\n", b""):  # type: ignore[attr-defined]
                    self.content += line
                time.sleep(self.slow)
                if not answer("content", "250 2.0.0 queued"):
                    return


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[Scripted] = []

    def begin(script: Script) -> Scripted:
        running.append(Scripted(script))
        return running[-1]

    yield begin
    for server in running:
        server.close()


def test_dots_are_stuffed_and_the_connection_is_kept(start: Start) -> None:
    server = start({})
    smtp = Smtp(server.settings)
    replies = [smtp.send("a@example.com", "b@example.com", MESSAGE) for _ in range(2)]
    smtp.close()
    assert [(reply.stage, reply.code) for reply in replies] == [(Stage.CONTENT, 250)] * 2
    assert server.content == b"Subject: x\r\n\r\n..one dot\r\n...two\r\n" * 2
    assert server.heard.count("EHLO") == 1


@pytest.mark.parametrize(
    ("script", "stage", "code"),
    [
        ({"greeting": "554 no"}, Stage.CONNECT, 554),
        ({"greeting": "421 busy"}, Stage.CONNECT, 421),
        ({"greeting": "hang up"}, Stage.CONNECT, 0),
        ({"MAIL": "530 5.7.0 log in"}, Stage.MAIL, 530),
        ({"RCPT": "550 5.1.1 who"}, Stage.RCPT, 550),
        ({"RCPT": "450 4.2.0 later"}, Stage.RCPT, 450),
        ({"RCPT": "hang up"}, Stage.RCPT, 0),
        ({"DATA": "451 later"}, Stage.DATA, 451),
        ({"DATA": "hang up"}, Stage.DATA, 0),
        ({"content": "552 too big"}, Stage.CONTENT, 552),
        ({"content": "421 going"}, Stage.CONTENT, 421),
        ({"content": "hang up"}, Stage.CONTENT, 0),
        ({"content": "gibberish"}, Stage.CONTENT, 0),
        ({"content": "550 " + "x" * 100_000}, Stage.CONTENT, 0),
    ],
)
def test_a_reply_tells_how_far_the_conversation_came(
    start: Start, script: Script, stage: Stage, code: int
) -> None:
    server = start(script)
    smtp = Smtp(server.settings)
    reply = smtp.send("a@example.com", "b@example.com", MESSAGE)
    assert (reply.stage, reply.code) == (stage, code)
    server.script = {}
    again = smtp.send("a@example.com", "b@example.com", MESSAGE)
    smtp.close()
    assert (again.stage, again.code) == (Stage.CONTENT, 250)


def test_a_content_that_could_not_be_written_whole_was_not_taken(start: Start) -> None:
    server = start({"DATA": "354 go on, says one who then hears nothing"})
    server.deaf = True
    smtp = Smtp(server.settings)
    reply = smtp.send("a@example.com", "b@example.com", MESSAGE + b"x" * 20_000_000)
    assert (reply.stage, reply.code) == (Stage.DATA, 0)
    assert judge(reply).event is DeliveryEvent.PUT_BACK
    smtp.close()


def test_a_large_content_that_is_taken_in_steps_arrives_whole(start: Start) -> None:
    server = start({})
    smtp = Smtp(server.settings)
    lines = b"".join(b"%0900d\r\n" % one for one in range(6_000))
    assert smtp.send("a@example.com", "b@example.com", lines).code == 250
    assert smtp.send("a@example.com", "b@example.com", MESSAGE).code == 250
    smtp.close()
    assert server.content == lines + MESSAGE.replace(b"\n.", b"\n..")


def test_an_address_that_no_command_can_hold_is_refused_before_it_is_written(start: Start) -> None:
    server = start({})
    smtp = Smtp(server.settings)
    for sender, recipient in (
        ("a@example.com", "b@example.com\r\nDATA"),
        ("李@example.com", "b@example.com"),
    ):
        assert smtp.send(sender, recipient, MESSAGE).code == 553
    assert smtp.send("a@example.com", "b@example.com", MESSAGE).code == 250
    assert server.heard.count("DATA") == 1
    smtp.close()


def test_the_answer_to_a_content_is_waited_for_longer_than_any_other(start: Start) -> None:
    server = start({})
    server.settings = msgspec.structs.replace(server.settings, timeout=0.2, final_timeout=5)
    server.slow = 0.6
    smtp = Smtp(server.settings)
    assert smtp.send("a@example.com", "b@example.com", MESSAGE).code == 250
    smtp.close()


PIPELINING = {"EHLO": "250-here\r\n250 PIPELINING"}


@pytest.mark.parametrize(
    ("script", "stage", "code"),
    [
        ({}, Stage.CONTENT, 250),
        ({"MAIL": "451 later", "RCPT": "503 what", "DATA": "503 what"}, Stage.MAIL, 451),
        ({"RCPT": "550 5.1.1 who", "DATA": "554 no valid recipients"}, Stage.RCPT, 550),
        ({"RCPT": "550 5.1.1 who", "DATA": "354 go on"}, Stage.RCPT, 550),
        ({"RCPT": "421 going", "DATA": "hang up"}, Stage.RCPT, 421),
        ({"RCPT": "hang up"}, Stage.RCPT, 0),
        ({"DATA": "451 later"}, Stage.DATA, 451),
        ({"content": "hang up"}, Stage.CONTENT, 0),
    ],
)
def test_commands_go_in_a_group_where_the_server_takes_them_so(
    start: Start, script: Script, stage: Stage, code: int
) -> None:
    server = start({**PIPELINING, **script})
    smtp = Smtp(server.settings)
    reply = smtp.send("a@example.com", "b@example.com", MESSAGE)
    assert (reply.stage, reply.code) == (stage, code)
    before = server.content
    assert before in (b"", b"Subject: x\r\n\r\n..one dot\r\n...two\r\n"), "no body for nobody"
    server.script = PIPELINING
    assert smtp.send("a@example.com", "b@example.com", MESSAGE).code == 250
    smtp.close()


def test_a_server_that_does_not_say_goodbye_is_not_waited_for(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsletter.delivery.smtp.GOODBYE_SECONDS", 0.1)
    server = start({"QUIT": "hold the line"})
    smtp = Smtp(msgspec.structs.replace(server.settings, final_timeout=60))
    assert smtp.send("a@example.com", "b@example.com", MESSAGE).code == 250
    begun = time.monotonic()
    smtp.close()
    assert time.monotonic() - begun < 4


def test_a_kept_connection_that_the_server_has_closed_is_opened_anew(start: Start) -> None:
    server = start({})
    smtp = Smtp(server.settings)
    for closed in ({"MAIL": "421 too many messages"}, {"MAIL": "hang up"}):
        server.script = {}
        assert smtp.send("a@example.com", "b@example.com", MESSAGE).code == 250
        server.script = closed
        threading.Timer(0.2, lambda: server.script.clear()).start()
        server.greeting_delay = 0.4
        assert smtp.send("a@example.com", "b@example.com", MESSAGE).code == 250
        server.greeting_delay = 0.0
    smtp.close()


def test_login_or_tls_that_a_server_does_not_offer_is_hopeless(start: Start) -> None:
    settings = start({}).settings
    for changed in ({"username": "me"}, {"security": "starttls"}):
        smtp = Smtp(SmtpSettings(host="127.0.0.1", port=settings.port, timeout=5, **changed), "x")  # type: ignore[arg-type]
        assert smtp.send("a@example.com", "b@example.com", MESSAGE).code == 554
        smtp.close()


def test_an_address_beyond_ascii_is_refused_where_the_server_cannot_take_it(start: Start) -> None:
    smtp = Smtp(start({}).settings)
    assert smtp.send("a@example.com", "李@example.com", MESSAGE).code == 553
    assert smtp.send("a@example.com", "b@example.com", MESSAGE).code == 250
    smtp.close()


def test_a_maildir_holds_each_message_once_and_whole(tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    out = Maildir(folder)
    for address in ("a@example.com", "b@example.com", "a@example.com"):
        assert out.send("x@example.com", address, MESSAGE).code == 250
    box = mailbox.Maildir(folder, create=False)
    assert [message["subject"] for message in box] == ["x", "x"]
    assert list((folder / "tmp").iterdir()) == []
