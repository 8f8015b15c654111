"""Which status follows which event: the law of who may be written to, as one pure function.

- An import and an operator never raise a status: unsubscribed, bounced and complained stay what they are,
  and a pending one waits for the person's own word.
- A person's own confirmation lifts unsubscribed and bounced. A complaint is lifted by nothing here.
- On a list with single opt-in, signing up confirms who is new or waits, and nobody else: anybody may have typed it.
- Unsubscribing, a hard bounce and a complaint always win over pending and confirmed; a complaint over all.
"""

from __future__ import annotations

from enum import StrEnum

from newsletter.model.subscriber import Status


class Event(StrEnum):
    IMPORT_CONFIRMED = "import confirmed"
    IMPORT_PENDING = "import pending"
    IMPORT_UNSUBSCRIBED = "import unsubscribed"
    IMPORT_BOUNCED = "import bounced"
    IMPORT_COMPLAINED = "import complained"
    ADD = "add"
    SIGN_UP = "sign up"
    SIGN_UP_AT_ONCE = "sign up at once"
    CONFIRM = "confirm"
    UNSUBSCRIBE = "unsubscribe"
    HARD_BOUNCE = "hard bounce"
    COMPLAIN = "complain"


IMPORTED = {
    Status.PENDING: Event.IMPORT_PENDING,
    Status.CONFIRMED: Event.IMPORT_CONFIRMED,
    Status.UNSUBSCRIBED: Event.IMPORT_UNSUBSCRIBED,
    Status.BOUNCED: Event.IMPORT_BOUNCED,
    Status.COMPLAINED: Event.IMPORT_COMPLAINED,
}
"""The event that a line of a file with this status is."""

_FIRST = {
    Event.IMPORT_CONFIRMED: Status.CONFIRMED,
    Event.IMPORT_PENDING: Status.PENDING,
    Event.ADD: Status.CONFIRMED,
    Event.SIGN_UP: Status.PENDING,
    Event.SIGN_UP_AT_ONCE: Status.CONFIRMED,
    Event.CONFIRM: Status.CONFIRMED,
}
_LOWERS = {
    Event.IMPORT_UNSUBSCRIBED: Status.UNSUBSCRIBED,
    Event.IMPORT_BOUNCED: Status.BOUNCED,
    Event.IMPORT_COMPLAINED: Status.COMPLAINED,
    Event.UNSUBSCRIBE: Status.UNSUBSCRIBED,
    Event.HARD_BOUNCE: Status.BOUNCED,
    Event.COMPLAIN: Status.COMPLAINED,
}
_LIFTED_BY_CONFIRMING = frozenset({Status.PENDING, Status.UNSUBSCRIBED, Status.BOUNCED})
_MAILABLE_OR_WAITING = frozenset({Status.PENDING, Status.CONFIRMED})


def after(status: Status | None, event: Event) -> Status:
    """The status of a subscription after an event; `status` is None where there was none."""
    if event in _LOWERS:
        return _lowered(status, _LOWERS[event])
    if status is None:
        return _FIRST[event]
    if event is Event.CONFIRM and status in _LIFTED_BY_CONFIRMING:
        return Status.CONFIRMED
    if event is Event.SIGN_UP_AT_ONCE and status is Status.PENDING:
        return Status.CONFIRMED
    return status


def _lowered(status: Status | None, to: Status) -> Status:
    """A complaint wins over all, unsubscribing over a bounce; nothing else changes what has ended."""
    if status is None or status in _MAILABLE_OR_WAITING or to is Status.COMPLAINED:
        return to
    if status is Status.BOUNCED and to is Status.UNSUBSCRIBED:
        return to
    return status
