"""Who uses the studio, and what they may do there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is there for; each may do what the one before may."""

    EDITOR = "editor"
    """Writes issues and looks at them."""
    SENDER = "sender"
    """Approves and sends as well."""
    ADMIN = "admin"
    """Sees and changes subscribers, suppressions and accounts as well."""


class Action(StrEnum):
    """What is asked about; see `may`."""

    WRITE = "write"
    SEND = "send"
    SUBSCRIBERS = "subscribers"
    ACCOUNTS = "accounts"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who is logged in. `id` is 0 for whoever sits at this machine."""

    id: int
    name: str
    role: Role


LOCAL = Account(0, "local", Role.ADMIN)
"""Whoever has the studio's token, on this machine."""
_ALLOWED = {
    Role.EDITOR: frozenset({Action.WRITE}),
    Role.SENDER: frozenset({Action.WRITE, Action.SEND}),
    Role.ADMIN: frozenset(Action),
}


def may(account: Account, action: Action) -> bool:
    """Whether somebody may do this."""
    return action in _ALLOWED[account.role]
