"""What set-up laid for browsers (`tools/lay_browser_code.py`): the modules of the editor, and htmx.

Without it, in a checkout that was never set up, every page works as plain forms and links.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

LAID = Path(__file__).resolve().parents[1] / "_assets" / "studio"
AT = "/editor/"


@lru_cache(maxsize=1)
def addresses() -> dict[str, str]:
    """Where each laid module is, by its name; empty when there are none."""
    try:
        manifest = json.loads((LAID / "manifest.json").read_text(encoding="utf-8"))
        return {name: f"{AT}{file}" for name, file in manifest["imports"].items()}
    except (OSError, ValueError, KeyError):
        return {}


def library(name: str) -> str:
    """The address of one module, for a page that loads it by itself; empty when it was not laid."""
    return addresses().get(name, "")
