"""A mailbox by IMAP (RFC 3501): unseen mails, fetched without being marked; seen, or moved, when they are done with.

With `done_folder` a mail is moved (RFC 6851, else copied and deleted, that one mail only where UIDPLUS is there).
A mail that is not ours is marked as seen, so that it is not read again and again, and stays.
"""

from __future__ import annotations

import base64
import imaplib
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from newsletter.problems import NewsletterError, TryAgainLater
from newsletter.settings import BounceSettings

LARGEST = 20_000_000
"""Bytes of one mail that are fetched."""


@dataclass(frozen=True, slots=True)
class Fetched:
    source: str
    data: bytes


class Imap:
    """An open session on one folder. It implements `mailboxes.Mailbox`."""

    def __init__(
        self, settings: BounceSettings, port: int, password: str, tls: ssl.SSLContext | None
    ) -> None:
        self._place = f"{settings.host}:{port}"
        self._folder = settings.folder
        self._done_folder = settings.done_folder
        try:
            if settings.security == "tls":
                self._imap: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                    settings.host, port, ssl_context=tls, timeout=settings.timeout
                )
            else:
                self._imap = imaplib.IMAP4(settings.host, port, timeout=settings.timeout)
                if settings.security == "starttls":
                    self._imap.starttls(tls)
        except ssl.SSLCertVerificationError as caught:
            raise NewsletterError(
                f"{self._place}: the certificate is not valid: {caught.verify_message}"
            ) from caught
        except (OSError, imaplib.IMAP4.error) as caught:
            raise TryAgainLater(f"{self._place} does not answer: {caught}") from caught
        try:
            self._log_in(settings.username, password)
            self._abilities = self._ask_abilities()
            self._identity = self._select()
        except BaseException:
            self.close()
            raise

    def mails(self, known: Callable[[str], bool | None]) -> Iterator[Fetched]:
        for number in self._ask("SEARCH", "UNSEEN UNDELETED").split():
            uid = number.decode("ascii")
            source = f"{self._identity}:{uid}"
            if (ours := known(source)) is not None:
                self.done(source, ours=ours)
                continue
            data = self._fetch(uid)
            if data is not None:
                yield Fetched(source, data)

    def done(self, source: str, *, ours: bool) -> None:
        uid = source.rpartition(":")[2]
        self._ask("STORE", uid, "+FLAGS.SILENT", r"(\Seen)")
        if not ours or not self._done_folder:
            return
        target = _quoted(self._done_folder)
        if "MOVE" in self._abilities:
            self._ask("MOVE", uid, target)
            return
        self._ask("COPY", uid, target)
        self._ask("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)")
        if "UIDPLUS" in self._abilities:
            self._ask("EXPUNGE", uid)

    def close(self) -> None:
        with suppress(OSError, imaplib.IMAP4.error):
            self._imap.logout()

    def _log_in(self, username: str, password: str) -> None:
        try:
            self._imap.login(username, password)
        except imaplib.IMAP4.error as caught:
            raise NewsletterError(
                f"{self._place} does not let {username!r} in: {_said(caught)}",
                "Check bounces.username and where its password is.",
            ) from caught
        except OSError as caught:
            raise TryAgainLater(f"{self._place} hung up: {caught}") from caught

    def _ask_abilities(self) -> frozenset[str]:
        """What the server can do for whoever is logged in: more than it says before."""
        try:
            _, data = self._imap.capability()
        except (OSError, imaplib.IMAP4.error) as caught:
            raise TryAgainLater(f"{self._place}: {_said(caught)}") from caught
        return frozenset(_said(data).upper().split())

    def _select(self) -> str:
        """Opens the folder; what it is called together with its UIDVALIDITY."""
        try:
            answer, data = self._imap.select(_quoted(self._folder))
            validity = self._imap.response("UIDVALIDITY")[1]
        except (OSError, imaplib.IMAP4.error) as caught:
            raise TryAgainLater(f"{self._place}: {_said(caught)}") from caught
        if answer != "OK":
            raise NewsletterError(f"{self._place} has no folder {self._folder}: {_said(data)}")
        return f"imap:{self._folder}:{_said(validity)}"

    def _fetch(self, uid: str) -> bytes | None:
        """One mail as it lies there; None when it is gone meanwhile."""
        found = self._answer("FETCH", uid, f"(BODY.PEEK[]<0.{LARGEST}>)")
        parts = [one[1] for one in found if isinstance(one, tuple) and len(one) > 1]
        return parts[0] if parts and isinstance(parts[0], bytes) else None

    def _ask(self, command: str, *arguments: str) -> bytes:
        found = self._answer(command, *arguments)
        return b" ".join(one for one in found if isinstance(one, bytes))

    def _answer(self, command: str, *arguments: str) -> list[Any]:
        try:
            answer, data = self._imap.uid(command, *arguments)
        except (OSError, imaplib.IMAP4.error) as caught:
            raise TryAgainLater(f"{self._place}: {_said(caught)}") from caught
        if answer != "OK":
            raise NewsletterError(f"{self._place} refuses {command}: {_said(data)}")
        return data


def _quoted(name: str) -> str:
    """A folder's name as IMAP writes it: modified UTF-7 (RFC 3501 §5.1.3), in quotes."""
    parts = []
    for run in re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", name):
        if run.isascii() and run.isprintable():
            parts.append(run.replace("&", "&-"))
        else:
            coded = base64.b64encode(run.encode("utf-16-be")).decode("ascii").rstrip("=")
            parts.append(f"&{coded.replace('/', ',')}-")
    shown = "".join(parts).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{shown}"'


def _said(told: object) -> str:
    """What a server said, in words."""
    if isinstance(told, list):
        return " ".join(_said(one) for one in told if one)
    if isinstance(told, bytes):
        return told.decode("utf-8", "replace")
    return str(told).strip("b'\"") or type(told).__name__
