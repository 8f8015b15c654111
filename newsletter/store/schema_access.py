"""More tables of `schema`: what readers and programs ask for by themselves."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from newsletter.store.columns import Id, UtcTime, metadata

pauses = Table(
    "pauses",
    metadata,
    Column("subscriber_id", Id, ForeignKey("subscribers.id"), primary_key=True),
    Column("until", UtcTime, nullable=False),
)
"""Who wants no mail until a moment, and all of it after."""

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("name", String(100), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("hint", String(20), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("made", UtcTime, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("used", UtcTime),
    Column("until", UtcTime),
    Column("revoked", UtcTime),
    sqlite_autoincrement=True,
)
"""Keys of programs; `hash` is the SHA-256 of a key of 256 random bits, which is nowhere else."""

api_answers = Table(
    "api_answers",
    metadata,
    Column("api_key_id", Id, ForeignKey("api_keys.id"), primary_key=True),
    Column("hash", String(64), primary_key=True),
    Column("asked", String(64), nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
    Column("status", Integer),
    Column("headers", JSON, nullable=False, default=dict),
    Column("body", LargeBinary, nullable=False, default=b""),
    Column("subscriber_id", Id, index=True),
)
"""What was answered to requests with an Idempotency-Key, for a day; `status` is empty while one is under way.
`hash` is that of the header, `asked` that of the request. `subscriber_id` is whom an answer names."""
