"""Counted links and clicks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "campaign_links",
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_links_campaign_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "number", name=op.f("pk_campaign_links")),
    )
    op.create_table(
        "clicks",
        sa.Column("id", ID, nullable=False, autoincrement=True),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", ID),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("automated", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_clicks_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_clicks_subscriber_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clicks")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_clicks_campaign_id_number", "clicks", ["campaign_id", "number"])
    op.create_index(op.f("ix_clicks_subscriber_id"), "clicks", ["subscriber_id"])
