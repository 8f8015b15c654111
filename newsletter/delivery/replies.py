"""What an SMTP reply says about whom, and whether it will pass: one pure function over code, enhanced code, words.

`classify` serves the send loop (`failures.judge` adds how far the conversation had come), the bounce reader
(a delivery report's Status and Diagnostic-Code are a reply too) and `replies classify`. What it promises:

- 4xx is never hard, whatever it says: the server asks to be asked again.
- Hard means that this address does not exist: 5.1.1, .2, .3, .6, .10 (RFC 3463), or words that say so. Only
  then does a person get suppressed. 5.2.1 (disabled) is soft, and counts: `repeats` says that the third does.
- 5.7.x, a refusal of the content, a block list are the sender's fault: soft, and never the person's.
- A block list that we are on, a sending address that is refused: about everything, and it gets better once somebody
  has done something about it, so it is tried again.
- What cannot be read is soft, and final only where the code is 5xx.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from newsletter.delivery.reply_words import (
    CAUSES,
    CERTAINLY_UNKNOWN,
    HEDGED,
    LATER,
    OF_ANOTHER_SERVER,
    OF_THE_SENDER,
    PATTERNS,
    PERHAPS_UNKNOWN,
    Cause,
)


class Level(StrEnum):
    """Whom a reply is about: nobody (it was taken), this address, this message, everything that is sent."""

    NONE = "none"
    ADDRESS = "address"
    MESSAGE = "message"
    EVERYTHING = "everything"


class Kind(StrEnum):
    NONE = "none"
    """Taken."""
    HARD = "hard"
    SOFT = "soft"


@dataclass(frozen=True, slots=True)
class Failure:
    """What a reply means. `retry`: the same message may be tried again. `suppress`: the person is never
    written to again. `repeats`: soft once, but an address that answers so again and again is dead.
    `ours`: the sender's fault (authentication, reputation, content): many of these pause a campaign."""

    level: Level
    kind: Kind
    cause: Cause
    retry: bool = False
    suppress: bool = False
    repeats: bool = False
    ours: bool = False


_TAKEN = Failure(Level.NONE, Kind.NONE, Cause.NONE)
_ENHANCED = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_CODE = re.compile(r"(?<![\d.])([2-5][0-5]\d)(?=[ \-:;,#)]|$)")
_AT_ONCE = re.compile(r"\s*(?:smtp;\s*)?([2-5]\d\d)(?=[ \-]|$)", re.IGNORECASE)
"""A code at the beginning: some servers answer 571 or 591, which RFC 5321 does not know."""
_ADDRESS = re.compile(
    r"<[^<>\s]{0,256}@[^<>\s]{0,256}>"
    r"|[\w!#$%&'*+/=?^`{|}~-]{1,64}(?:\.[\w!#$%&'*+/=?^`{|}~-]{1,64}){0,32}@(?:\[[^\]\s]{1,80}\]|[\w-]{1,63}(?:\.[\w-]{1,63}){0,9})"
)
"""Not what is glued to it: `550 ann@example.com...User unknown`, `550 ann@example.com:user not exist`."""

_NO_SUCH_MAILBOX = frozenset({"5.1.1", "5.1.3", "5.1.6"})
_NO_SUCH_DOMAIN = frozenset({"5.1.2", "5.1.10"})
_SUPPRESSING = _NO_SUCH_MAILBOX | _NO_SUCH_DOMAIN
_SENDER_CODES = frozenset({"5.1.7", "5.1.8", "5.1.9"})
_AUTHENTICATION_CODES = re.compile(r"5\.7\.(?:1[01]|2\d|509|512|515)")
"""RFC 7372, RFC 8616 … and the providers' own (Microsoft's 5.7.515): our SPF, DKIM, DMARC, PTR, encryption."""
_RESTRICTED = re.compile(r"5\.7\.1[23]\d|5\.7\.5(?:05|06|07|10|20)")
"""Microsoft's: this recipient, or their organisation, takes no mail from outside, from us, or that is forwarded."""
_BY_DETAIL = {
    "5.2.1": Cause.DISABLED,
    "5.2.2": Cause.FULL,
    "5.2.3": Cause.TOO_LARGE,
    "5.3.4": Cause.TOO_LARGE,
    "5.7.8": Cause.LOGIN,
    "5.7.9": Cause.LOGIN,
    "5.5.3": Cause.LIMITED,
    "5.7.13": Cause.DISABLED,
}
_VAGUE = re.compile(r"5\.(?:0\.0|1\.(?:0|\d{2,3})|[345]\.\d{1,3})|")
"""Enhanced codes beside which words decide whether there is such a mailbox; the empty one too. Not 5.2.x, which says
that there is one, and not 5.7.x, which speaks of the sender: what such a server adds in words is no proof."""
_HARD = frozenset({Cause.UNKNOWN_MAILBOX, Cause.UNKNOWN_DOMAIN})
_OURS = frozenset({Cause.AUTHENTICATION, Cause.SENDER, Cause.BLOCKED, Cause.SPAM, Cause.POLICY})
_NOT_OF_THE_MAILBOX = frozenset(
    {Cause.SPAM, Cause.AUTHENTICATION, Cause.GREYLISTED, Cause.FULL, Cause.LIMITED, Cause.TOO_LARGE}
    | {Cause.SENDER, Cause.BLOCKED}
)
"""What words may say beside 5.1.x that weighs more than the code."""
_WRAPPING = re.compile(
    r"\b[45]\.\d\.\d - [\w ,-]{3,40}(?:error|problem) (?=[45]\d\d[- ])", re.IGNORECASE
)
"""What a relay writes before any refusal, whatever its reason."""
_TRY_AGAIN = re.compile(r"try again|temporar|time[d -]*out|dns (?:error|records)", re.IGNORECASE)
_FOR_NOW = re.compile(r"suspend|temporar|currently", re.IGNORECASE)
_PASSING = frozenset({Cause.GREYLISTED, Cause.LIMITED, Cause.NETWORK, Cause.LATER})
"""What gets better by waiting even where a server says 5xx."""


def classify(code: int, enhanced: str = "", text: str = "") -> Failure:
    """What a reply means. `code` is 0 for none (no connection), `enhanced` is empty where there is none
    apart from the text. Never raises."""
    enhanced = enhanced or enhanced_code(text)
    if not code and enhanced:
        code = int(enhanced[0]) * 100 + 50
    if 200 <= code < 400:
        return _TAKEN
    cause = _cause(code, enhanced, _plain(text))
    if code == 0 and cause not in _HARD:
        return Failure(Level.EVERYTHING, Kind.SOFT, Cause.NETWORK, retry=True)
    if 0 < code < 500 or enhanced.startswith("4."):
        return _temporary(code, cause)
    if cause is Cause.BLOCKED or (cause is Cause.SENDER and _is_of_the_sender(enhanced, text)):
        return Failure(Level.EVERYTHING, Kind.SOFT, cause, retry=True, ours=True)
    return _permanent(code, enhanced, cause)


def classify_line(line: str) -> Failure:
    """The same for a reply as a log or a report has it: `550 5.1.1 …`, `550-5.1.1 …`, `smtp; 550 …`,
    `host x said: 550 …`, or words alone."""
    line = unwrapped(line)
    return classify(reply_code(line), enhanced_code(line), line)


def unwrapped(text: str) -> str:
    """A reply without what a relay puts before any: `5.1.0 - Unknown address error 550-'5.7.1 …`."""
    return _WRAPPING.sub("", text)


def enhanced_code(text: str) -> str:
    """The first enhanced status code (RFC 3463) in a text, else empty."""
    found = _ENHANCED.search(text)
    return found.group(1) if found else ""


def reply_code(text: str) -> int:
    """The first reply code in a text, 0 without one."""
    found = _AT_ONCE.match(text) or _CODE.search(_ADDRESS.sub(" ", text))
    return int(found.group(1)) if found else 0


def tells_a_cause(text: str) -> bool:
    """Whether words alone say why something was not delivered."""
    return _told(_plain(text)) is not Cause.OTHER


def _plain(text: str) -> str:
    """The words without addresses: `mailbox <a@b.example> unavailable` says the same of everybody."""
    return " ".join(_ADDRESS.sub(" ", text).split())


def _cause(code: int, enhanced: str, text: str) -> Cause:
    """Codes first where they are exact, words where they are not."""
    if enhanced in _SENDER_CODES:
        return Cause.SENDER
    told = _told(text)
    if enhanced in _SUPPRESSING:
        blamed = told in _NOT_OF_THE_MAILBOX or (told is Cause.DISABLED and _FOR_NOW.search(text))
        domain = enhanced in _NO_SUCH_DOMAIN
        if not blamed and LATER.search(text) and not CERTAINLY_UNKNOWN.search(text):
            return Cause.LATER
        return told if blamed else Cause.UNKNOWN_DOMAIN if domain else Cause.UNKNOWN_MAILBOX
    if _AUTHENTICATION_CODES.fullmatch(enhanced):
        return Cause.AUTHENTICATION
    if _RESTRICTED.fullmatch(enhanced) or "RESOLVER.RST." in text:
        return Cause.TOO_LARGE if told is Cause.TOO_LARGE else Cause.POLICY
    detail = _BY_DETAIL.get(enhanced, Cause.OTHER)
    if detail is Cause.LOGIN and code in (550, 553, 554):
        detail = Cause.OTHER  # Yahoo's 554 5.7.9 is about what it got, not about who logged in
    if detail is not Cause.OTHER and told is not Cause.UNKNOWN_MAILBOX:
        return detail
    if code in (530, 534, 535, 538) and told is not Cause.AUTHENTICATION:
        return Cause.LOGIN
    if told in (Cause.OTHER, Cause.POLICY) and code == 550 and _VAGUE.fullmatch(enhanced):
        if (PERHAPS_UNKNOWN.search(text) and not HEDGED.search(text)) or (
            enhanced == "5.4.1" and "recipient address rejected" in text.lower()
        ):
            return Cause.UNKNOWN_MAILBOX
        if enhanced == "5.1.0":
            return Cause.UNKNOWN_MAILBOX
    if told in (Cause.OTHER, Cause.POLICY) and LATER.search(text):
        return Cause.LATER
    if told is Cause.OTHER:
        return Cause.POLICY if enhanced.startswith("5.7.") else _by_code(code, enhanced)
    return told


def _told(text: str) -> Cause:
    """What the words say."""
    if OF_THE_SENDER.search(text) and not OF_ANOTHER_SERVER.search(text):
        return _of_the_sender(text)
    if HEDGED.search(text):
        return Cause.POLICY
    if CERTAINLY_UNKNOWN.search(text):
        return Cause.UNKNOWN_MAILBOX
    cause = next((cause for cause in CAUSES if PATTERNS[cause].search(text)), Cause.OTHER)
    passing = cause in _HARD and _TRY_AGAIN.search(text)
    return Cause.NETWORK if passing else cause


def _of_the_sender(text: str) -> Cause:
    """What is wrong with the sender, where nothing but that is told."""
    told = (Cause.BLOCKED, Cause.AUTHENTICATION)
    return next((cause for cause in told if PATTERNS[cause].search(text)), Cause.SENDER)


def _is_of_the_sender(enhanced: str, text: str) -> bool:
    """Whether a refusal of the sender would be the same for anybody else."""
    repeated = OF_ANOTHER_SERVER.search(text)
    return not repeated and (enhanced in _SENDER_CODES or OF_THE_SENDER.search(text) is not None)


def _by_code(code: int, enhanced: str) -> Cause:
    if code in (552, 452):
        return Cause.FULL
    if code in (421, 451) or enhanced.startswith(("5.3.", "4.3.")):
        return Cause.SYSTEM
    return Cause.NETWORK if enhanced.startswith(("5.4.", "4.4.")) else Cause.OTHER


def _temporary(code: int, cause: Cause) -> Failure:
    everything = code == 421 or cause is Cause.LOGIN
    level = Level.EVERYTHING if everything else Level.MESSAGE
    return Failure(level, Kind.SOFT, cause, retry=True, ours=cause in _OURS)


def _permanent(code: int, enhanced: str, cause: Cause) -> Failure:
    if cause in _HARD and (enhanced in _SUPPRESSING or _VAGUE.fullmatch(enhanced)):
        return Failure(Level.ADDRESS, Kind.HARD, cause, suppress=True)
    if cause in (Cause.LOGIN, Cause.AUTHENTICATION) or enhanced == "5.3.4":
        ours = cause is Cause.AUTHENTICATION
        return Failure(Level.EVERYTHING, Kind.SOFT, cause, ours=ours)
    if cause in _PASSING:
        return Failure(Level.MESSAGE, Kind.SOFT, cause, retry=True)
    unknown = (
        cause in _HARD
    )  # beside a code that says something else: it must be told again and again
    ours = not unknown and (cause in _OURS or enhanced.startswith(("5.7.", "5.6.")))
    repeats = cause is Cause.DISABLED or unknown
    return Failure(Level.ADDRESS, Kind.SOFT, cause, repeats=repeats, ours=ours)
