"""What an editor wrote, as a document for a frame: without scripts, in the colours asked for."""

from __future__ import annotations

import re

_DARK = re.compile(r"\(\s*prefers-color-scheme:\s*dark\s*\)")
_LIGHT = re.compile(r"\(\s*prefers-color-scheme:\s*light\s*\)")
_SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL | re.IGNORECASE)


def framed(html: str, scheme: str, head: str) -> str:
    """The document with `head` at the start of its head. `scheme` is light, dark, or empty for the reader's own.

    The frame's policy runs no script of the document; leaving scripts out keeps the browser from complaining
    of each."""
    html = _SCRIPT.sub("", html)
    if scheme in ("light", "dark"):
        on, off = "all", "not all"
        html = _DARK.sub(on if scheme == "dark" else off, html)
        html = _LIGHT.sub(off if scheme == "dark" else on, html)
    return re.sub(r"<head\b[^>]*>", lambda found: found.group() + head, html, count=1)
