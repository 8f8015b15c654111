"""The editor's modules as set-up laid them, and the import map that names them.

Without them (a checkout that was never set up) the studio works with a plain text field.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache

from newsletter.web.laid import addresses
from newsletter.web.views import STATIC


@dataclass(frozen=True, slots=True)
class ImportMap:
    """`text` stands in the page; `policy` is what lets a page run exactly this text and no other."""

    text: str
    policy: str


@lru_cache(maxsize=1)
def import_map() -> ImportMap:
    """The map of the laid modules; empty when there are none."""
    text = json.dumps({"imports": addresses()}, separators=(",", ":")).replace("<", "\\u003c")
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return ImportMap(text, f"'sha256-{digest}'")


@lru_cache(maxsize=1)
def own_version() -> str:
    """Changes with our own scripts and style, so that a browser never mixes two of them."""
    files = sorted(STATIC.glob("studio/*"))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:12]
