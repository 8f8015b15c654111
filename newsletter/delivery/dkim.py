"""DKIM signatures of our own, for relays that do not sign: RSA-2048, and Ed25519 beside it (RFC 6376, RFC 8463).

`relaxed/simple`: header lines may be folded anew on the way, the body is 7-bit and stays as it is. From is
signed twice, so that no second one can be added; what makes one-click unsubscribing trusted (RFC 8058 asks
that List-Unsubscribe and List-Unsubscribe-Post are covered) always is. Keys are named by the settings, never
written there. The only module that signs with `cryptography`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from newsletter.problems import NewsletterError
from newsletter.publication import Publication

COVERED = (
    "from",
    "from",
    "to",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "feedback-id",
)
"""Each where the message has it; the second `from` covers that there is no second one."""

_SPACE = re.compile(rb"[ \t\r\n]+")
_SMALLEST_RSA = 1024


class Signer(Protocol):
    def headers(self, message: bytes) -> bytes:
        """The signature headers of a message (CRLF line ends), to stand before it."""
        ...


@dataclass(frozen=True, slots=True)
class Signature:
    """One key of one domain: where its public half stands is `selector._domainkey.domain`."""

    domain: str
    selector: str
    key: RSAPrivateKey | Ed25519PrivateKey

    @property
    def algorithm(self) -> str:
        return "rsa-sha256" if isinstance(self.key, RSAPrivateKey) else "ed25519-sha256"

    def sign(self, data: bytes) -> bytes:
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(data, PKCS1v15(), SHA256())
        return self.key.sign(hashlib.sha256(data).digest())  # RFC 8463 §3

    @property
    def record(self) -> str:
        """What the DNS has to say of the public half (a TXT record)."""
        public = self.key.public_key()
        if isinstance(self.key, RSAPrivateKey):
            kind, raw = "rsa", public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        else:
            kind, raw = "ed25519", public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k={kind}; p={base64.b64encode(raw).decode()}"


class Signatures:
    """Signs with one key or two; the body is hashed once."""

    def __init__(self, signatures: tuple[Signature, ...]) -> None:
        self.signatures = signatures

    def headers(self, message: bytes) -> bytes:
        start = message.index(b"\r\n\r\n") + 2
        digest = _body_hash(message, start + 2)
        lines = _by_name(message[:start])
        names = [
            name for at, name in enumerate(COVERED) if name in lines or (name == "from" and at == 1)
        ]
        covered = b"".join(lines[name] for name in dict.fromkeys(names) if name in lines)
        return b"".join(self._header(one, names, covered, digest) for one in self.signatures)

    def _header(self, one: Signature, names: list[str], covered: bytes, digest: bytes) -> bytes:
        head = (
            f"DKIM-Signature: v=1; a={one.algorithm}; c=relaxed/simple;\r\n"
            f" d={one.domain}; s={one.selector};\r\n"
            f" h={_folded(names)};\r\n"
            f" bh={digest.decode()};\r\n"
            " b="
        ).encode("ascii")
        signed = one.sign(covered + _relaxed(head)[:-2])
        value = base64.b64encode(signed)
        return (
            head + b"\r\n  ".join(value[at : at + 70] for at in range(0, len(value), 70)) + b"\r\n"
        )


def signer_of(publication: Publication) -> Signatures | None:
    """The signer that the settings name; None when the relay signs. Raises NewsletterError for a key that
    cannot be used."""
    dkim = publication.settings.dkim
    if not dkim.domain:
        return None
    pairs = (
        (dkim.selector, publication.password(dkim.key_env, dkim.key_file)),
        (dkim.ed25519_selector, publication.password(dkim.ed25519_key_env, dkim.ed25519_key_file)),
    )
    signatures = tuple(
        Signature(_ascii_domain(dkim.domain), selector, load_key(pem))
        for selector, pem in pairs
        if selector
    )
    if not signatures:
        raise NewsletterError("dkim.domain is set, but no dkim.selector", "See docs/settings.md.")
    return Signatures(signatures)


def load_key(pem: str) -> RSAPrivateKey | Ed25519PrivateKey:
    """A private key in PEM, without a passphrase."""
    hint = "Make one: openssl genrsa 2048, or openssl genpkey -algorithm ed25519"
    if not pem:
        raise NewsletterError("a dkim selector is set, but not where its key is", hint)
    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as caught:
        raise NewsletterError("the dkim key is no private key in PEM", hint) from caught
    if isinstance(key, Ed25519PrivateKey):
        return key
    if not isinstance(key, RSAPrivateKey) or key.key_size < _SMALLEST_RSA:
        raise NewsletterError("the dkim key is neither RSA of 1024 bits or more nor Ed25519", hint)
    return key


def _ascii_domain(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError as caught:
        raise NewsletterError(f"dkim.domain is no domain: {domain}") from caught


def _body_hash(message: bytes, start: int) -> bytes:
    """`simple`: empty lines at the end do not count (RFC 6376 §3.4.3)."""
    end = len(message)
    while end - 4 >= start and message[end - 4 : end] == b"\r\n\r\n":
        end -= 2
    digest = hashlib.sha256(memoryview(message)[start:end])
    if end == start:
        digest = hashlib.sha256(b"\r\n")
    return base64.b64encode(digest.digest())


def _by_name(head: bytes) -> dict[str, bytes]:
    """Each header line in relaxed form, by its name; our messages have each once."""
    unfolded = head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    lines: dict[str, bytes] = {}
    for line in unfolded.split(b"\r\n"):
        name, colon, _ = line.partition(b":")
        if colon:
            lines[name.decode("ascii", "replace").strip().lower()] = _relaxed(line)
    return lines


def _relaxed(line: bytes) -> bytes:
    """One header line, canonical (RFC 6376 §3.4.2), with its line end."""
    name, _, value = line.partition(b":")
    return name.strip().lower() + b":" + _SPACE.sub(b" ", value).strip() + b"\r\n"


def _folded(names: list[str]) -> str:
    lines, line = [], ""
    for name in names:
        if len(line) + len(name) > 66:
            lines.append(line)
            line = ""
        line += f":{name}" if line or lines else name
    return "\r\n  ".join([*lines, line])
