"""A mailbox that mail comes back to: what is new in it, and what is done with. IMAP and POP3 have one shape.

Nothing in it changes before `done` says so, which is called once a mail's result is committed. Whoever is cut
off between the two reads the mail again, and finds it known. Mails that were written by people are left where they
are. Certificates and names are verified, always.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from newsletter.delivery.imap import Imap
from newsletter.delivery.pop3 import Pop3
from newsletter.delivery.tls import verifying
from newsletter.problems import UsageError
from newsletter.publication import Publication

USUAL_PORTS = {
    ("imap", "tls"): 993,
    ("imap", "starttls"): 143,
    ("imap", "none"): 143,
    ("pop3", "tls"): 995,
    ("pop3", "starttls"): 110,
    ("pop3", "none"): 110,
}


class Fetched(Protocol):
    """`source` is what the mailbox calls the mail, the same at every look."""

    @property
    def source(self) -> str: ...
    @property
    def data(self) -> bytes: ...


class Mailbox(Protocol):
    def mails(self, known: Callable[[str], bool | None]) -> Iterator[Fetched]:
        """New mails, one after the other. `known` tells of a source that was taken before whether it was ours,
        and None of a new one: what is known is done with again and not fetched."""
        ...

    def done(self, source: str, *, ours: bool) -> None:
        """The mail's result is committed. One that is not ours stays where it is."""
        ...

    def close(self) -> None:
        """Ends the session; what was done with is gone then."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mailbox is, for messages to people."""

    protocol: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.protocol}://{self.host}:{self.port}"


def place_of(publication: Publication) -> Place:
    settings = publication.settings.bounces
    port = settings.port or USUAL_PORTS[settings.protocol, settings.security]
    return Place(settings.protocol, settings.host, port)


def open_mailbox(publication: Publication) -> Mailbox:
    """Connects and logs in. Raises UsageError where no mailbox is set, TryAgainLater where it does not answer,
    NewsletterError where it refuses."""
    settings = publication.settings.bounces
    if not settings.host:
        raise UsageError(
            "no mailbox is set to fetch mail from",
            "Set bounces.host: docs/sending.md, coming back.",
        )
    password = publication.password(settings.password_env, settings.password_file)
    trusted = publication.path(settings.ca_file) if settings.ca_file else None
    tls = verifying(trusted, "bounces.ca_file") if settings.security != "none" else None
    port = place_of(publication).port
    if settings.protocol == "pop3":
        return Pop3(settings, port, password, tls)
    return Imap(settings, port, password, tls)
