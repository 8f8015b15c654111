"""Ghost's members export: one CSV with `subscribed_to_emails` and `labels`.

It does not say who bounced or complained: export those as well, and import them with a column `status`.
"""

from __future__ import annotations

from collections.abc import Mapping

from newsletter.subscribers.importers.products import rest
from newsletter.subscribers.importers.rows import Skip

NAME = "ghost"


def recognises(columns: frozenset[str], file: str) -> bool:
    return {"email", "subscribed_to_emails"} <= columns


def values(cells: Mapping[str, str], file: str) -> dict[str, str]:
    if cells.get("deleted_at"):
        raise Skip("a deleted member")
    subscribed = cells["subscribed_to_emails"].lower() in ("true", "1")
    disabled = cells.get("email_disabled", "").lower() in ("true", "1")
    created = cells.get("created_at", "")
    used = ("email", "name", "subscribed_to_emails", "created_at", "deleted_at", "email_disabled")
    return {
        "email": cells["email"],
        "name": cells.get("name", ""),
        "status": "bounced" if disabled else "subscribed" if subscribed else "unsubscribed",
        "created": created,
        "consent_when": created if subscribed else "",
        "consent_source": "ghost",
        **rest(cells, *used),
    }
