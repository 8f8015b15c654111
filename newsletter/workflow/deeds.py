"""What was done to an issue with one click, as it is remembered for taking it back (`undoing.py`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """A file's text before and after."""

    file: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Deed:
    """`what` names it: fix, silence, details, digest, restore."""

    what: str
    edits: tuple[Edit, ...]
