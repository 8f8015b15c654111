"""Substack's export: `email_list.<name>.csv`, alone or in the ZIP, whose posts and records of who opened them are left out;
or the table of the dashboard.

`email_disabled` is true for whoever wants no mail. Addresses that stand for a request to be deleted are
skipped. `created_at` is when the person signed up.
"""

from __future__ import annotations

from collections.abc import Mapping

from newsletter.subscribers.importers.products import rest
from newsletter.subscribers.importers.rows import Skip

NAME = "substack"
_DASHBOARD = frozenset({"email", "email disabled", "start date", "stripe plan"})
_PLAIN = {
    "email": "email",
    "name": "name",
    "email disabled": "email_disabled",
    "start date": "created_at",
}
_DELETED = "@deletion-request.substack.com"


def recognises(columns: frozenset[str], file: str) -> bool:
    named = {column.lower() for column in columns}
    return {"email", "email_disabled", "expiry"} <= columns or named >= _DASHBOARD


def values(cells: Mapping[str, str], file: str) -> dict[str, str]:
    if "Email" in cells:
        cells = {_PLAIN.get(column.lower(), column): cell for column, cell in cells.items()}
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
