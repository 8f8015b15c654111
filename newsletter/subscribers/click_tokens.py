"""Tokens in counted links: a campaign and, where it is kept who follows a link, a subscriber; signed, and short, since
one stands in every link of a mail.

    byte 0   kind (high 4 bits)      then campaign and subscriber, 7 bits a byte (LEB128), the least first
    then 8 bytes of HMAC-SHA256

64 bits are enough for what a forged one could do: count a click that was none. It opens nothing else, since its kind
is signed with it, and it never expires: a link in an old mail has to lead somewhere.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

from newsletter.subscribers.tokens import Key, Kind

_MAC_BYTES = 8
_LONGEST = 40
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class ClickGrant:
    """`subscriber` is 0 in a link that is everybody's."""

    campaign: int
    subscriber: int = 0


def click_token(key: Key, grant: ClickGrant) -> str:
    head = bytes([Kind.CLICK << 4]) + _number(grant.campaign) + _number(grant.subscriber)
    return base64.urlsafe_b64encode(head + _mac(key.secret, head)).rstrip(b"=").decode()


def read_click_token(key: Key, token: str) -> ClickGrant | None:
    """What the token speaks of, or None when it is not one of ours."""
    if len(token) > _LONGEST or not token.isascii():
        return None
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    head, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if not head or head[0] != Kind.CLICK << 4:
        return None
    if not any(hmac.compare_digest(mac, _mac(one, head)) for one in key.signers):
        return None
    campaign, at = _read(head, 1)
    subscriber, at = _read(head, at)
    return ClickGrant(campaign, subscriber)


def _mac(secret: bytes, head: bytes) -> bytes:
    return hmac.new(secret, b"click\0" + head, hashlib.sha256).digest()[:_MAC_BYTES]


def _number(value: int) -> bytes:
    if not 0 <= value < _LARGEST:
        raise ValueError(f"no number of ours: {value}")
    parts = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        parts.append(low | (0x80 if value else 0))
        if not value:
            return bytes(parts)


def _read(head: bytes, at: int) -> tuple[int, int]:
    """A number and where the next one begins; the signature has been looked at."""
    value = shift = 0
    while head[at] & 0x80:
        value |= (head[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
    return value | head[at] << shift, at + 1
