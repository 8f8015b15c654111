"""Who calls a command on this machine, for the record: the name of the login."""

from __future__ import annotations

import getpass

NOBODY = "cli"


def operator() -> str:
    """The name of whoever is logged in here; `cli` where the system knows none."""
    try:
        return getpass.getuser() or NOBODY
    except (OSError, KeyError, ImportError):
        return NOBODY
