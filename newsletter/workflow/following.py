"""Files that another program renamed (`mv`, `git mv`, a file manager): told from deleted ones by what is in them.

Only what is certain is followed: a file that went, and one new file with the very same bytes, which no other file
that went had. Both need not be seen at the same look: some programs copy first and delete then.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping

AGO = 5.0
"""Seconds for which a file that appeared counts as new."""


class Following:
    """The names of an issue's files at the last look, and what was in those that somebody has open."""

    def __init__(self) -> None:
        self._names: frozenset[str] | None = None
        self._versions: dict[str, str] = {}
        self._came: dict[str, float] = {}

    def holds(self, name: str, version: str) -> None:
        """A file is open somewhere, and this is in it."""
        self._versions[name] = version

    def renamed(self, renamed: Mapping[str, str], names: tuple[str, ...]) -> None:
        """Files got other names here."""
        self._versions = {renamed.get(name, name): kept for name, kept in self._versions.items()}
        self._names = frozenset(names)

    def look(self, names: tuple[str, ...], version: Callable[[str], str]) -> dict[str, str]:
        """The new names of files that were renamed since; `version` reads what is in a file."""
        now, here = time.monotonic(), frozenset(names)
        before, self._names = self._names, here
        new = here - before if before is not None else frozenset()
        self._came = {
            name: at for name, at in self._came.items() if name in here and now - at < AGO
        }
        self._came |= dict.fromkeys(new, now)
        gone = {name: kept for name, kept in self._versions.items() if name not in here}
        if not gone or not self._came:
            return {}
        found = {name: version(name) for name in self._came}
        went, came = Counter(gone.values()), Counter(found.values())
        return {
            old: next(name for name, one in found.items() if one == kept)
            for old, kept in gone.items()
            if went[kept] == 1 and came[kept] == 1
        }
