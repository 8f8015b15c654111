"""What is said to an SMTP server once the session stands: envelopes, contents, and their answers, in order.

The standard library opens the session (`smtp`); this speaks on its socket, since smtplib waits for each of
four answers and looks through every message for dots. Where the server announces pipelining (RFC 2920),
the next message's envelope is written together with this one's content: one round trip a message.

- Every answer belongs to what was asked first; there is never more than one content without its answer.
- A content that was not written whole was not taken. One that was, and has no answer, is unknown: the stage
  of the reply says which. The envelope behind it is certainly unsent when the connection is lost.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.delivery.failures import Reply, Stage
from newsletter.delivery.message import DotFree
from newsletter.delivery.wire import Wire

_COMMANDS = (Stage.MAIL, Stage.RCPT, Stage.DATA)
"""The commands before a message's content."""
_WRITABLE = re.compile(r"[^\x00-\x20\x7f<>]+")
"""An address that can stand in a command."""
_PLAIN = re.compile(r"[!-*,-<>-~]*")
"""What stands for itself in a parameter of a command."""
_NO_SMTPUTF8 = "5.6.7 the server cannot take an address with characters beyond ASCII"
_LONGEST_LINE = 65_536
"""Servers are to write 512 bytes at most; one that says more has answered all the same."""
_MOST_LINES = 200


class BrokenTalk(OSError):
    """The server said something that is no answer, or hung up."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom to whom, how many bytes the content has, and what a delivery report calls it by."""

    sender: str
    recipient: str
    size: int
    envelope_id: str = ""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the server announced after EHLO, as far as it is wanted."""

    pipelining: bool = False
    size: bool = False
    smtputf8: bool = False
    dsn: bool = False
    """Delivery reports can be asked for (RFC 3461): headers only, with our name for the message."""


class Talk:
    """One session after its login. `alive` is False once the connection is of no more use."""

    def __init__(
        self,
        sock: socket.socket,
        abilities: Abilities,
        server: str,
        timeout: float,
        final_timeout: float,
    ) -> None:
        self.alive = True
        self._wire = Wire(sock, timeout)
        self._abilities = abilities
        self._server = server
        self._timeout = self._patience = timeout
        self._final_timeout = max(timeout, final_timeout)
        self._heard = b""
        self._announced: Envelope | None = None
        self._stage = Stage.MAIL

    @property
    def idle(self) -> bool:
        """Nothing was asked that has no answer yet."""
        return self.alive and self._announced is None

    def send(self, envelope: Envelope, message: bytes, following: Envelope | None) -> Reply:
        """Hands one message over; the answer that decided. `following` is the envelope of the message that
        is sent next, if that is known: the next call must be for it, or for none."""
        self._stage = Stage.MAIL
        try:
            refused = self._open(envelope)
            if refused is None:
                return self._content(message, following)
        except OSError as caught:
            self.alive = False
            return self._told(0, told(caught))
        if refused.code == 421:
            self.alive = False
        elif refused.stage is not Stage.CONTENT and self.alive:
            self._reset()
        return refused

    def _open(self, envelope: Envelope) -> Reply | None:
        """MAIL, RCPT and DATA are answered; the answer that refused, if one did."""
        announced, self._announced = self._announced, None
        if announced is not None:
            if announced != envelope:
                raise BrokenTalk("another message was announced")
            return self._answers()
        commands = self._commands(envelope)
        if isinstance(commands, Reply):
            return commands
        if self._abilities.pipelining:
            self._wire.write(b"".join(commands))
            return self._answers()
        for stage, command in zip(_COMMANDS, commands, strict=True):
            self._stage = stage
            self._wire.write(command)
            code, text = self._answer()
            if not _lets_go_on(stage, code):
                return self._told(code, text)
        return None

    def _commands(self, envelope: Envelope) -> tuple[bytes, bytes, bytes] | Reply:
        """The three commands, or why there are none."""
        sender, recipient = envelope.sender, envelope.recipient
        if not (sender.isascii() and _WRITABLE.fullmatch(sender)):
            return self._told(553, f"5.1.7 not an address to send from: {sender!a}")
        self._stage = Stage.RCPT
        if not _WRITABLE.fullmatch(recipient):
            return self._told(553, "5.1.3 not an address")
        options = f" SIZE={envelope.size}" if self._abilities.size else ""
        if not recipient.isascii():
            if not self._abilities.smtputf8:
                return self._told(553, _NO_SMTPUTF8)
            options += " SMTPUTF8 BODY=8BITMIME"
        original = ""
        if self._abilities.dsn and envelope.envelope_id:
            options += f" RET=HDRS ENVID={_xtext(envelope.envelope_id)}"
            if recipient.isascii():
                original = f" ORCPT=rfc822;{_xtext(recipient)}"
        self._stage = Stage.MAIL
        mail = f"MAIL FROM:<{sender}>{options}\r\n".encode("ascii")
        return mail, f"RCPT TO:<{recipient}>{original}\r\n".encode(), b"DATA\r\n"

    def _answers(self) -> Reply | None:
        """The answers to an envelope that was written in one go; the first that refused, if one did."""
        refused: Reply | None = None
        for stage in _COMMANDS:
            if refused is None:
                self._stage = stage
            try:
                code, text = self._answer()
                if refused is None and not _lets_go_on(stage, code):
                    refused = self._told(code, text)
                elif refused is not None and stage is Stage.DATA and code == 354:
                    self._wire.write(b".\r\n")  # nobody is to get it: RFC 2920 §3.1
                    self._answer()
            except OSError:
                self.alive = False
                if refused is None:
                    raise
                return refused
        return refused

    def _content(self, message: bytes, following: Envelope | None) -> Reply:
        """Writes the content, and the envelope of the next message behind it; reads the content's answer."""
        self._stage = Stage.DATA
        content = _ended(message)
        ahead: Sequence[bytes] = ()
        if following is not None and self._abilities.pipelining:
            commands = self._commands(following)
            self._stage = Stage.DATA
            if not isinstance(commands, Reply):
                ahead = commands
                self._announced = following
        self._write((*content, *ahead), sum(map(len, content)))
        self._patience = self._final_timeout
        code, text = self._answer()
        self._patience = self._timeout
        if code == 421 or code < 200:
            self.alive = False
        return self._told(code, text)

    def _write(self, parts: Sequence[bytes], content: int) -> None:
        """Writes everything; the content counts as written from its last byte on, not before."""
        total = sum(map(len, parts))
        written = 0
        left: Sequence[bytes | memoryview] = parts
        while written < total:
            try:
                step = self._wire.write_some(left)
            except OSError:
                if written < content:
                    raise
                return  # what follows is not sent; the content's answer may still come
            written += step
            if written >= content:
                self._stage = Stage.CONTENT
            if written < total:  # seldom: a message fits what the kernel takes at once
                rest = left[0] if len(left) == 1 else b"".join(left)
                left = (memoryview(rest)[step:],)

    def _reset(self) -> None:
        """Ends a transaction that was refused half-way."""
        try:
            self._wire.write(b"RSET\r\n")
            code, _ = self._answer()
        except OSError:
            code = 0
        self.alive = self.alive and code == 250

    def _answer(self) -> tuple[int, bytes]:
        """One answer: its code, and the text of all its lines. Lines of which one says yes and another no are none."""
        texts: list[bytes] = []
        kinds: set[bytes] = set()
        for _ in range(_MOST_LINES):
            line = self._line()
            code, more = line[:3], line[3:4]
            if not (len(code) == 3 and code.isdigit() and more in (b"", b" ", b"-")):
                raise BrokenTalk(f"an answer that is none: {line[:80]!r}")
            texts.append(line[4:])
            kinds.add(code[:1])
            if len(kinds) > 1:
                raise BrokenTalk(f"the lines of an answer disagree: {line[:80]!r}")
            if more != b"-":
                return int(code), b" ".join(texts)
        raise BrokenTalk("an answer without an end")

    def _line(self) -> bytes:
        while True:
            line, end, rest = self._heard.partition(b"\n")
            if len(line) > _LONGEST_LINE:
                raise BrokenTalk("an answer without an end")
            if end:
                self._heard = rest
                return line.rstrip(b"\r")
            more = self._wire.read(self._patience)
            if not more:
                raise BrokenTalk("the connection was closed")
            self._heard += more

    def _told(self, code: int, text: bytes | str) -> Reply:
        shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        return Reply(self._stage, max(code, 0), " ".join(shown.split())[:500], self._server)


def _lets_go_on(stage: Stage, code: int) -> bool:
    """Whether the next command may follow: after any 2yz, since servers say 252 too."""
    return code == 354 if stage is Stage.DATA else 200 <= code < 300


def told(caught: Exception) -> str:
    """An error of the connection, in words."""
    if isinstance(caught, socket.gaierror):
        return f"the name cannot be resolved ({caught.strerror})"
    if isinstance(caught, TimeoutError):
        return "no answer in time"
    if isinstance(caught, ConnectionRefusedError):
        return "the connection was refused"
    return str(caught) or type(caught).__name__


def _xtext(value: str) -> str:
    """A value as RFC 3461 §4 writes it."""
    if _PLAIN.fullmatch(value):
        return value
    return "".join(
        one if "!" <= one <= "~" and one not in "+=" else f"+{ord(one):02X}" for one in value
    )


def _ended(message: bytes) -> tuple[bytes, bytes]:
    """The content with its dots stuffed (RFC 5321 §4.5.2), and its end."""
    if not isinstance(message, DotFree):
        message = message.replace(b"\n.", b"\n..")
        if message.startswith(b"."):
            message = b"." + message
    return message, b".\r\n" if message.endswith(b"\r\n") else b"\r\n.\r\n"
