"""Ways out of here: an SMTP server (`smtp`), a Maildir folder, memory.

A transport never raises for what a server says: each message ends in a `Reply` that tells how far the
conversation came. Connections are kept open from message to message, and opened anew after a failure.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Protocol

from newsletter.delivery.failures import Reply, Stage
from newsletter.delivery.smtp import Smtp
from newsletter.problems import NewsletterError
from newsletter.publication import Publication

__all__ = [
    "Maildir",
    "Memory",
    "Smtp",
    "Transport",
    "knock",
    "smtp_of",
    "transport_of",
    "transports_of",
]


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


def knock(publication: Publication) -> tuple[str, bool]:
    """What keeps the mail server from taking mail (no answer, no login), empty when all is well; and whether it
    offers STARTTLS."""
    session = smtp_of(publication)
    refused = session.knock()
    offered = session.offers_tls
    session.close()
    return refused.text if refused else "", offered


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
