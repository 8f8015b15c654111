"""listmonk's subscribers, as its CSV or as its API's JSON. `status` is the person's, not a subscription's: `enabled`
proves nothing about any list, `disabled` is unsubscribed, `blocklisted` is suppressed.

Only the JSON tells of subscriptions, a record for each list: what allows least of the person's status and the
subscription's holds. `unconfirmed` is pending on a list of double opt-in, and proves nothing on one of single.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from newsletter.subscribers.importers.json import OF_LIST
from newsletter.subscribers.importers.products import rest

NAME = "listmonk"
_STATUS = {"enabled": "", "disabled": "unsubscribed", "blocklisted": "unsubscribed"}
_SUBSCRIPTION = f"{OF_LIST}subscription_status"
_OWN = ("id", "uuid", "email", "name", "attributes", "status", "created_at", "updated_at")


def recognises(columns: frozenset[str], file: str) -> bool:
    if not {"uuid", "email", "status"} <= columns:
        return False
    return "attributes" in columns or _SUBSCRIPTION in columns


def values(cells: Mapping[str, str], file: str) -> dict[str, str]:
    person = cells["status"].lower()
    used = (*_OWN, *(column for column in cells if column.startswith(OF_LIST)))
    return {
        "email": cells["email"],
        "name": cells.get("name", ""),
        "status": _STATUS.get(person, person) or _of_subscription(cells),
        "suppressed": "blocklisted in listmonk" if person == "blocklisted" else "",
        "created": cells.get("created_at", ""),
        "list": cells.get(f"{OF_LIST}name", ""),
        **_consent(cells),
        **_attributes(cells.get("attributes", "")),
        **rest(cells, *used),
    }


def _of_subscription(cells: Mapping[str, str]) -> str:
    said = cells.get(_SUBSCRIPTION, "").lower()
    if said == "unconfirmed" and cells.get(f"{OF_LIST}optin", "") == "single":
        return ""
    return said


def _consent(cells: Mapping[str, str]) -> dict[str, str]:
    """A confirmed subscription was last changed when it was confirmed."""
    if cells.get(_SUBSCRIPTION, "").lower() != "confirmed":
        return {}
    when = cells.get(f"{OF_LIST}subscription_updated_at", "")
    return {"consent_when": when, "consent_source": "listmonk"}


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
