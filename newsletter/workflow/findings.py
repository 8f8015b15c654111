"""What doctor says of one thing that it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    ADVICE = "advice"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `remedy` says how to mend it, empty when it is well."""

    state: State
    subject: str
    message: str
    remedy: str = ""


def well(subject: str, message: str) -> Finding:
    return Finding(State.OK, subject, message)


def advice(subject: str, message: str, remedy: str) -> Finding:
    return Finding(State.ADVICE, subject, message, remedy)


def missing(subject: str, message: str, remedy: str) -> Finding:
    return Finding(State.MISSING, subject, message, remedy)
