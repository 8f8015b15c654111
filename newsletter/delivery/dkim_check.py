"""DKIM signatures on a message that was received: what each covers, and whether it holds (RFC 6376, RFC 8463).

Whoever signs (this program or a relay) signs the bytes that left; a relay that changes a header afterwards breaks
that. So the message is judged as it lies in a mailbox. The key is asked for by a function: tests need no DNS.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:((?:[^\n]*\n[ \t])*[^\n]*\n?)")
_SPACE = re.compile(rb"[ \t\r\n]+")
_VALUE_OF_B = re.compile(rb"((?:^|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*")
KeyOf = Callable[[str], Sequence[str]]
"""The TXT records of a name."""


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature. `fault` says why it does not hold; empty when it does."""

    domain: str
    selector: str
    algorithm: str
    covers: tuple[str, ...]
    fault: str


def signatures_of(message: bytes, key_of: KeyOf | None = None) -> tuple[Signed, ...]:
    """Every signature of a message, each verified where `key_of` tells its key."""
    message = re.sub(rb"\r?\n", b"\r\n", message)
    head, _, body = message.partition(b"\r\n\r\n")
    fields = _fields(head + b"\r\n")
    return tuple(
        _signed(fields, at, body, key_of)
        for at, (name, _) in enumerate(fields)
        if name.lower() == b"dkim-signature"
    )


def header_names(message: bytes) -> tuple[str, ...]:
    """The names of a message's header fields, in lower case."""
    head = re.sub(rb"\r?\n", b"\r\n", message).partition(b"\r\n\r\n")[0]
    return tuple(name.decode("ascii", "replace").lower() for name, _ in _fields(head + b"\r\n"))


def _fields(head: bytes) -> list[tuple[bytes, bytes]]:
    return [(found[1], found[2]) for found in _FIELD.finditer(head)]


def _signed(
    fields: list[tuple[bytes, bytes]], at: int, body: bytes, key_of: KeyOf | None
) -> Signed:
    tags = _tags(fields[at][1])
    covers = tuple(name.strip().lower() for name in tags.get("h", "").split(":") if name.strip())
    domain, selector = tags.get("d", "").lower(), tags.get("s", "")
    fault = ""
    if key_of is not None:
        try:
            fault = _fault(fields, at, tags, covers, body, key_of)
        except (ValueError, UnsupportedAlgorithm, binascii.Error) as caught:
            fault = f"it cannot be read: {caught}"
    return Signed(domain, selector, tags.get("a", ""), covers, fault)


def _fault(
    fields: list[tuple[bytes, bytes]],
    at: int,
    tags: dict[str, str],
    covers: Sequence[str],
    body: bytes,
    key_of: KeyOf,
) -> str:
    header_form, _, body_form = tags.get("c", "simple/simple").partition("/")
    body = _body(body, body_form or "simple")
    if "l" in tags:
        body = body[: int(tags["l"])]
    told = re.sub(r"\s", "", tags.get("bh", ""))
    if base64.b64encode(hashlib.sha256(body).digest()).decode() != told:
        return "the body was changed after it was signed"
    name = f"{tags.get('s', '')}._domainkey.{tags.get('d', '')}"
    records = [_tags(one.encode()) for one in key_of(name)]
    keys = [one["p"] for one in records if one.get("p")]
    if not keys:
        return f"there is no key at {name}"
    data = _header_data(fields, at, covers, header_form)
    signature = base64.b64decode(re.sub(r"\s", "", tags.get("b", "")))
    held = any(_holds(tags.get("a", ""), key, signature, data) for key in keys)
    return "" if held else "the headers were changed after they were signed, or the key is another"


def _header_data(
    fields: list[tuple[bytes, bytes]], at: int, covers: Sequence[str], form: str
) -> bytes:
    """What was signed: each named field, the last of its name first, and the signature without its value."""
    left: dict[str, list[tuple[bytes, bytes]]] = {}
    for place, field in enumerate(fields):
        if place != at:
            left.setdefault(field[0].decode("ascii", "replace").lower(), []).append(field)
    parts = [_canonical(left[name].pop(), form) for name in covers if left.get(name)]
    own = (fields[at][0], _VALUE_OF_B.sub(rb"\1", fields[at][1]))
    return b"".join(parts) + _canonical(own, form).rstrip(b"\r\n")


def _canonical(field: tuple[bytes, bytes], form: str) -> bytes:
    name, value = field
    if form == "relaxed":
        return name.lower() + b":" + _SPACE.sub(b" ", value).strip() + b"\r\n"
    return name + b":" + value.rstrip(b"\r\n") + b"\r\n"


def _body(body: bytes, form: str) -> bytes:
    if form == "relaxed":
        lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
        body = b"\r\n".join(lines)
        body = body.rstrip(b"\r\n")
        return body + b"\r\n" if body else b""
    return body.rstrip(b"\r\n") + b"\r\n" if body.endswith(b"\r\n") else body + b"\r\n"


def _holds(algorithm: str, key: str, signature: bytes, data: bytes) -> bool:
    raw = base64.b64decode(re.sub(r"\s", "", key))
    try:
        if algorithm == "ed25519-sha256":
            Ed25519PublicKey.from_public_bytes(raw).verify(signature, hashlib.sha256(data).digest())
            return True
        public = load_der_public_key(raw)
        if not isinstance(public, RSAPublicKey) or algorithm != "rsa-sha256":
            return False
        public.verify(signature, data, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _tags(value: bytes) -> dict[str, str]:
    pairs = (part.partition("=") for part in value.decode("utf-8", "replace").split(";"))
    return {
        name.strip(): re.sub(r"\s+", " ", told).strip() for name, _, told in pairs if name.strip()
    }
