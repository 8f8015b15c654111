"""Keys of programs that use the API, and what each may do there."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a key is asked for. None includes another: who may write need not be able to read."""

    SIGN_UPS_WRITE = "sign-ups:write"
    """Ask a person to confirm, as the form on the web does; learns nothing about anybody."""
    SUBSCRIBERS_READ = "subscribers:read"
    SUBSCRIBERS_WRITE = "subscribers:write"
    SUBSCRIBERS_FORGET = "subscribers:forget"
    SUPPRESSIONS_READ = "suppressions:read"
    SUPPRESSIONS_WRITE = "suppressions:write"
    """Suppress, and lift what a bounce made."""
    SUPPRESSIONS_LIFT = "suppressions:lift"
    """Lift every kind, as an admin may."""
    LISTS_READ = "lists:read"
    LISTS_WRITE = "lists:write"
    SEGMENTS_READ = "segments:read"
    SEGMENTS_WRITE = "segments:write"
    IMPORTS_READ = "imports:read"
    IMPORTS_WRITE = "imports:write"
    ISSUES_READ = "issues:read"
    CAMPAIGNS_READ = "campaigns:read"
    CAMPAIGNS_APPROVE = "campaigns:approve"
    CAMPAIGNS_SEND = "campaigns:send"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`hint` is how the key begins, by which a person knows it again. A key that ended opens nothing."""

    id: int
    name: str
    hint: str
    scopes: frozenset[Scope]
    made: datetime.datetime
    made_by: str = ""
    used: datetime.datetime | None = None
    until: datetime.datetime | None = None
    revoked: datetime.datetime | None = None

    @property
    def actor(self) -> str:
        """Who did it, for the record."""
        return f"api:{self.name}"

    def alive(self, at: datetime.datetime) -> bool:
        return self.revoked is None and (self.until is None or at < self.until)

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes
