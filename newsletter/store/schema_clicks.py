"""More tables of `schema`: the counted links of a campaign's mail, and how they were followed."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from newsletter.store.columns import Id, UtcTime, id_column, metadata, refers

campaign_links = Table(
    "campaign_links",
    metadata,
    Column("campaign_id", Id, ForeignKey("campaigns.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("url", Text, nullable=False),
    Column("words", Text, nullable=False),
)
"""Where each counted link leads, as it was frozen: the only place that a click is ever sent to."""

clicks = Table(
    "clicks",
    metadata,
    id_column(),
    refers("campaign_id", "campaigns"),
    Column("number", Integer, nullable=False),
    Column("subscriber_id", Id, ForeignKey("subscribers.id"), index=True),
    Column("at", UtcTime, nullable=False),
    Column("automated", String(20), nullable=False),
    Index("ix_clicks_campaign_id_number", "campaign_id", "number"),
    sqlite_autoincrement=True,
)
"""One row a click. Without `subscriber_id` it is nobody's, and `at` is a full hour. `automated` says why it is taken
for a machine's. No address of a network and no name of a browser is kept."""
