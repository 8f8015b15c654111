"""Substack's export: `email_list.<name>.csv`, alone or in the ZIP, whose posts are left out.

`email_disabled` is true for whoever wants no mail. Addresses that stand for a request to be deleted are
skipped. `created_at` is when the person signed up.
"""

from __future__ import annotations

from collections.abc import Mapping

from newsletter.subscribers.importers.products import rest
from newsletter.subscribers.importers.rows import Skip

NAME = "substack"
_DELETED = "@deletion-request.substack.com"


def recognises(columns: frozenset[str], file: str) -> bool:
    return {"email", "email_disabled", "expiry"} <= columns


def values(cells: Mapping[str, str], file: str) -> dict[str, str]:
    if cells["email"].lower().endswith(_DELETED):
        raise Skip("somebody who asked to be deleted")
    disabled = cells["email_disabled"].lower() in ("true", "1", "t")
    created = cells.get("created_at", "")
    return {
        "email": cells["email"],
        "name": cells.get("name", ""),
        "status": "unsubscribed" if disabled else "subscribed",
        "created": created,
        "consent_when": created,
        "consent_source": "substack",
        **rest(cells, "email", "name", "email_disabled", "created_at"),
    }
