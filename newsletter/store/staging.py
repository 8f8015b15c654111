"""The temporary table that an import lays its lines in, so that the database compares them all at once."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Integer, MetaData, Table, Text

from newsletter.store.columns import Id, UtcTime

staging = Table(
    "staging",
    MetaData(),
    Column("position", Integer, primary_key=True),
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("attributes", JSON, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("list_id", Id, nullable=False),
    Column("status", Text, nullable=False),
    Column("consent_when", UtcTime),
    Column("consent_source", Text, nullable=False),
    Column("consent_text", Text, nullable=False),
    Column("consent_ip", Text, nullable=False),
    Column("suppressed", Boolean, nullable=False),
    prefixes=["TEMPORARY"],
)
