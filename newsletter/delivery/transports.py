"""Ways out of here: an SMTP server, a Maildir folder, memory. The only module that speaks SMTP.

A transport never raises for what a server says: each message ends in a `Reply` that tells how far the
conversation came. Connections are kept open from message to message, and opened anew after a failure.
"""

from __future__ import annotations

import hashlib
import re
import smtplib
import socket
import ssl
from pathlib import Path
from typing import Protocol

from newsletter.delivery.failures import Reply, Stage
from newsletter.problems import NewsletterError
from newsletter.publication import Publication, SmtpSettings

_GOOD = {Stage.MAIL: (250,), Stage.RCPT: (250, 251), Stage.DATA: (354,)}
"""The commands before a message's content, and the answers that let it go on."""
_WRITABLE = re.compile(r"[^\x00-\x20\x7f<>]+")
"""An address that can stand in a command: smtplib would send what is left of any other."""
_NO_SMTPUTF8 = "5.6.7 the server cannot take an address with characters beyond ASCII"


class Transport(Protocol):
    def send(self, sender: str, recipient: str, message: bytes) -> Reply:
        """Hands over one message (CRLF line ends) for one recipient."""
        ...

    def close(self) -> None: ...


def transport_of(publication: Publication) -> Transport:
    """The transport that the settings name."""
    settings = publication.settings
    if settings.transport == "maildir":
        return Maildir(publication.path(settings.maildir.path))
    return smtp_of(publication)


def transports_of(publication: Publication) -> tuple[Transport, ...]:
    """As many ways out as may be used at once: one for each connection that the settings allow."""
    settings = publication.settings
    count = settings.smtp.connections if settings.transport == "smtp" else 1
    return tuple(transport_of(publication) for _ in range(count))


def smtp_of(publication: Publication) -> Smtp:
    """A connection to the SMTP server that the settings name, not yet opened."""
    smtp = publication.settings.smtp
    trusted = publication.path(smtp.ca_file) if smtp.ca_file else None
    return Smtp(smtp, publication.password(smtp.password_env, smtp.password_file), trusted)


def complaint(publication: Publication) -> str:
    """What keeps the mail server from taking mail (no answer, no login); empty when all is well."""
    session = smtp_of(publication)
    refused = session.knock()
    session.close()
    return refused.text if refused else ""


class Memory:
    """Keeps what was sent: (sender, recipient, message)."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, bytes]] = []

    def send(self, sender: str, recipient: str, message: bytes) -> Reply:
        self.sent.append((sender, recipient, message))
        return Reply(Stage.CONTENT, 250, "2.0.0 kept", "memory")

    def close(self) -> None:
        pass


class Maildir:
    """Files each message in a Maildir folder: written whole under tmp/, then moved to new/.

    A file's name follows from recipient and message, so that the same message is never there twice.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            for name in ("tmp", "new", "cur"):
                (folder / name).mkdir(parents=True, exist_ok=True)
        except OSError as caught:
            raise NewsletterError(
                f"cannot make the Maildir {folder}: {caught.strerror}"
            ) from caught

    def send(self, sender: str, recipient: str, message: bytes) -> Reply:
        data = message.replace(b"\r\n", b"\n")
        name = hashlib.sha256(recipient.encode() + b"\0" + message).hexdigest()[:32] + ".newsletter"
        stage = self._folder / "tmp" / name
        try:
            stage.write_bytes(data)
            stage.rename(self._folder / "new" / name)
        except OSError as caught:
            return Reply(Stage.DATA, 0, f"cannot write {stage}: {caught.strerror}", "maildir")
        return Reply(Stage.CONTENT, 250, f"2.0.0 filed as {name}", "maildir")

    def close(self) -> None:
        pass


class Smtp:
    """One connection to an SMTP server, TLS verified, by the standard library's `smtplib`."""

    def __init__(
        self, settings: SmtpSettings, password: str = "", trusted: Path | None = None
    ) -> None:
        """`trusted` is a PEM file of certificates that are trusted beside the system's own."""
        self._settings = settings
        self._context = _verifying(trusted) if settings.security != "none" else None
        self._password = password
        self._session: smtplib.SMTP | None = None
        self._stage = Stage.CONNECT
        self._server = f"{settings.host}:{settings.port}"

    def send(self, sender: str, recipient: str, message: bytes) -> Reply:
        kept = self._session is not None
        reply = self._send(sender, recipient, message)
        if kept and reply.stage is Stage.MAIL and reply.code in (0, 421):
            return self._send(
                sender, recipient, message
            )  # the server had closed what was kept open
        return reply

    def _send(self, sender: str, recipient: str, message: bytes) -> Reply:
        opened = self._open()
        if isinstance(opened, Reply):
            return opened
        reply = self._converse(opened, sender, recipient, message)
        if reply.code == 0 or reply.code == 421:
            self._drop()
        elif not (reply.stage is Stage.CONTENT and reply.code < 300):
            self._reset(opened)
        return reply

    def knock(self) -> Reply | None:
        """Connects and logs in, and sends nothing; the reply that refused it, if one did."""
        opened = self._open()
        return opened if isinstance(opened, Reply) else None

    def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            try:
                session.quit()
            except (OSError, smtplib.SMTPException):
                session.close()

    def _open(self) -> smtplib.SMTP | Reply:
        if self._session is not None:
            return self._session
        stage = Stage.CONNECT
        settings = self._settings
        try:
            session = self._connect()
            self._session = session
            session.ehlo_or_helo_if_needed()
            if settings.security == "starttls":
                session.starttls(context=self._context)
                session.ehlo()
            stage = Stage.LOGIN
            if settings.username:
                session.login(settings.username, self._password)
        except smtplib.SMTPResponseException as caught:
            self._drop()
            return self._reply(stage, caught.smtp_code, caught.smtp_error)
        except ssl.SSLCertVerificationError as caught:
            self._drop()
            return self._reply(stage, 554, f"the certificate is not valid: {caught.verify_message}")
        except smtplib.SMTPNotSupportedError as caught:
            self._drop()
            return self._reply(stage, 554, f"the server does not offer what is set: {caught}")
        except (OSError, smtplib.SMTPException) as caught:
            self._drop()
            return self._reply(stage, 0, _told(caught))
        return session

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        if settings.security == "tls":
            return smtplib.SMTP_SSL(
                settings.host,
                settings.port,
                timeout=settings.timeout,
                context=self._context,
            )
        return smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)

    def _converse(
        self, session: smtplib.SMTP, sender: str, recipient: str, message: bytes
    ) -> Reply:
        """MAIL, RCPT, DATA, content; the answer that decided."""
        if not (sender.isascii() and _WRITABLE.fullmatch(sender)):
            return self._reply(Stage.MAIL, 553, f"5.1.7 not an address to send from: {sender!a}")
        if not _WRITABLE.fullmatch(recipient):
            return self._reply(Stage.RCPT, 553, "5.1.3 not an address")
        options = self._options(session, recipient, message)
        if options is None:
            return self._reply(Stage.RCPT, 553, _NO_SMTPUTF8)
        mail = " ".join((f"MAIL FROM:<{sender}>", *options))
        try:
            refused = self._envelope(session, (mail, f"RCPT TO:<{recipient}>", "DATA"))
            if refused is not None:
                return refused
            session.send(_stuffed(message))
            self._stage = Stage.CONTENT  # not before: a content not written whole was not taken
            code, text = self._await(session)
            return self._reply(self._stage, code, text)
        except (OSError, smtplib.SMTPException) as caught:
            return self._reply(self._stage, 0, _told(caught))

    def _envelope(self, session: smtplib.SMTP, commands: tuple[str, str, str]) -> Reply | None:
        """MAIL, RCPT and DATA, each after the other's answer, or in one go where the server announces that
        it takes them so (RFC 2920); the answer that refused, if one did."""
        grouped = self._settings.pipelining and session.has_extn("pipelining")
        if grouped:
            session.send("\r\n".join((*commands, "")))
        refused = None
        for stage, command in zip(_GOOD, commands, strict=True):
            self._stage = stage if refused is None else self._stage
            if not grouped:
                session.putcmd(command)
            try:
                code, text = session.getreply()
            except (OSError, smtplib.SMTPException):
                if refused is not None:
                    return refused
                raise
            if refused is None and code not in _GOOD[stage]:
                refused = self._reply(stage, code, text)
                if not grouped:
                    return refused
            elif refused is not None and stage is Stage.DATA and code == 354:
                session.send(".\r\n")  # nobody is to get it: RFC 2920 §3.1
                session.getreply()
        return refused

    def _await(self, session: smtplib.SMTP) -> tuple[int, bytes]:
        """The answer to a content that was written whole. RFC 5321 §4.5.3.2.6 asks for ten minutes of
        patience: who gives up earlier does not know whether the message was taken."""
        patience = max(self._settings.timeout, self._settings.final_timeout)
        if session.sock is not None:
            session.sock.settimeout(patience)
        code, text = session.getreply()
        if session.sock is not None:
            session.sock.settimeout(self._settings.timeout)
        return code, text

    def _options(self, session: smtplib.SMTP, recipient: str, message: bytes) -> list[str] | None:
        """The parameters of MAIL; None when the address needs SMTPUTF8 and the server has none."""
        options = [f"SIZE={len(message)}"] if session.has_extn("size") else []
        session.command_encoding = "ascii"
        if recipient.isascii():
            return options
        if not session.has_extn("smtputf8"):
            return None
        session.command_encoding = "utf-8"
        return [*options, "SMTPUTF8", "BODY=8BITMIME"]

    def _reset(self, session: smtplib.SMTP) -> None:
        try:
            code, _ = session.rset()
        except (OSError, smtplib.SMTPException):
            code = 0
        if code != 250:
            self._drop()

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _reply(self, stage: Stage, code: int, text: bytes | str) -> Reply:
        told = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        return Reply(stage, code if code > 0 else 0, " ".join(told.split())[:500], self._server)


def _verifying(trusted: Path | None) -> ssl.SSLContext:
    """TLS as Python's defaults have it: certificate and name are verified, always."""
    context = ssl.create_default_context()
    if trusted is not None:
        try:
            context.load_verify_locations(trusted)
        except OSError as caught:  # ssl.SSLError is one
            told = caught.strerror or "it holds no certificate"
            raise NewsletterError(f"cannot read smtp.ca_file {trusted}: {told}") from caught
    return context


def _stuffed(message: bytes) -> bytes:
    """The content with its dots stuffed (RFC 5321 §4.5.2), and its end."""
    stuffed = message.replace(b"\n.", b"\n..")
    if stuffed.startswith(b"."):
        stuffed = b"." + stuffed
    return stuffed + (b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n")


def _told(caught: Exception) -> str:
    if isinstance(caught, smtplib.SMTPResponseException):
        return f"an answer that is none: {caught.smtp_error!r}"
    if isinstance(caught, socket.gaierror):
        return f"the name cannot be resolved ({caught.strerror})"
    if isinstance(caught, TimeoutError):
        return "no answer in time"
    if isinstance(caught, ConnectionRefusedError):
        return "the connection was refused"
    return str(caught) or type(caught).__name__
