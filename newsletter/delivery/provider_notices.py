"""Notices of Amazon SES by mail (its SNS topics with an e-mail subscription): JSON where others write a report.

Only what names somebody is read: bounces and complaints. Nothing here raises; what is no such notice is None.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Notice:
    """`complaint`, or a bounce; `people` are address, status and diagnostic."""

    complaint: bool
    people: tuple[tuple[str, str, str], ...]


def notice_in(text: str) -> Notice | None:
    """The notice that a mail's text is."""
    data = _object(text)
    if data.get("Type") == "Notification" and isinstance(data.get("Message"), str):
        data = _object(str(data["Message"]))
    kind = str(data.get("notificationType") or data.get("eventType") or "")
    if kind == "Complaint":
        people = _people(data.get("complaint"), "complainedRecipients")
        return Notice(True, people) if people else None
    if kind == "Bounce":
        people = _people(data.get("bounce"), "bouncedRecipients")
        return Notice(False, people) if people else None
    return None


def _object(text: str) -> dict[str, Any]:
    start = text.find("{")
    if start < 0 or text[:start].strip():
        return {}
    try:
        found, _ = json.JSONDecoder(strict=False).raw_decode(text[start:])
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _people(part: Any, key: str) -> tuple[tuple[str, str, str], ...]:
    rows = part.get(key) if isinstance(part, dict) else None
    if not isinstance(rows, list):
        return ()
    return tuple(
        (str(row["emailAddress"]), str(row.get("status", "")), _told(row))
        for row in rows
        if isinstance(row, dict) and "@" in str(row.get("emailAddress", ""))
    )


def _told(row: dict[str, Any]) -> str:
    told = " ".join(str(row.get("diagnosticCode", "")).split())
    return told.partition(";")[2].strip() if told.lower().startswith("smtp;") else told
