"""What every importer yields, and how columns and statuses of other products are understood."""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from newsletter.model.subscriber import Address, Consent, Status
from newsletter.problems import UsageError
from newsletter.subscribers.addresses import BadAddress, parse_address

FIELDS = (
    "email",
    "name",
    "first_name",
    "last_name",
    "language",
    "status",
    "created",
    "consent_when",
    "consent_source",
    "consent_text",
    "list",
)
"""What a column may be; any other one becomes an attribute of its own name."""

IGNORED = "-"
"""`--map COLUMN=-` leaves a column out."""

_ALIASES = {
    "email": "email e-mail mail address emailaddress e-mailaddress subscriberemail 邮箱 电子邮箱 邮件 邮件地址 电子邮件 邮箱地址 電郵 電子郵件 メール メールアドレス",
    "name": "name fullname displayname subscribername 姓名 名字 名称 称呼 昵称 氏名 お名前",
    "first_name": "firstname givenname forename vorname prénom 名",
    "last_name": "lastname surname familyname nachname 姓",
    "language": "language lang locale 语言 語言",
    "status": "status state subscriptionstatus subscribed 状态 狀態 订阅状态",
    "created": "created createdat",
    "consent_when": "consentwhen",
    "consent_source": "consentsource",
    "consent_text": "consenttext",
    "list": "list",
}
_FIELD_OF = {alias: name for name, aliases in _ALIASES.items() for alias in aliases.split()}

_STATUSES = {
    Status.CONFIRMED: "confirmed subscribed active enabled true yes 1 正常 已订阅 订阅 有效",
    Status.PENDING: "pending unconfirmed waiting 待确认 未确认",
    Status.UNSUBSCRIBED: "unsubscribed inactive disabled optedout removed blocklisted false no 0 已退订 退订 取消订阅",
    Status.BOUNCED: "bounced cleaned hardbounced hardbounce undeliverable invalid 退信 无效",
    Status.COMPLAINED: "complained complaint spam abuse spamcomplaint 投诉",
}
_STATUS_OF = {word: status for status, words in _STATUSES.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class Row:
    """One good line. `status` is None where the file says none; `line` counts from 1, the header's too."""

    line: int
    address: Address
    name: str = ""
    language: str = ""
    status: Status | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    consent: Consent | None = None
    created: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """One line that cannot be used, and why, for a person."""

    line: int
    text: str
    reason: str


def fields_of(header: list[str], mapping: Mapping[str, str]) -> list[str]:
    """Which field each column is: one of FIELDS, IGNORED, or `attribute:NAME`.

    Raises UsageError when a mapped column is not there, or no column holds addresses.
    """
    missing = [column for column in mapping if column not in header]
    if missing:
        raise UsageError(
            f"there is no column {missing[0]!r}", f"The file has: {', '.join(map(repr, header))}"
        )
    found = [_field(column.strip(), mapping.get(column, "")) for column in header]
    for name in FIELDS:
        if found.count(name) > 1:
            mapped = [column for column, to in mapping.items() if to == name]
            _keep_one(found, name, header.index(mapped[0]) if mapped else found.index(name), header)
    if "email" not in found:
        raise UsageError(
            "no column of the file holds mail addresses",
            f"Name one: --map COLUMN=email. The file has: {', '.join(map(repr, header))}",
        )
    return found


def row_of(line: int, cells: list[str], fields: list[str]) -> Row | Reject:
    """A line as a row, or why it is none."""
    values = {name: cell.strip() for name, cell in zip(fields, cells, strict=False)}
    typed = values.get("email", "")
    if not typed:
        return Reject(line, "", "there is no address in it")
    if len(cells) > len(fields) and any(cell.strip() for cell in cells[len(fields) :]):
        return Reject(line, typed, f"it has {len(cells)} cells, the header {len(fields)}")
    try:
        address = parse_address(typed)
        status = _status(values.get("status", ""))
        consent = _consent(values)
        created = _moment(values.get("created", ""))
    except (BadAddress, ValueError) as caught:
        return Reject(line, typed, str(caught))
    joined = f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()
    return Row(
        line,
        address,
        _clean(values.get("name", "") or joined),
        _clean(values.get("language", "")),
        status,
        {
            name.removeprefix("attribute:"): _clean(value)
            for name, value in values.items()
            if name.startswith("attribute:") and value
        },
        consent,
        created,
    )


def column_of(attribute: str) -> str:
    """The header under which an attribute is read back: its name, marked where that would mean a field."""
    return (
        attribute if _field(attribute, "") == f"attribute:{attribute}" else f"attribute:{attribute}"
    )


def _field(column: str, mapped: str) -> str:
    if mapped == IGNORED or mapped in FIELDS:
        return mapped
    if mapped:
        return f"attribute:{mapped.removeprefix('attribute:')}"
    if column.startswith("attribute:"):
        return column
    plain = "".join(c for c in unicodedata.normalize("NFKC", column).lower() if c not in " _-")
    return (
        _FIELD_OF.get(plain)
        or _FIELD_OF.get(column.lower())
        or (f"attribute:{column}" if column else IGNORED)
    )


def _keep_one(found: list[str], name: str, keep: int, header: list[str]) -> None:
    """Where two columns mean the same, one is it and the others are attributes."""
    for at, other in enumerate(found):
        if other == name and at != keep:
            found[at] = f"attribute:{header[at].strip()}"


def _status(text: str) -> Status | None:
    if not text:
        return None
    word = "".join(c for c in text.lower() if c not in " _-")
    if word not in _STATUS_OF:
        raise ValueError(f"unknown status: {text}")
    return _STATUS_OF[word]


def _consent(values: Mapping[str, str]) -> Consent | None:
    when = _moment(values.get("consent_when", ""))
    if when is None:
        return None
    return Consent(when, values.get("consent_source", ""), values.get("consent_text", ""))


def _moment(text: str) -> datetime.datetime | None:
    if not text:
        return None
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"not a date and time: {text}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def _clean(text: str) -> str:
    """A value in one form, without NULs and control characters, which no name has."""
    normal = unicodedata.normalize("NFC", text)
    return "".join(c for c in normal if c >= " " and c != "\x7f" and not "\ud800" <= c <= "\udfff")
