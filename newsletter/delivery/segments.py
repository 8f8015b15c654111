"""A text with markers, split once for a campaign and joined for each recipient, already encoded for mail.

Quoted-printable parts are encoded piece by piece: the constant pieces once, a value when it comes, with
soft line breaks (RFC 2045 §6.7) where they meet, so that no line is longer than 76 columns, nor begins with
a dot, which SMTP would have to double. CJK-heavy
parts are base64 (a third shorter there), see `aligned`.
"""

from __future__ import annotations

import binascii
import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from newsletter.delivery.aligned import Base64Pieces
from newsletter.delivery.headers import one_line
from newsletter.model.edition import MARKER_TOKEN, Marker

URL_FIELDS = frozenset({"unsubscribe_url", "web_url"})

_IN_ADDRESS = re.compile(r"""(?:href|src|action)\s*=\s*["']([^"']*)$""", re.IGNORECASE)
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_LEADING_DOTS = re.compile(rb"^\.+", re.MULTILINE)
_SOFT_BREAK = b"=\r\n"


class Encoding(StrEnum):
    QUOTED_PRINTABLE = "quoted-printable"
    BASE64 = "base64"


Escape = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value goes. `name` is the marker's field, `escape` fits the value to where it stands."""

    name: str
    default: str
    escape: Escape

    def value(self, values: Mapping[str, str]) -> str:
        return self.escape(values.get(self.name) or self.default)


class Segments:
    """One part of a mail: constant pieces with slots between them."""

    def __init__(self, text: str, markers: Sequence[Marker], *, html: bool) -> None:
        by_token = {marker.token: marker for marker in markers}
        pieces: list[str] = []
        slots: list[Slot] = []
        end = 0
        for found in MARKER_TOKEN.finditer(text):
            marker = by_token.get(found.group())
            if marker is None:
                raise ValueError(f"a token without a marker: {found.group()}")
            pieces.append(text[end : found.start()])
            slots.append(
                Slot(marker.field, marker.default, _escape(text, found.start(), marker, html))
            )
            end = found.end()
        pieces.append(text[end:])
        self._pieces = tuple(pieces)
        self._slots = tuple(slots)
        self._kinds = tuple(dict.fromkeys(slots))
        self._kind_of = tuple(self._kinds.index(slot) for slot in slots)
        constant = "".join(pieces)
        self.encoding = _best_encoding(constant)
        self._encoded: tuple[bytes, ...] = ()
        if self.encoding is Encoding.QUOTED_PRINTABLE:
            self._encoded = tuple(_quoted_printable(piece) for piece in pieces)
        else:
            self._base64 = Base64Pieces([_crlf(piece) for piece in pieces])

    @property
    def personal(self) -> bool:
        return bool(self._slots)

    def text(self, values: Mapping[str, str]) -> str:
        """The part as text, for people and previews."""
        parts = [self._pieces[0]]
        for slot, piece in zip(self._slots, self._pieces[1:], strict=True):
            parts += (slot.value(values), piece)
        return "".join(parts)

    def encoded(self, values: Mapping[str, str]) -> bytes:
        """The part as it travels: lines of at most 76 columns, CRLF between them."""
        return b"".join(self.stretches(values))

    def stretches(self, values: Mapping[str, str]) -> list[bytes]:
        """The same, yet to be joined: who joins more besides copies the long ones once."""
        if self.encoding is Encoding.BASE64:
            made = [_crlf(slot.value(values)) for slot in self._kinds]
            return self._base64.stretches([made[kind] for kind in self._kind_of])
        made = [_quoted_printable(slot.value(values)) for slot in self._kinds]
        parts = [self._encoded[0]]
        for kind, piece in zip(self._kind_of, self._encoded[1:], strict=True):
            if made[kind]:
                parts += (_joint(parts[-1]), made[kind])
            parts += (_joint(parts[-1]), piece)
        return parts


def plain_value(value: str) -> str:
    return one_line(value)


def _html_value(value: str) -> str:
    return html.escape(one_line(value), quote=True)


def _address_part(value: str) -> str:
    return quote(one_line(value), safe="")


def _escape(text: str, at: int, marker: Marker, in_html: bool) -> Escape:
    """How a value is made safe where its token stands: in html, inside a link's address, or in plain text."""
    if not in_html:
        return plain_value
    address = _IN_ADDRESS.search(text, max(0, at - 2_000), at)
    if address and not (marker.field in URL_FIELDS and not address.group(1)):
        return _address_part
    return _html_value


def _best_encoding(text: str) -> Encoding:
    data = text.encode("utf-8", "replace")
    wide = len(data) - len(data.translate(None, _BEYOND_ASCII))
    return Encoding.BASE64 if wide * 6 > len(data) else Encoding.QUOTED_PRINTABLE


def _crlf(text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return lines.replace("\n", "\r\n").encode("utf-8", "replace")


def _quoted_printable(text: str) -> bytes:
    encoded = binascii.b2a_qp(_crlf(text).replace(b"\r\n", b"\n"), istext=True)
    if encoded.startswith(b".") or b"\n." in encoded:
        encoded = _LEADING_DOTS.sub(_encoded_dots, encoded)
    return encoded.replace(b"\n", b"\r\n")


def _encoded_dots(found: re.Match[bytes]) -> bytes:
    """Dots at a line's beginning, encoded on lines of their own, so that SMTP has none to double."""
    count = len(found.group())
    return b"".join(b"=2E" * min(24, count - at) + b"=\n" for at in range(0, count, 24))


def _joint(before: bytes) -> bytes:
    """A soft line break, unless a line has just begun."""
    return b"" if not before or before.endswith(b"\n") else _SOFT_BREAK
