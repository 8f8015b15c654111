"""By what a mail that came back can be told apart: texts that may hold our marks, tokens and Message-IDs.

Nothing is verified here, and nothing believed: whoever has the key does that. A mail is searched as it lies
there, and decoded where a server has encoded a part of it. The recipient's own fields are kept apart, since a mark
for unsubscribing counts only as an address that was written to; the enclosed mail has one in its List-Unsubscribe.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message

from newsletter.delivery.parsing import parsed

SEARCHED = 2_000_000
"""Bytes of a mail that are looked through: a report stands before what it encloses."""
_TOKEN = re.compile(r"/unsubscribe/(?:=\r?\n)?([A-Za-z0-9_-]{39})(?![A-Za-z0-9_-])")
_MESSAGE_ID = re.compile(
    r"<?(c(\d{1,10})\.r(\d{1,10})\.s(\d{1,19})\.[0-9a-f]{16}@[^\s<>\"]{1,255})>?"
)
_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "To")
_TRACE = frozenset(
    {"received", "return-path", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to"}
    | {"x-delivered-to", "status", "x-status", "x-uid", "lines", "content-length"}
)
"""Fields that the last metres add: two copies of one report differ in nothing else."""


@dataclass(frozen=True, slots=True)
class Named:
    """A Message-ID with the look of ours, and the numbers in it."""

    message_id: str
    campaign: int
    revision: int
    subscriber: int


@dataclass(frozen=True, slots=True)
class Clues:
    """`to` is whom the mail was written to, with its subject; `anywhere` all of its text; `digest` is the same for
    two copies of one mail."""

    to: str
    anywhere: str
    tokens: tuple[str, ...]
    named: tuple[Named, ...]
    digest: str


def clues_of(data: bytes, recipient: str = "") -> Clues:
    """Looks through one mail. `recipient` is the envelope's, where whoever hands it over knows it. Never raises."""
    message = parsed(data[:SEARCHED])
    anywhere = "\n".join((recipient, data[:SEARCHED].decode("latin-1"), *_decoded(message)))
    fields = [str(value) for name in _TO for value in message.get_all(name, [])]
    to = "\n".join((recipient, *fields, str(message.get("Subject", ""))))
    named = {
        Named(f"<{found[0]}>", int(found[1]), int(found[2]), int(found[3])): None
        for found in _MESSAGE_ID.findall(anywhere)
    }
    tokens = dict.fromkeys(_TOKEN.findall(anywhere))
    digest = _digest(message, data[:SEARCHED])
    return Clues(to, anywhere, tuple(tokens), tuple(named), digest)


def _decoded(message: Message) -> list[str]:
    """The parts that cannot be read as they lie there."""
    texts = []
    for part in message.walk():
        encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
        if encoding in ("base64", "quoted-printable") and not part.is_multipart():
            with suppress(Exception):  # an encoding that is none; it was searched as it lies there
                data = part.get_payload(decode=True)
                texts.append(data.decode("latin-1") if isinstance(data, bytes) else "")
    return texts


def _digest(message: Message, data: bytes) -> str:
    """SHA-256 of what does not depend on the way a mail took."""
    hashed = hashlib.sha256()
    for name, value in message.items():
        if name.lower() not in _TRACE:
            hashed.update(
                f"{name.lower()}:{' '.join(str(value).split())}\n".encode("utf-8", "replace")
            )
    try:
        body = message.get_payload()
        whole = "\n".join(map(str, body)) if isinstance(body, list) else str(body)
    except Exception:  # a part that cannot be written again as it was read
        whole = data.replace(b"\r\n", b"\n").partition(b"\n\n")[2].decode("latin-1")
    hashed.update("\n".join(whole.split()).encode("utf-8", "replace"))
    return hashed.hexdigest()
