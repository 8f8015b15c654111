"""What a server's answer means for a delivery and its campaign, in one pure function, by level.

- This address (5xx to RCPT or to the content): refused for good. Only an address that does not exist (see
  `replies`) suppresses the person; 5.7.x and the like are the sender's fault and do not.
- This message (4xx, and what says that it passes): deferred, tried again later. So is a message that was refused because
  of the host or the address that sends: once that is mended it can be sent, and many of these in a row pause the campaign.
- Everything (no connection, a dropped one, login, MAIL refused, 421, our authentication, a message that is
  too large for the server): the row goes back and nobody is blamed; after a few in a row the campaign pauses.
  What cannot get better by waiting pauses at once.
- Content written whole and no answer, or one that is none: unknown. RFC 5321 gives no way to tell, so it is
  never sent again by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from newsletter.delivery.replies import Failure, Level, classify, enhanced_code
from newsletter.delivery.reply_words import Cause
from newsletter.model.transitions import DeliveryEvent

__all__ = ["Level", "Reply", "Stage", "Verdict", "judge"]


class Stage(StrEnum):
    """How far the conversation had come when the answer, or the silence, came."""

    CONNECT = "connect"
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    CONTENT = "content"


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
        return enhanced_code(self.text)

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
    cause: Cause = Cause.NONE


_ACCEPTED = Verdict(Level.NONE, DeliveryEvent.ACCEPT)
_UNKNOWN = Verdict(Level.EVERYTHING, DeliveryEvent.LOSE)


def judge(reply: Reply) -> Verdict:
    """What a reply means for the delivery and for the campaign."""
    if reply.code == 0:
        return _UNKNOWN if reply.stage is Stage.CONTENT else _everything()
    if reply.stage is Stage.CONTENT and 200 <= reply.code < 300:
        return _ACCEPTED
    if reply.code == 421:
        return _everything()
    if reply.stage in (Stage.CONNECT, Stage.LOGIN):
        return _everything(hopeless=reply.code >= 500)
    if reply.code < 400:
        return _UNKNOWN if reply.stage is Stage.CONTENT else _everything()
    if reply.stage is Stage.DATA and (reply.code in (502, 503) or reply.enhanced == "5.5.1"):
        return _everything()  # it has lost the thread: no word about anybody
    failure = classify(reply.code, reply.enhanced, reply.text)
    if reply.code < 500:
        return Verdict(Level.MESSAGE, DeliveryEvent.DEFER, cause=failure.cause)
    if reply.stage is Stage.MAIL or (not failure.retry and _concerns_all(reply, failure)):
        return _everything(hopeless=True)
    if failure.retry:
        return Verdict(
            Level.MESSAGE, DeliveryEvent.DEFER, suspicious=failure.ours, cause=failure.cause
        )
    return _refused(reply, failure)


def _concerns_all(reply: Reply, failure: Failure) -> bool:
    """Whether every other message would be refused for the same reason: it is put back, not refused, since
    it can be sent once the reason is gone."""
    if failure.cause is Cause.TOO_LARGE and reply.stage is not Stage.RCPT:
        return True
    told_by_code = bool(reply.enhanced) or reply.code in (530, 535)
    return failure.level is Level.EVERYTHING and told_by_code and reply.enhanced != "5.7.1"


def _refused(reply: Reply, failure: Failure) -> Verdict:
    """A refusal of the content is the same for everybody, so many of them are suspicious, whatever they say."""
    certain = reply.stage is Stage.RCPT or reply.enhanced.startswith("5.1.")
    return Verdict(
        Level.ADDRESS,
        DeliveryEvent.REFUSE,
        suppress=failure.suppress and certain,
        suspicious=failure.ours or reply.stage is not Stage.RCPT,
        cause=failure.cause,
    )


def _everything(*, hopeless: bool = False) -> Verdict:
    return Verdict(Level.EVERYTHING, DeliveryEvent.PUT_BACK, hopeless=hopeless)
