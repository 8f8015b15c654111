"""The texts of a mail that came back: its subject and its own words, in whatever charset a server has written them.

Servers in China write GBK into headers and bodies without saying so; a text that is none of what it says is tried as
UTF-8 and as GB 18030 before it is taken as it lies there.
"""

from __future__ import annotations

import email
import html
import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from typing import Any

from newsletter.delivery.delivery_status import own_parts

_TAG = re.compile(r"<(?![^<>@\s]+@)[^<>]*>")
LONGEST = 40_000
"""Bytes of a text that are looked at: a report says what it has to say at its beginning."""
_LINE = re.compile(r"<(?:br|/?(?:p|div|tr|li|h\d|table))\b[^<>]*>", re.IGNORECASE)
_UNSAID = ("utf-8", "gb18030")


def subject_of(message: Message) -> str:
    """The subject, decoded, whatever its bytes are."""
    raw = next((str(value) for name, value in message.raw_items() if name.lower() == "subject"), "")
    raw = raw[:2_000]
    if not raw.isascii():
        data = raw.encode("utf-8", "surrogateescape")
        return _tried(data, *_UNSAID)
    try:
        return str(make_header(decode_header(raw)))
    except (ValueError, LookupError, MessageError):
        return raw


def parts_of(message: Message, kind: str) -> Iterator[Message]:
    return (part for part in message.walk() if part.get_content_type() == kind)


def originals_of(message: Message) -> Iterator[Message]:
    """The mail that a report encloses, whole or its headers."""
    for part in message.walk():
        payload: Any = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(payload, list):
            yield from (one for one in payload if isinstance(one, Message))
        if part.get_content_type() == "text/rfc822-headers":
            data = part.get_payload(decode=True)
            yield email.message_from_bytes(data if isinstance(data, bytes) else b"")


def text_of(message: Message) -> str:
    """The words of the report itself, without the mail that it encloses."""
    if message.is_multipart():
        for wanted in ("plain", "html", ""):
            for part in own_parts(message):
                kind = part.get_content_type()
                if kind.startswith(f"text/{wanted}") and kind != "text/rfc822-headers":
                    return _words(part)
        broken = (part.get_payload() for part in own_parts(message))
        return next((one for one in broken if isinstance(one, str) and one.strip()), "")
    return _words(message)


def _words(part: Message) -> str:
    data = part.get_payload(decode=True)
    raw = data if isinstance(data, bytes) else b""
    words = _tried(raw[:LONGEST], part.get_content_charset() or "utf-8", *_UNSAID)
    if "html" not in part.get_content_type():
        return words
    return html.unescape(_TAG.sub(" ", _LINE.sub("\n", words)))


def _tried(data: bytes, *charsets: str) -> str:
    for charset in charsets:
        try:
            return data.decode(charset)
        except (LookupError, ValueError):
            continue
    return data.decode("latin-1")
