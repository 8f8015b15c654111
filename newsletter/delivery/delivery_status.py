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
from newsletter.delivery.report_words import ADDRESS

_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_REACHED = frozenset({"delivered", "relayed", "expanded", "deliverable"})
_IN_WORDS = re.compile(
    r"^(?:final|original)-recipient ?: ?(?:rfc822|utf-8) ?;", re.IGNORECASE | re.MULTILINE
)
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
    for group in _groups(part):
        found |= group
    return found


def plain_address(value: str) -> str:
    """The address of a field such as `rfc822; <a@b.example>`; empty when there is none in it."""
    found = ADDRESS.search(_PREFIX.sub("", value))
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
        diagnostic = " ".join(group.get("diagnostic-code", "").split())
        told = diagnostic.partition(";")[2].strip() or diagnostic
        action = group.get("action", "").lower().split()
        one = Fields(address, action[0].strip(";") if action else "", status, told)
        found.setdefault(address.lower(), one)
    return list(found.values())


def _groups(part: Message) -> Iterator[dict[str, str]]:
    payload: Any = part.get_payload()
    inner = (
        [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []
    )
    for one in inner:
        fields = {name.lower(): str(value) for name, value in one.items()}
        if fields:
            yield fields
        if isinstance(one.get_payload(), str):
            yield from _groups_of(str(one.get_payload()))
    if not inner:
        data = part.get_payload(decode=True)
        yield from _groups_of(
            data.decode("utf-8", "replace") if isinstance(data, bytes) else str(payload)
        )


def _groups_of(text: str) -> Iterator[dict[str, str]]:
    for block in re.split(r"\r?\n[ \t]*\r?\n", text):
        fields = {
            name.lower(): str(value) for name, value in email.message_from_string(block).items()
        }
        if fields:
            yield fields
