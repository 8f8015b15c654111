"""What a server's answer means, in one pure function, by level: this address, this message, everything.

- This address (5xx to RCPT or to the content): refused for good. Only 5.1.1, .2, .3, .6 and .10 (RFC 3463:
  no such mailbox) suppress the person; 5.7.x is the sender's fault and does not.
- This message (4xx): deferred, tried again later.
- Everything (no connection, a dropped one, login, MAIL refused, 421): the row goes back and nobody is
  blamed; after a few in a row the campaign pauses. What cannot get better by waiting pauses at once.
- Content written whole and no answer, or one that is none: unknown. RFC 5321 gives no way to tell, so it is never sent again by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from newsletter.model.transitions import DeliveryEvent


class Stage(StrEnum):
    """How far the conversation had come when the answer, or the silence, came."""

    CONNECT = "connect"
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    CONTENT = "content"


class Level(StrEnum):
    NONE = "none"
    ADDRESS = "address"
    MESSAGE = "message"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer. `code` 0 means there was none: refused, cut off, timed out; `text` says which."""

    stage: Stage
    code: int
    text: str = ""
    server: str = ""

    @property
    def enhanced(self) -> str:
        """The enhanced status code (RFC 3463) in the text, else empty."""
        found = re.match(r"([245]\.\d{1,3}\.\d{1,3})\b", self.text)
        return found.group(1) if found else ""

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip() if self.code else self.text


@dataclass(frozen=True, slots=True)
class Verdict:
    """`event` is what happens to the delivery, `suppress` whether the person is never written to again,
    `hopeless` whether waiting cannot help and the campaign pauses at once, `suspicious` whether many of
    these in a row mean that it is not the addresses."""

    level: Level
    event: DeliveryEvent
    suppress: bool = False
    hopeless: bool = False
    suspicious: bool = False


_NO_SUCH_MAILBOX = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
_ACCEPTED = Verdict(Level.NONE, DeliveryEvent.ACCEPT)
_UNKNOWN = Verdict(Level.EVERYTHING, DeliveryEvent.LOSE)
_DEFERRED = Verdict(Level.MESSAGE, DeliveryEvent.DEFER)


def judge(reply: Reply) -> Verdict:
    """What a reply means for the delivery and for the campaign."""
    if reply.code == 0:
        return _UNKNOWN if reply.stage is Stage.CONTENT else _everything()
    if reply.code == 421:
        return _everything()
    if reply.stage in (Stage.CONNECT, Stage.LOGIN):
        return _everything(hopeless=reply.code >= 500)
    if reply.stage is Stage.CONTENT and 200 <= reply.code < 300:
        return _ACCEPTED
    if reply.stage is Stage.CONTENT and reply.code < 400:
        return _UNKNOWN
    if 400 <= reply.code < 500:
        return _DEFERRED
    if reply.stage is Stage.MAIL or reply.code in (530, 535):
        return _everything(hopeless=True)
    if reply.code < 500:
        return _everything()
    suppress = reply.enhanced in _NO_SUCH_MAILBOX
    return Verdict(
        Level.ADDRESS, DeliveryEvent.REFUSE, suppress=suppress, suspicious=_blames_us(reply)
    )


def _everything(*, hopeless: bool = False) -> Verdict:
    return Verdict(Level.EVERYTHING, DeliveryEvent.PUT_BACK, hopeless=hopeless)


def _blames_us(reply: Reply) -> bool:
    """A policy refusal, or a refusal of the content, which is the same for everybody."""
    return reply.enhanced.startswith(("5.7.", "5.3.")) or reply.stage is not Stage.RCPT
