"""How far a campaign was at some moments: samples for its rate, its end and its chart."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from newsletter.model.campaign import Sample
from newsletter.store.events import now
from newsletter.store.schema import campaign_progress


def keep_sample(connection: Connection, campaign: int, done: int) -> None:
    """Writes down that so many deliveries of a campaign have ended by now."""
    connection.execute(insert(campaign_progress).values(campaign_id=campaign, at=now(), done=done))


def samples_of(
    connection: Connection, campaign: int, since: datetime.datetime | None = None
) -> tuple[Sample, ...]:
    """The samples of a campaign by time, all or those since a moment."""
    query = select(campaign_progress).where(campaign_progress.c.campaign_id == campaign)
    if since is not None:
        query = query.where(campaign_progress.c.at >= since)
    rows = connection.execute(query.order_by(campaign_progress.c.at))
    return tuple(_sample(row) for row in rows)


def _sample(row: Row[Any]) -> Sample:
    return Sample(row.at, int(row.done))
