"""One more table of `schema`: what is known of how many people are in a segment (`standing_counts`)."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from newsletter.store.columns import Id, metadata

segment_counts = Table(
    "segment_counts",
    metadata,
    Column("block", Id, primary_key=True, autoincrement=False),
    Column("segment_id", Id, ForeignKey("segments.id"), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("claim", String(16), nullable=False),
    Column("people", Integer),
)
"""How many of the people numbered from `block` * 4096 on are in a segment, by the condition that `digest` stands for.
Triggers delete the rows of a block when somebody in it changes. Without `people`, the one who made the `claim` is
counting just now."""
