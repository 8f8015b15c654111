"""What every importer yields: good lines as `Row`, the others as `Reject`, both with where they stand.

Values arrive as texts under the names of `columns.FIELDS`, and `attribute:NAME` for everything else.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from newsletter.model.subscriber import Address, Consent, Status
from newsletter.subscribers.addresses import BadAddress, parse_address
from newsletter.subscribers.importers.cells import cleaned as cleaned
from newsletter.subscribers.importers.cells import picked
from newsletter.subscribers.importers.moments import moment as moment
from newsletter.subscribers.importers.names import family_first
from newsletter.subscribers.importers.words import NO, PROVING_NOTHING, STATUSES, YES

_STATUS_OF: dict[str, Status | None] = {
    word: status for status, words in STATUSES.items() for word in words.split()
} | dict.fromkeys(PROVING_NOTHING)
"""None for a word that is known and says nothing of anybody's consent."""
FLAGS = {
    "complained": Status.COMPLAINED,
    "unsubscribed": Status.UNSUBSCRIBED,
    "bounced": Status.BOUNCED,
}
"""Columns that say one thing, by yes or no, by a number or by when; what weighs most comes first."""
LOWEST = (
    Status.COMPLAINED,
    Status.UNSUBSCRIBED,
    Status.BOUNCED,
    Status.PENDING,
    Status.CONFIRMED,
)
"""Of several that columns of one line say, the first of these holds."""
_ENHANCED = re.compile(r"([245])\.\d{1,3}\.\d{1,3}")
_NO_TIME = re.compile(r"0[0:/. T-]*")
"""What databases keep where there is no time: 0000-00-00 00:00:00."""


@dataclass(frozen=True, slots=True)
class Row:
    """One good line. `status` is None where the file says none, `consent` where it proves none; `line`
    counts from 1, the header's too; `file` is set for a file in an archive."""

    line: int
    address: Address
    name: str = ""
    language: str = ""
    status: Status | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    consent: Consent | None = None
    created: datetime.datetime | None = None
    list: str = ""
    suppressed: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Reject:
    """One line that cannot be used, and why, for a person."""

    line: int
    text: str
    reason: str
    file: str = ""


class Skip(ValueError):
    """A line that an importer leaves out; the text says why, for a person."""


def row_of(
    line: int, values: Mapping[str, str], file: str = "", *, ours: bool = False
) -> Row | Reject:
    """A line's values, stripped, as a row, or why it is none; `ours` are of an export of ours, whose texts mean nothing else."""
    typed = values.get("email", "")
    if not typed:
        return Reject(line, "", "there is no address in it", file)
    try:
        text, called = picked(typed)
        address = parse_address(text)
        status = _flagged(values, status_of(values.get("status", "")))
    except (BadAddress, ValueError) as caught:
        return Reject(line, typed, str(caught), file)
    created, left = _moment_or_text(values, "created")
    consent, also_left = _consent(values, created, ours)
    attributes = {
        name[10:]: cleaned(value)
        for name, value in values.items()
        if value and name.startswith("attribute:")
    }
    return Row(
        line,
        address,
        cleaned(values.get("name", "") or _joined(values) or called),
        cleaned(values.get("language", "")),
        status,
        attributes | left | also_left,
        consent,
        created,
        cleaned(values.get("list", "")),
        cleaned(values.get("suppressed", "")),
        file,
    )


def known_status(text: str) -> bool:
    try:
        status_of(text)
    except ValueError:
        return False
    return text != ""


def says_one_thing(text: str) -> bool:
    """Whether a cell is a yes, a no, a number, a time or a status."""
    lowered = text.lower()
    return (
        lowered in NO
        or lowered in YES
        or text.isdecimal()
        or known_status(text)
        or (text[:1] == "[" and all(word in _STATUS_OF for word in _listed(text)))
        or _NO_TIME.fullmatch(text) is not None
        or moment(text) is not None
        or _looks_like_time(text)
    )


def _looks_like_time(text: str) -> bool:
    return re.match(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\b", text) is not None


def _lowest(one: str, other: str) -> str:
    """Of what two columns of a status say in one line, what allows less. A word that nobody knows says nothing beside
    one that is known."""
    known = [text for text in (one, other) if known_status(text)]
    told = {status_of(text): text for text in reversed(known)}
    return next((told[status] for status in LOWEST if status in told), one or other)


def united(field: str, one: str, other: str) -> str:
    """What two columns of a field say together: what allows less."""
    if field == "status":
        return _lowest(one, other)
    if field in ("confirmed", "active"):
        return other if other.lower() in NO else one or other
    return one if says_yes(one) else other or one


def status_of(text: str) -> Status | None:
    """The status that a word of any product means; raises ValueError for one that nobody knows."""
    if not text:
        return None
    try:
        return _STATUS_OF[text]
    except KeyError:
        pass
    word = _word(text)
    if word in _STATUS_OF:
        return _STATUS_OF[word]
    if code := _ENHANCED.fullmatch(text):
        return Status.BOUNCED if code[1] == "5" else Status.CONFIRMED
    raise ValueError(f"unknown status: {text}")


def _flagged(values: Mapping[str, str], status: Status | None) -> Status | None:
    """The status with what further columns say: a yes for having left weighs more than a word for being there."""
    for name, means in FLAGS.items():
        said = values.get(name, "")
        if says_yes(said) and status is not Status.COMPLAINED:
            return _worst(said) or means
    if status in (None, Status.CONFIRMED):
        if values.get("active", "").lower() in NO:
            return Status.PENDING
        if said := values.get("confirmed", ""):
            return _confirmed(said)
    return status


def _worst(text: str) -> Status | None:
    """What a list such as `["UNSUBSCRIBE", "HARD_BOUNCE"]` says that allows least; None for what is no list."""
    found = [_STATUS_OF.get(word) for word in _listed(text)]
    return next((status for status in FLAGS.values() if status in found), None)


def _listed(text: str) -> list[str]:
    if text[:1] != "[":
        return []
    return [_word(one.strip("[] \"'")) for one in text.split(",")]


def _confirmed(said: str) -> Status:
    """What a column of whether somebody has confirmed says: yes, no, or a status."""
    if said.lower() in NO or _NO_TIME.fullmatch(said):
        return Status.PENDING
    return _STATUS_OF.get(_word(said)) or Status.CONFIRMED


def says_yes(text: str) -> bool:
    """Whether a column that says one thing says it: anything but a no, no time, or that mail is welcome."""
    lowered = text.lower()
    if not text or lowered in NO or _NO_TIME.fullmatch(text):
        return False
    if lowered in YES:
        return True
    word = _word(text)
    return word not in PROVING_NOTHING and _STATUS_OF.get(word) not in (
        Status.CONFIRMED,
        Status.PENDING,
    )


def _joined(values: Mapping[str, str]) -> str:
    """First and last name; in Chinese, Japanese and Korean the other way round, and with no space between."""
    first, last = values.get("first_name", ""), values.get("last_name", "")
    if first and last and all("\u2e80" <= character <= "\ud7ff" for character in first + last):
        return "".join(family_first(first, last))
    return f"{first} {last}".strip()


def _word(text: str) -> str:
    return "".join(c for c in text.lower() if c not in " _-.!")


def _consent(
    values: Mapping[str, str], created: datetime.datetime | None, ours: bool
) -> tuple[Consent | None, dict[str, str]]:
    """The file's own proof: a time, or a text without one, which is then dated by the subscriber's own."""
    when, left = _moment_or_text(values, "consent_when")
    text = cleaned(values.get("consent_text", ""))
    if text.lower() in NO and not ours:
        return None, left
    when = when or (created if text else None)
    if when is None:
        return None, left | ({"consent_text": text} if text else {})
    source, ip = values.get("consent_source", ""), values.get("consent_ip", "")
    return Consent(when, cleaned(source), text, cleaned(ip)), left


def _moment_or_text(
    values: Mapping[str, str], name: str
) -> tuple[datetime.datetime | None, dict[str, str]]:
    """The time of a field; what is none is kept as an attribute of the field's name."""
    text = values.get(name, "")
    if not text:
        return None, {}
    found = moment(text)
    return found, {} if found else {name: cleaned(text)}
