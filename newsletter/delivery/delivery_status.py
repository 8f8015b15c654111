"""The fields of a delivery report (RFC 3464, RFC 6533), however the parser or a server cut them up.

Only the report's own parts are read: a mail that it encloses may be a report itself. Where a broken boundary or a
mail program has turned the fields into text, they are read from the text.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any

from newsletter.delivery.replies import enhanced_code

_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_REACHED = frozenset({"delivered", "relayed", "expanded", "deliverable"})
_IN_WORDS = re.compile(
    r"^(?:final|original)-recipient ?: ?(?:rfc822|utf-8) ?;", re.IGNORECASE | re.MULTILINE
)
_REJECTED = re.compile(r"\bwas automatically rejected\b", re.IGNORECASE)
_PEOPLE = ("final-recipient", "original-recipient")
LONGEST = 4_000
"""Characters of a server's words that are looked at."""
_ADDRESS = re.compile(
    r"[^\s<>()\[\]\",;:`|\\]{1,128}@[A-Za-z0-9\u0080-\uffff_-]{1,63}(?:\.[A-Za-z0-9\u0080-\uffff_-]{1,63}){1,8}"
)
"""An address that stands alone in a field; RFC 6533 allows any script."""
_PREFIX = re.compile(r"^\s*(?:rfc822|utf-8|smtp|x-[\w-]+)\s*;\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fields:
    """What a report says of one person. `address` is the one that was written to; empty where it is none."""

    address: str
    action: str
    status: str
    diagnostic: str

    @property
    def succeeded(self) -> bool:
        return self.action in _REACHED or self.status.startswith("2.")


def reported(message: Message) -> list[Fields]:
    """The people of a delivery report, each once."""
    groups = [
        group
        for part in own_parts(message)
        if part.get_content_type() in _STATUS_TYPES
        for group in _groups(part)
    ]
    return _people(groups)


def reported_in_words(text: str) -> list[Fields]:
    """The same from a text that has such fields in it."""
    return _people(list(_groups_of(text))) if _IN_WORDS.search(text) else []


def rejected_after_all(message: Message, text: str) -> Fields | None:
    """Whom a notice of disposition (RFC 8098) names that is none: Dovecot answers so for a mailbox that takes no more
    mail, and for a rule of its owner's."""
    for part in own_parts(message):
        if part.get_content_type() == "message/disposition-notification":
            fields = fields_of(part)
            automatic = "mdn-sent-automatically" in fields.get("disposition", "").lower()
            address = plain_address(fields.get("final-recipient", ""))
            if automatic and address and _REJECTED.search(text[:LONGEST]):
                return Fields(address, "failed", "", " ".join(text[:500].split()))
    return None


def own_parts(message: Message) -> Iterator[Message]:
    """The parts of a mail, without those of a mail that it encloses."""
    yield message
    payload: Any = message.get_payload()
    kind = message.get_content_type()
    if isinstance(payload, list) and kind != "message/rfc822" and kind not in _STATUS_TYPES:
        for part in payload:
            yield from own_parts(part)


def fields_of(part: Message) -> dict[str, str]:
    """All fields of a report's part as one group."""
    found: dict[str, str] = {}
    for items in _items(part):
        found |= dict(items)
    return found


def every_field(part: Message, *names: str) -> list[str]:
    """The values of fields that may stand there more than once, in their order."""
    return [value for items in _items(part) for name, value in items if name in names]


def plain_address(value: str) -> str:
    """The address of a field such as `rfc822; <a@b.example>`; empty when there is none in it."""
    found = _ADDRESS.search(_PREFIX.sub("", value))
    return found[0].strip(".'`") if found else ""


def _people(groups: list[dict[str, str]]) -> list[Fields]:
    found: dict[str, Fields] = {}
    for group in groups:
        if "final-recipient" not in group and "original-recipient" not in group:
            continue
        address = plain_address(group.get("original-recipient", "")) or plain_address(
            group.get("final-recipient", "")
        )
        status = enhanced_code(group.get("status", "")) or group.get("status", "").strip()[:20]
        diagnostic = " ".join(group.get("diagnostic-code", "")[:LONGEST].split())
        told = diagnostic.partition(";")[2].strip() or diagnostic
        action = group.get("action", "").lower().split()
        one = Fields(address, action[0].strip(";") if action else "", status, told)
        found.setdefault(address.lower(), one)
    return list(found.values())


def _groups(part: Message) -> Iterator[dict[str, str]]:
    """The fields that belong together: those between empty lines, and where a server has left these out, those from
    one recipient to the next."""
    for items in _items(part):
        yield from _grouped(items)


def _groups_of(text: str) -> Iterator[dict[str, str]]:
    for items in _items_of(text):
        yield from _grouped(items)


def _grouped(items: list[tuple[str, str]]) -> Iterator[dict[str, str]]:
    group: dict[str, str] = {}
    told = False
    for name, value in items:
        if name in _PEOPLE and (told or name in group):
            yield group
            group, told = {}, False
        told = told or (name in ("action", "status") and any(one in group for one in _PEOPLE))
        group[name] = value
    yield group


def _items(part: Message) -> Iterator[list[tuple[str, str]]]:
    payload: Any = part.get_payload()
    inner = (
        [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []
    )
    for one in inner:
        if one.keys():
            yield [(name.lower(), str(value)) for name, value in one.items()]
        if isinstance(one.get_payload(), str):
            yield from _items_of(str(one.get_payload()))
    if not inner:
        data = part.get_payload(decode=True)
        yield from _items_of(
            data.decode("utf-8", "replace") if isinstance(data, bytes) else str(payload)
        )


def _items_of(text: str) -> Iterator[list[tuple[str, str]]]:
    for block in re.split(r"\r?\n[ \t]*\r?\n", text):
        if found := email.message_from_string(block).items():
            yield [(name.lower(), str(value)) for name, value in found]
