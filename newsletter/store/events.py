"""The event log: append only, ids only. What changed, when, and by whom or what."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import Connection, insert

from newsletter.store.schema import events


def log(
    connection: Connection,
    kind: str,
    actor: str,
    *,
    subscriber: int | None = None,
    list_id: int | None = None,
    campaign: int | None = None,
    **data: Any,
) -> None:
    """Writes one event down. `data` holds no address."""
    connection.execute(
        insert(events),
        [event(kind, actor, subscriber=subscriber, list_id=list_id, campaign=campaign, **data)],
    )


def event(
    kind: str,
    actor: str,
    *,
    subscriber: int | None = None,
    list_id: int | None = None,
    campaign: int | None = None,
    **data: Any,
) -> dict[str, Any]:
    """The row of an event, for writing many at once."""
    return {
        "at": now(),
        "kind": kind,
        "actor": actor,
        "subscriber_id": subscriber,
        "list_id": list_id,
        "campaign_id": campaign,
        "data": data,
    }


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
