"""One way to trust a server: certificates and names are verified, always; further authorities by file."""

from __future__ import annotations

import ssl
from pathlib import Path

from newsletter.problems import NewsletterError


def verifying(trusted: Path | None, setting: str = "smtp.ca_file") -> ssl.SSLContext:
    """A context that verifies. `trusted` is a PEM file of certificates that are trusted beside the system's own;
    `setting` names where it was named. Raises NewsletterError when it cannot be read."""
    context = ssl.create_default_context()
    if trusted is not None:
        try:
            context.load_verify_locations(trusted)
        except OSError as caught:  # ssl.SSLError is one
            shown = caught.strerror or "it holds no certificate"
            raise NewsletterError(f"cannot read {setting} {trusted}: {shown}") from caught
    return context
