"""What opens the studio: its token on this machine, and passes that open the preview of one issue for a while.

The token stands in the address that the command prints; opening that address leaves it in a cookie, which
this browser alone has. It is kept beside the studio's other files (mode 0600), so that a server that comes
back is open to the windows it left.

Frames of previews have no origin and send no cookies: what they load lies under a path that holds a key.
`frames` is the key of this start and opens every issue's files; a pass is the key that a phone gets, signed
with the token: it names its end, and opens the preview of its issue alone, for reading.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import ipaddress
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from newsletter.problems import NewsletterError

PASS_LASTS = 12 * 3600
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Access:
    """`token` opens the studio; `frames` is the key of this start; `local`: nothing but this machine is listened to."""

    token: str
    frames: str
    local: bool = True

    @classmethod
    def kept(cls, folder: Path, host: str = "127.0.0.1") -> Access:
        """The token of a publication, made at the first start; `host` is where the studio will listen.

        Raises NewsletterError when it cannot be kept."""
        return cls(_kept(folder / "token"), secrets.token_urlsafe(18), is_this_machine(host))

    def opens(self, given: str | None) -> bool:
        return given is not None and hmac.compare_digest(given.encode(), self.token.encode())

    def phone_pass(self, slug: str, now: float | None = None) -> str:
        """A key that opens the preview of one issue until some hours from now (seconds since 1970)."""
        until = int(time.time() if now is None else now) + PASS_LASTS
        return f"{until:x}-{self._signed(slug, until)}"

    def opens_preview(self, key: str, slug: str) -> bool:
        """Whether a key in a path opens what a preview of this issue loads."""
        if hmac.compare_digest(key.encode(), self.frames.encode()):
            return True
        end, _, signature = key.partition("-")
        try:
            until = int(end, 16)
        except ValueError:
            return False
        genuine = hmac.compare_digest(signature.encode(), self._signed(slug, until).encode())
        return genuine and until > time.time()

    def _signed(self, slug: str, until: int) -> str:
        text = f"phone\0{slug}\0{until}".encode()
        digest = hmac.digest(self.token.encode(), text, hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:18]).decode()


def is_this_machine(host: str) -> bool:
    """Whether an address is one that only this machine can come from."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _kept(file: Path) -> str:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as stream:
                stream.write(secrets.token_urlsafe(24))
        token = file.read_text(encoding="ascii", errors="replace").strip()
    except OSError as caught:
        raise NewsletterError(
            f"cannot keep the studio's token: {caught.strerror}: {file}"
        ) from caught
    if len(token) < 20:
        raise NewsletterError(f"{file} holds no token", "Delete it; a new one is made.")
    return token
