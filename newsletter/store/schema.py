"""The tables. A change here needs a migration beside it in `migrations/versions` (a test compares them).

Rows hold ids; addresses stand only in `subscribers`, `suppressions` and `deliveries`, so that erasing a
person has few places to visit. Every time is UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from newsletter.store.columns import Id, UtcTime, id_column, refers
from newsletter.store.columns import metadata as metadata

lists = Table(
    "lists",
    metadata,
    id_column(),
    Column("name", String(200), nullable=False, unique=True),
    Column("title", Text, nullable=False, default=""),
    Column("public", Boolean, nullable=False, default=False),
    Column("double_opt_in", Boolean, nullable=False, default=True),
    Column("created", UtcTime, nullable=False),
)

subscribers = Table(
    "subscribers",
    metadata,
    id_column(),
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False, unique=True),
    Column("domain", Text, nullable=False, index=True),
    Column("name", Text, nullable=False, default=""),
    Column("language", Text, nullable=False, default=""),
    Column("attributes", JSON, nullable=False, default=dict),
    Column("created", UtcTime, nullable=False),
    Index("ix_subscribers_created_id", "created", "id"),
    sqlite_autoincrement=True,
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("list_id", Id, ForeignKey("lists.id"), primary_key=True),
    Column("subscriber_id", Id, ForeignKey("subscribers.id"), primary_key=True, index=True),
    Column("status", String(20), nullable=False),
    Column("changed", UtcTime, nullable=False),
    Column("consent_when", UtcTime),
    Column("consent_source", Text, nullable=False, default=""),
    Column("consent_text", Text, nullable=False, default=""),
    Column("consent_ip", Text, nullable=False, default="", server_default=""),
    Index("ix_subscriptions_list_id_status_subscriber_id", "list_id", "status", "subscriber_id"),
)

segments = Table(
    "segments",
    metadata,
    id_column(),
    Column("name", String(200), nullable=False, unique=True),
    Column("condition", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("saved", UtcTime, nullable=False),
    sqlite_autoincrement=True,
)
"""Conditions by name, as they were written. An attribute that one asks of has an index (`store/segments.py`)."""

suppressions = Table(
    "suppressions",
    metadata,
    id_column(),
    Column("value", Text, nullable=False, unique=True),
    Column("is_domain", Boolean, nullable=False, default=False),
    Column("reason", Text, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("kind", String(20), nullable=False, default="manual", server_default="manual"),
    Column("typed", JSON, nullable=False, default=list, server_default="[]"),
    sqlite_autoincrement=True,
)
"""`value` is a domain or the identity of an address, by the rules in force; `typed` are the identities without rules
that it stands for, where they are others."""

identity_rules = Table(
    "identity_rules",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("plus_tags", Boolean, nullable=False),
    Column("dots", JSON, nullable=False),
    Column("since", UtcTime, nullable=False),
)
"""One row at most: the rules by which `subscribers.email_key` and `suppressions.value` were written."""

forgotten = Table(
    "forgotten",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("since", UtcTime, nullable=False),
    Column("final", Boolean, nullable=False, default=False),
)

import_batches = Table(
    "import_batches",
    metadata,
    id_column(),
    Column("at", UtcTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("undone", UtcTime),
    sqlite_autoincrement=True,
)

import_changes = Table(
    "import_changes",
    metadata,
    id_column(),
    refers("batch_id", "import_batches", index=True),
    refers("subscriber_id", "subscribers", index=True),
    Column("list_id", Id, ForeignKey("lists.id")),
    Column("before", String(20), nullable=False),
    Column("after", String(20), nullable=False),
    Column("made", Boolean, nullable=False),
    Column("suppressed", Boolean, nullable=False),
    Column("details", JSON),
)

sign_ups = Table(
    "sign_ups",
    metadata,
    id_column(),
    refers("subscriber_id", "subscribers", index=True),
    Column("asked", UtcTime, nullable=False),
    Column("lists", JSON, nullable=False),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("ip", Text, nullable=False),
    Column("mailed", UtcTime),
    Column("confirmed", UtcTime),
    sqlite_autoincrement=True,
)

attempts = Table(
    "attempts",
    metadata,
    id_column(),
    Column("at", UtcTime, nullable=False, index=True),
    Column("bucket", String(64), nullable=False, index=True),
)

events = Table(
    "events",
    metadata,
    id_column(),
    Column("at", UtcTime, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("actor", Text, nullable=False),
    Column("subscriber_id", Id, index=True),
    Column("list_id", Id),
    Column("campaign_id", Id),
    Column("data", JSON, nullable=False, default=dict),
    sqlite_autoincrement=True,
)

revisions = Table(
    "revisions",
    metadata,
    id_column(),
    Column("slug", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("published", UtcTime, nullable=False),
    UniqueConstraint("slug", "number"),
)

campaigns = Table(
    "campaigns",
    metadata,
    id_column(),
    Column("slug", Text, nullable=False, index=True),
    refers("revision_id", "revisions"),
    Column("status", String(20), nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("again", Boolean, nullable=False, default=False),
    Column("candidates", Integer, nullable=False, default=0),
    Column("digest", String(64), nullable=False),
    Column("subject", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("headers", JSON, nullable=False),
    Column("markers", JSON, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("started", UtcTime, nullable=False),
    Column("ended", UtcTime),
    Column("fence", Integer, nullable=False, default=0),
    Column("approved_by", Text, nullable=False, default="", server_default=""),
    Column("inputs", JSON, nullable=False, default=dict, server_default="{}"),
    Column("confirmed", Integer, nullable=False, default=0, server_default="0"),
    Column("frozen", UtcTime),
    Column("wake", UtcTime),
    Column("wall", Text, nullable=False, default="", server_default=""),
    Column("zone", Text, nullable=False, default="", server_default=""),
    Column("served", Boolean, nullable=False, default=False, server_default=false()),
    Column("newcomers", Boolean, nullable=False, default=False, server_default=false()),
    Column("retry", Boolean, nullable=False, default=False, server_default=false()),
    Column("correction", Text, nullable=False, default="", server_default=""),
    Column("segment", JSON(none_as_null=True)),
    sqlite_autoincrement=True,
)
"""`inputs` are the SHA-256 of the issue's files, by path, when it was approved; `confirmed` the number of recipients
that was typed then. `frozen` is when the audience was. `wake` is when it goes on by itself, in a server where `served`;
`wall` and `zone` are that moment as a person named it. `correction` is the note of a correction run,
`segment` the name, text and tree of a condition as it was confirmed."""

senders = Table(
    "senders",
    metadata,
    Column("campaign_id", Id, ForeignKey("campaigns.id"), primary_key=True),
    Column("fence", Integer, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until", UtcTime, nullable=False),
)
"""The processes that send a campaign just now, each under a fence of its own; `deliveries.sender` names the one that
has a delivery in hand."""

campaign_progress = Table(
    "campaign_progress",
    metadata,
    Column("campaign_id", Id, ForeignKey("campaigns.id"), primary_key=True),
    Column("at", UtcTime, primary_key=True),
    Column("done", Integer, nullable=False),
)
"""How many deliveries had ended at a moment: a few samples a minute, for rates and charts."""

workers = Table(
    "workers",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("seen", UtcTime, nullable=False),
)
"""Servers that wake campaigns, and when each was last awake."""

campaign_pictures = Table(
    "campaign_pictures",
    metadata,
    Column("campaign_id", Id, ForeignKey("campaigns.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("path", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

campaign_lists = Table(
    "campaign_lists",
    metadata,
    Column("campaign_id", Id, ForeignKey("campaigns.id"), primary_key=True),
    Column("list_id", Id, ForeignKey("lists.id"), primary_key=True),
    Column("position", Integer, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    id_column(),
    refers("campaign_id", "campaigns"),
    refers("subscriber_id", "subscribers", index=True),
    refers("list_id", "lists"),
    Column("address", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("run_attempts", Integer, nullable=False, default=0),
    Column("next_attempt", UtcTime),
    Column("code", Integer, nullable=False, default=0),
    Column("reply", Text, nullable=False, default=""),
    Column("server", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("marked", UtcTime),
    Column("sender", Integer, nullable=False, default=0, server_default="0"),
    Column("ended", UtcTime),
    UniqueConstraint("campaign_id", "subscriber_id"),
    Index("ix_deliveries_campaign_id_status_id", "campaign_id", "status", "id"),
    sqlite_autoincrement=True,
)

exclusions = Table(
    "exclusions",
    metadata,
    Column("campaign_id", Id, ForeignKey("campaigns.id"), primary_key=True),
    Column("subscriber_id", Id, ForeignKey("subscribers.id"), primary_key=True, index=True),
    Column("reason", Text, nullable=False),
)

incoming = Table(
    "incoming",
    metadata,
    id_column(),
    Column("at", UtcTime, nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("source", Text, nullable=False, index=True),
    Column("event", String(20), nullable=False),
    Column("reason", String(20), nullable=False),
    Column("campaign_id", Id, ForeignKey("campaigns.id")),
    Column("subscriber_id", Id, ForeignKey("subscribers.id"), index=True),
    Column("status", String(20), nullable=False),
    Column("told", Text, nullable=False),
    Index("ix_incoming_campaign_id_event", "campaign_id", "event"),
    sqlite_autoincrement=True,
)
"""Mails that came back, each once by `digest`; `source` is what a mailbox calls it. `told` has no address in it."""

accounts = Table(
    "accounts",
    metadata,
    id_column(),
    Column("name", String(100), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("password", Text, nullable=False),
    Column("made", UtcTime, nullable=False),
    sqlite_autoincrement=True,
)
"""Who uses the studio over a network; `password` is an argon2 hash."""

sessions = Table(
    "sessions",
    metadata,
    Column("hash", String(64), primary_key=True),
    refers("account_id", "accounts", index=True),
    Column("until", UtcTime, nullable=False),
)
"""Who is logged in; `hash` is the SHA-256 of what the browser's cookie holds."""
