"""Tokens in links: a kind, a list and a subscriber, signed, in 40 characters that never expire by themselves.

    byte 0      kind (high 4 bits, see `Kind`)
    bytes 1–4   list     bytes 5–12   subscriber     bytes 13–28   HMAC-SHA256, truncated to 128 bits

A token of one kind opens nothing of another. What else it depends on (a sign-up that has expired) is looked
up where it is used.

The address itself is never in the token. The key lies in `subscribers/secret.key` (mode 0600, made by
`newsletter init`); whoever loses it breaks the unsubscribe links of every mail already sent. A key is changed by
naming those before (`secrets.old_key_file`, one a line): what any of them signed is good.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import stat
import struct
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from newsletter.problems import NewsletterError
from newsletter.publication import Publication, secret

KEY_BYTES = 32
MOST_KEYS = 12
_HEAD = struct.Struct(">BIQ")
_MAC_BYTES = 16


class Kind(IntEnum):
    """What a token allows."""

    UNSUBSCRIBE = 1
    CONFIRM = 2
    """`Grant.subscriber` is the number of a sign-up."""
    PREFERENCES = 3
    FORM = 4
    """`Grant.subscriber` is the second at which a form was shown."""
    CLICK = 5
    """Counts a click; its tokens are made in `click_tokens`."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a valid token speaks of; `list` is 0 where it is about none."""

    list: int
    subscriber: int


@dataclass(frozen=True, slots=True)
class Key:
    """What signs; what any of `older` has signed is good as well."""

    secret: bytes
    older: tuple[bytes, ...] = ()

    @property
    def signers(self) -> tuple[bytes, ...]:
        """The newest first."""
        return (self.secret, *self.older)


def unsubscribe_token(key: Key, grant: Grant) -> str:
    return signed_token(key, Kind.UNSUBSCRIBE, grant)


def read_unsubscribe_token(key: Key, token: str) -> Grant | None:
    """What the token speaks of, or None when it is not one of ours."""
    return read_token(key, Kind.UNSUBSCRIBE, token)


def signed_token(key: Key, kind: Kind, grant: Grant) -> str:
    head = _HEAD.pack(kind << 4, grant.list, grant.subscriber)
    return base64.urlsafe_b64encode(head + _mac(key.secret, head)).rstrip(b"=").decode()


def read_token(key: Key, kind: Kind, token: str) -> Grant | None:
    """What a token of this kind speaks of, or None when it is not one of ours."""
    if len(token) > 64:
        return None
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    if len(raw) != _HEAD.size + _MAC_BYTES or raw[0] & 0xFE != kind << 4:
        return None
    head, mac = raw[: _HEAD.size], raw[_HEAD.size :]
    if not any(hmac.compare_digest(mac, _mac(signer, head)) for signer in key.signers):
        return None
    _, list_id, subscriber = _HEAD.unpack(head)
    return Grant(list_id, subscriber)


def address_hashes(key: Key, identity: str) -> tuple[str, ...]:
    """The keyed hashes of an address's identity, the newest key's first: they tell nobody the address."""
    return tuple(keyed_hash(one, "address", identity) for one in key.signers)


def keyed_hash(secret: bytes, purpose: str, text: str) -> str:
    """HMAC-SHA256 in hexadecimal, of a purpose that no token has."""
    return hmac.new(secret, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


def make_key_file(path: Path) -> None:
    """Writes a new key, readable by its owner only. Raises FileExistsError rather than replace one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")


def load_key(publication: Publication) -> Key:
    """The publication's key, and those before where there are any, from what its settings name."""
    settings = publication.settings.secrets
    older: tuple[bytes, ...] = ()
    if settings.old_key_env or settings.old_key_file:
        older = _read(publication, settings.old_key_env, settings.old_key_file, "the old key")
    newest, *others = _read(publication, settings.key_env, settings.key_file, "the key")
    if others:
        name = settings.key_env or settings.key_file
        raise NewsletterError(
            f"{name} holds more than one key", "Older ones belong into secrets.old_key_file."
        )
    return Key(newest, older)


def _read(publication: Publication, variable: str, file: str, what: str) -> tuple[bytes, ...]:
    if variable:
        return _parsed(secret(publication.root, variable, ""), variable)
    path = publication.path(file)
    try:
        text = path.read_text(encoding="ascii")
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError as caught:
        raise NewsletterError(
            f"{what} of unsubscribe links is missing: {file}",
            "If mails were sent from here before, restore it from a copy: their links need it. "
            f"Else make one: (umask 077; openssl rand -hex {KEY_BYTES} > {path})",
        ) from caught
    except (OSError, UnicodeDecodeError) as caught:
        raise NewsletterError(f"cannot read {what} {file}: {caught}") from caught
    if mode & 0o077:
        raise NewsletterError(
            f"{what} {file} can be read by others (mode {mode:04o})",
            f"Make it yours alone: chmod 600 {path}",
        )
    return _parsed(text, file)


def _parsed(text: str, name: str) -> tuple[bytes, ...]:
    """The keys of a file or a variable, one a line (in a variable, or by white space)."""
    try:
        keys = tuple(bytes.fromhex(word) for word in text.split())
    except ValueError:
        keys = ()
    if not 0 < len(keys) <= MOST_KEYS or any(len(key) != KEY_BYTES for key in keys):
        raise NewsletterError(
            f"{name} does not hold a key",
            f"A key is {KEY_BYTES * 2} hexadecimal digits, at most {MOST_KEYS} older ones a line each.",
        )
    return keys


def _mac(key: bytes, head: bytes) -> bytes:
    return hmac.digest(key, head, "sha256")[:_MAC_BYTES]
