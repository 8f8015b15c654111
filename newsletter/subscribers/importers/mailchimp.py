"""Mailchimp's audience export: `subscribed_…csv`, `unsubscribed_…csv`, `cleaned_…csv`, in a ZIP or alone.

The status is in the file's name and in the columns that only one kind of file has. The first column is
the address, whatever language its name is in. Consent is the time and IP of confirming, else of opting in.
"""

from __future__ import annotations

from collections.abc import Mapping

from newsletter.subscribers.importers.columns import field_of
from newsletter.subscribers.importers.products import rest

NAME = "mailchimp"
_OURS = frozenset({"MEMBER_RATING", "OPTIN_TIME", "CONFIRM_TIME", "LEID", "EUID"})
_STATUS = {
    "unsubscribed": "unsubscribed",
    "cleaned": "cleaned",
    "nonsubscribed": "pending",
    "subscribed": "subscribed",
}
_USED = ("OPTIN_TIME", "OPTIN_IP", "CONFIRM_TIME", "CONFIRM_IP", "TAGS")


def recognises(columns: frozenset[str], file: str) -> bool:
    return len(_OURS & columns) >= 3 or columns >= {"LEID", "EUID"}


def values(cells: Mapping[str, str], file: str) -> dict[str, str]:
    email = "Email Address" if "Email Address" in cells else next(iter(cells))
    confirmed = cells.get("CONFIRM_TIME") or ""
    first, last = (_named(cells, field, email) for field in ("first_name", "last_name"))
    tags = [tag.strip().strip('"') for tag in cells.get("TAGS", "").split(",")]
    return {
        "email": cells[email],
        "first_name": cells.get(first, ""),
        "last_name": cells.get(last, ""),
        "status": _status(cells, file),
        "consent_when": confirmed or cells.get("OPTIN_TIME", ""),
        "consent_ip": cells.get("CONFIRM_IP" if confirmed else "OPTIN_IP", ""),
        "consent_source": "mailchimp",
        "attribute:tags": "; ".join(tag for tag in tags if tag),
        **rest(cells, email, first, last, *_USED),
    }


def _named(cells: Mapping[str, str], field: str, email: str) -> str:
    """The column of a name, in whatever language the audience was made."""
    return next((one for one in cells if one != email and field_of(one) == field), "")


def _status(cells: Mapping[str, str], file: str) -> str:
    if "UNSUB_TIME" in cells:
        return "unsubscribed"
    if "CLEAN_TIME" in cells:
        return "cleaned"
    name = file.rpartition("/")[2].lower()
    return next((status for start, status in _STATUS.items() if name.startswith(start)), "")
