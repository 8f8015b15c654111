"""Kit's (ConvertKit's) subscribers as its API gives them: JSON, or a table with the same columns.

Its `inactive` is somebody who was asked to confirm and has not answered, so that they wait; elsewhere that word is said
of people who have left. `cancelled` is unsubscribed.
"""

from __future__ import annotations

from collections.abc import Mapping

from newsletter.subscribers.importers.columns import field_of
from newsletter.subscribers.importers.products import rest

NAME = "kit"
_WAITS = "inactive"


def recognises(columns: frozenset[str], file: str) -> bool:
    return {"email_address", "first_name", "state"} <= columns


def values(cells: Mapping[str, str], file: str) -> dict[str, str]:
    state = cells["state"]
    last = next((one for one in cells if field_of(one) == "last_name"), "")
    return {
        "email": cells["email_address"],
        "first_name": cells["first_name"],
        "last_name": cells.get(last, ""),
        "status": "pending" if state.lower() == _WAITS else state,
        "created": cells.get("created_at", ""),
        **rest(cells, "id", "email_address", "first_name", "state", "created_at", last),
    }
