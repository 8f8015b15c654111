"""A message and its envelope: what a worker hands to a transport."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    """`sender` is where it comes back to (MAIL FROM); `envelope_id` comes back with it (RFC 3461), where there is one."""

    sender: str
    message: bytes
    envelope_id: str = ""
