"""Marks in return addresses: which delivery came back, or who wants to leave which list; short and signed.

    b12.34567.k3j4h5g6f7d2     a delivery: campaign, subscriber, MAC
    u3.34567.a2b3c4d5e6f7      unsubscribing by mail: list, subscriber, MAC
    s2918.34567.b3c4d5e6f7g2   a mail that the system wrote (please confirm): checksum of the address, subscriber, MAC

In lower case and base32, since there are servers that change the case of a local part. The MAC is 60 bits of
HMAC-SHA256: who does not have the key cannot let a bounce of their making suppress anybody. A mark never expires.
"""

from __future__ import annotations

import base64
import hmac
import re
import zlib
from dataclasses import dataclass
from enum import StrEnum

from newsletter.subscribers.tokens import Key

MARK = re.compile(
    r"(?<![a-z0-9.])([bus])(\d{1,10})\.(\d{1,19})\.([a-z2-7]{12})(?![a-z0-9])", re.IGNORECASE
)
_MAC_LETTERS = 12
_MAC_BYTES = 10
"""Of the digest, as many whole groups of letters as are needed: the standard library's base32 is slow."""


class Purpose(StrEnum):
    DELIVERY = "b"
    UNSUBSCRIBE = "u"
    SYSTEM = "s"


@dataclass(frozen=True, slots=True)
class Mark:
    """`number` is a campaign's, a list's, or the checksum of an address, by purpose."""

    purpose: Purpose
    number: int
    subscriber: int


def checksum(address: str) -> int:
    """By which the mark of a mail to an address is told from one to another address of the same person."""
    return zlib.crc32(address.lower().encode("utf-8"))


def mark_text(key: Key, mark: Mark) -> str:
    said = f"{mark.purpose}{mark.number}.{mark.subscriber}"
    return f"{said}.{_mac(key.secret, said)}"


def marks_in(key: Key, text: str) -> tuple[Mark, ...]:
    """Every mark of ours in a text, each once; forged ones are passed over."""
    found: dict[Mark, None] = {}
    for purpose, number, subscriber, mac in MARK.findall(text):
        said = f"{purpose.lower()}{number}.{subscriber}"
        if any(hmac.compare_digest(mac.lower(), _mac(one, said)) for one in key.signers):
            found[Mark(Purpose(purpose.lower()), int(number), int(subscriber))] = None
    return tuple(found)


def _mac(secret: bytes, said: str) -> str:
    digest = hmac.digest(secret, b"return\0" + said.encode("ascii"), "sha256")
    return base64.b32encode(digest[:_MAC_BYTES])[:_MAC_LETTERS].decode("ascii").lower()
