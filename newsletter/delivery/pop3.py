"""A mailbox by POP3 (RFC 1939): every mail in it, told apart by UIDL; deleted when it is done with and ours.

POP3 deletes at the end of a session, so a session is ended after `SESSION` mails. One that is not ours stays, and
is not fetched again, since it is known by its name.
"""

from __future__ import annotations

import poplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress

from newsletter.delivery.imap import Fetched
from newsletter.problems import NewsletterError, TryAgainLater
from newsletter.settings import BounceSettings

SESSION = 500
"""Mails that one session takes."""


class Pop3:
    """An open session. It implements `mailboxes.Mailbox`."""

    def __init__(
        self, settings: BounceSettings, port: int, password: str, tls: ssl.SSLContext | None
    ) -> None:
        self._place = f"{settings.host}:{port}"
        self._account = f"pop3:{settings.host}:{settings.username}"
        self._numbers: dict[str, int] = {}
        self._open = True
        try:
            if settings.security == "tls":
                self._pop: poplib.POP3 = poplib.POP3_SSL(
                    settings.host, port, timeout=settings.timeout, context=tls
                )
            else:
                self._pop = poplib.POP3(settings.host, port, timeout=settings.timeout)
                if settings.security == "starttls":
                    self._pop.stls(tls)
        except ssl.SSLCertVerificationError as caught:
            raise NewsletterError(
                f"{self._place}: the certificate is not valid: {caught.verify_message}"
            ) from caught
        except (OSError, poplib.error_proto) as caught:
            raise TryAgainLater(f"{self._place} does not answer: {_said(caught)}") from caught
        try:
            self._pop.user(settings.username)
            self._pop.pass_(password)
        except poplib.error_proto as caught:
            self._pop.close()
            raise NewsletterError(
                f"{self._place} does not let {settings.username!r} in: {_said(caught)}",
                "Check bounces.username and where its password is.",
            ) from caught
        except OSError as caught:
            self._pop.close()
            raise TryAgainLater(f"{self._place} hung up: {caught}") from caught

    def mails(self, known: Callable[[str], bool | None]) -> Iterator[Fetched]:
        taken = 0
        for number, source in self._names():
            self._numbers[source] = number
            if (ours := known(source)) is not None:
                self.done(source, ours=ours)
                continue
            if taken == SESSION:
                return
            taken += 1
            try:
                _, lines, _ = self._pop.retr(number)
            except (OSError, poplib.error_proto) as caught:
                raise TryAgainLater(f"{self._place}: {_said(caught)}") from caught
            yield Fetched(source, b"\r\n".join(lines) + b"\r\n")

    def done(self, source: str, *, ours: bool) -> None:
        if not ours:
            return
        try:
            self._pop.dele(self._numbers[source])
        except (OSError, poplib.error_proto) as caught:
            raise TryAgainLater(f"{self._place}: {_said(caught)}") from caught

    def close(self) -> None:
        if self._open:
            self._open = False
            with suppress(OSError, poplib.error_proto):
                self._pop.quit()

    def _names(self) -> list[tuple[int, str]]:
        try:
            _, lines, _ = self._pop.uidl()
        except poplib.error_proto as caught:
            raise NewsletterError(
                f"{self._place} does not name its mails (UIDL): {_said(caught)}"
            ) from caught
        except OSError as caught:
            raise TryAgainLater(f"{self._place}: {caught}") from caught
        pairs = [line.decode("utf-8", "replace").partition(" ") for line in lines]
        return [(int(number), f"{self._account}:{name}") for number, _, name in pairs]


def _said(caught: Exception) -> str:
    words = caught.args[0] if caught.args else ""
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else str(caught)
