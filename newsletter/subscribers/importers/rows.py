"""What every importer yields: good lines as `Row`, the others as `Reject`, both with where they stand.

Values arrive as texts under the names of `columns.FIELDS`, and `attribute:NAME` for everything else.
"""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from newsletter.model.subscriber import Address, Consent, Status
from newsletter.subscribers.addresses import BadAddress, parse_address

_STATUSES = {
    Status.CONFIRMED: "confirmed subscribed active enabled optedin true yes y 1 正常 已订阅 订阅 有效 已訂閱 購読中 구독",
    Status.PENDING: "pending unconfirmed waiting unactivated unverified validating neversubscribed "
    "待确认 未确认 待確認 未確認",
    Status.UNSUBSCRIBED: "unsubscribed unsubscribe inactive disabled optedout optout removed deleted cancelled "
    "canceled blocklisted blacklisted blocked false no n 0 已退订 退订 取消订阅 已退訂 退訂 解除 구독취소",
    Status.BOUNCED: "bounced bounce cleaned hardbounced hardbounce undeliverable invalid 退信 无效 無效",
    Status.COMPLAINED: "complained complaint spam junk abuse spamcomplaint markedasspam 投诉 投訴",
}
_STATUS_OF = {word: status for status, words in _STATUSES.items() for word in words.split()}
_NO = frozenset(["false", "no", "n", "0", "none", "null", "-", "off", "nein", "non", "否", "无"])
_FORMATS = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%d.%m.%Y %H:%M", "%d.%m.%Y")


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


def row_of(line: int, values: Mapping[str, str], file: str = "") -> Row | Reject:
    """A line's values, stripped, as a row, or why it is none."""
    typed = values.get("email", "")
    if not typed:
        return Reject(line, "", "there is no address in it", file)
    try:
        address = parse_address(typed)
        status = status_of(values.get("status", ""))
    except (BadAddress, ValueError) as caught:
        return Reject(line, typed, str(caught), file)
    created, left = _moment_or_text(values, "created")
    consent, also_left = _consent(values, created)
    attributes = {
        name[10:]: cleaned(value)
        for name, value in values.items()
        if value and name.startswith("attribute:")
    }
    return Row(
        line,
        address,
        cleaned(values.get("name", "") or _joined(values)),
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
    return _word(text) in _STATUS_OF


def status_of(text: str) -> Status | None:
    """The status that a word of any product means; raises ValueError for one that nobody knows."""
    if not text:
        return None
    try:
        return _STATUS_OF[text]
    except KeyError:
        pass
    found = _STATUS_OF.get(_word(text))
    if found is None:
        raise ValueError(f"unknown status: {text}")
    return found


def moment(text: str) -> datetime.datetime | None:
    """A date and time as files write them, UTC where they do not say; None for anything else."""
    try:
        found = datetime.datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        for form in _FORMATS:
            try:
                found = datetime.datetime.strptime(text, form)  # noqa: DTZ007
                break
            except ValueError:
                continue
        else:
            return None
    try:
        return (
            found.replace(tzinfo=datetime.UTC)
            if found.tzinfo is None
            else found.astimezone(datetime.UTC)
        )
    except OverflowError:
        return None


def cleaned(text: str) -> str:
    """A value in one form, without NULs and control characters, which no name has."""
    if text.isascii() and text.isprintable():
        return text
    normal = unicodedata.normalize("NFC", text)
    return "".join(c for c in normal if c >= " " and c != "\x7f" and not "\ud800" <= c <= "\udfff")


def _joined(values: Mapping[str, str]) -> str:
    return f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()


def _word(text: str) -> str:
    return "".join(c for c in text.lower() if c not in " _-")


def _consent(
    values: Mapping[str, str], created: datetime.datetime | None
) -> tuple[Consent | None, dict[str, str]]:
    """The file's own proof: a time, or a text without one, which is then dated by the subscriber's own."""
    when, left = _moment_or_text(values, "consent_when")
    text = cleaned(values.get("consent_text", ""))
    if text.lower() in _NO:
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
