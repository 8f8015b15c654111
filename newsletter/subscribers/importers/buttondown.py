"""Buttondown's subscribers export. `metadata` is a Python literal or JSON and becomes attributes; tags are kept.

A type that is not known here is pending. `subscription_date` (else `creation_date`) with the IP address is the consent of whoever is subscribed.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any

from newsletter.subscribers.importers.products import rest

NAME = "buttondown"
_SUBSCRIBED = frozenset(
    [
        "regular",
        "premium",
        "gifted",
        "trialed",
        "churning",
        "churned",
        "past_due",
        "imported",
    ]
)
_STATUS = {
    "unactivated": "pending",
    "unpaid": "pending",
    "unsubscribed": "unsubscribed",
    "removed": "unsubscribed",
    "paused": "unsubscribed",
    "blocked": "unsubscribed",
    "undeliverable": "bounced",
    "complained": "complained",
    "spammy": "unsubscribed",
    "upcoming": "pending",
}
_USED = (
    "email",
    "email_address",
    "subscriber_type",
    "type",
    "ip_address",
    "subscription_date",
    "creation_date",
    "metadata",
    "tags",
)


def recognises(columns: frozenset[str], file: str) -> bool:
    if {"email_address", "type", "creation_date"} <= columns:
        return True  # as the API and the JSON export call them
    return {"subscriber_type", "metadata"} <= columns and bool({"email", "email_address"} & columns)


def values(cells: Mapping[str, str], file: str) -> dict[str, str]:
    kind = (cells.get("subscriber_type") or cells.get("type", "")).lower()
    # A kind that came after this was written proves nothing.
    status = "subscribed" if kind in _SUBSCRIBED else _STATUS.get(kind, "pending")
    proven = status == "subscribed"
    when = cells.get("subscription_date") or cells.get("creation_date", "")
    return {
        "email": cells.get("email") or cells.get("email_address", ""),
        "status": status,
        "suppressed": "blocked in Buttondown" if kind == "blocked" else "",
        "created": cells.get("creation_date", ""),
        "consent_when": when if proven else "",
        "consent_ip": cells.get("ip_address", "") if proven else "",
        "consent_source": "buttondown",
        "attribute:tags": cells.get("tags", ""),
        "attribute:subscriber_type": kind,
        **_metadata(cells.get("metadata", "")),
        **rest(cells, *_USED),
    }


def _metadata(text: str) -> dict[str, str]:
    found = _literal(text) if text else {}
    if not isinstance(found, dict):
        return {"attribute:metadata": text}
    return {
        f"attribute:{name}": value
        if isinstance(value, str)
        else json.dumps(value, ensure_ascii=False)
        for name, value in found.items()
    }


def _literal(text: str) -> Any:
    for parse in (json.loads, ast.literal_eval):
        try:
            return parse(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            continue
    return None
