"""Mails that came back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "incoming",
        sa.Column("id", ID, nullable=False, autoincrement=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("campaign_id", ID),
        sa.Column("subscriber_id", ID),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_incoming_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_incoming_subscriber_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming")),
        sa.UniqueConstraint("digest", name=op.f("uq_incoming_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_incoming_source"), "incoming", ["source"])
    op.create_index(op.f("ix_incoming_subscriber_id"), "incoming", ["subscriber_id"])
    op.create_index("ix_incoming_campaign_id_event", "incoming", ["campaign_id", "event"])
