"""listmonk's subscribers export. `status` there is the person's, not a subscription's: `enabled` proves nothing
about any list, so it counts as said nowhere; `disabled` is unsubscribed; `blocklisted` is suppressed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from newsletter.subscribers.importers.products import rest

NAME = "listmonk"
_STATUS = {"enabled": "", "disabled": "unsubscribed", "blocklisted": "unsubscribed"}


def recognises(columns: frozenset[str], file: str) -> bool:
    return {"uuid", "email", "attributes", "status"} <= columns


def values(cells: Mapping[str, str], file: str) -> dict[str, str]:
    status = cells["status"].lower()
    used = ("uuid", "email", "name", "attributes", "status", "created_at", "updated_at")
    return {
        "email": cells["email"],
        "name": cells.get("name", ""),
        "status": _STATUS.get(status, status),
        "suppressed": "blocklisted in listmonk" if status == "blocklisted" else "",
        "created": cells.get("created_at", ""),
        **_attributes(cells["attributes"]),
        **rest(cells, *used),
    }


def _attributes(text: str) -> dict[str, str]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {"attribute:attributes": text}
    if not isinstance(found, dict):
        return {"attribute:attributes": text}
    return {
        f"attribute:{name}": value
        if isinstance(value, str)
        else json.dumps(value, ensure_ascii=False)
        for name, value in found.items()
    }
