"""One connection to an SMTP server, TLS verified: opened by the standard library, then spoken on by `smtp_talk`.

It never raises for what a server says or does. A connection that the server closed while it was idle is
opened anew, once, before a message is told to have failed. Certificates and names are verified, always.
"""

from __future__ import annotations

import smtplib
import ssl
from pathlib import Path

from newsletter.delivery.failures import Reply, Stage
from newsletter.delivery.smtp_talk import Abilities, Envelope, Talk, told
from newsletter.delivery.tls import verifying
from newsletter.settings import SmtpSettings

GOODBYE_SECONDS = 5.0
"""How long the answer to QUIT is waited for: nothing depends on it."""


class Smtp:
    """A way out: `send`, `knock`, `close`."""

    def __init__(
        self, settings: SmtpSettings, password: str = "", trusted: Path | None = None
    ) -> None:
        """`trusted` is a PEM file of certificates that are trusted beside the system's own."""
        self._settings = settings
        self._context = verifying(trusted) if settings.security != "none" else None
        self._password = password
        self._session: smtplib.SMTP | None = None
        self._talk: Talk | None = None
        self._server = f"{settings.host}:{settings.port}"

    def send(
        self,
        sender: str,
        recipient: str,
        message: bytes,
        following: Envelope | None = None,
        envelope_id: str = "",
    ) -> Reply:
        """Hands one message over. `following` says which is sent next, where that is known: its envelope
        may travel behind this content. The next call must be for it, or `close`."""
        envelope = Envelope(sender, recipient, len(message), envelope_id)
        kept = self._talk is not None
        reply = self._send(envelope, message, following)
        if kept and reply.stage is Stage.MAIL and reply.code in (0, 421):
            return self._send(envelope, message, following)  # what was kept open had been closed
        return reply

    def knock(self) -> Reply | None:
        """Connects and logs in, and sends nothing; the reply that refused it, if one did."""
        opened = self._open()
        return opened if isinstance(opened, Reply) else None

    @property
    def offers_tls(self) -> bool:
        """Whether the open session's server announces STARTTLS."""
        return self._session is not None and bool(self._session.has_extn("starttls"))

    def close(self) -> None:
        session, talk = self._session, self._talk
        self._session = self._talk = None
        if session is None:
            return
        try:
            if talk is not None and talk.idle and session.sock is not None:
                session.sock.settimeout(min(GOODBYE_SECONDS, self._settings.timeout))
                session.quit()
        except (OSError, smtplib.SMTPException):
            pass
        finally:
            session.close()

    def _send(self, envelope: Envelope, message: bytes, following: Envelope | None) -> Reply:
        talk = self._open()
        if isinstance(talk, Reply):
            return talk
        reply = talk.send(envelope, message, following)
        if not talk.alive:
            self._drop()
        return reply

    def _open(self) -> Talk | Reply:
        if self._talk is not None:
            return self._talk
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
            if session.sock is None:
                raise OSError("the connection was closed")
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
            return self._reply(stage, 0, told(caught))
        self._talk = Talk(
            session.sock,
            Abilities(
                pipelining=settings.pipelining and session.has_extn("pipelining"),
                size=session.has_extn("size"),
                smtputf8=session.has_extn("smtputf8"),
                dsn=session.has_extn("dsn"),
            ),
            self._server,
            settings.timeout,
            settings.final_timeout,
        )
        return self._talk

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

    def _drop(self) -> None:
        session, self._session = self._session, None
        self._talk = None
        if session is not None:
            session.close()

    def _reply(self, stage: Stage, code: int, text: bytes | str) -> Reply:
        shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        return Reply(stage, code if code > 0 else 0, " ".join(shown.split())[:500], self._server)
