"""Segments, and campaigns to one; indexes that they and searching want; bulk changes that are of no list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "segments",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("saved", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segments")),
        sa.UniqueConstraint("name", name=op.f("uq_segments_name")),
        sqlite_autoincrement=True,
    )
    op.add_column("campaigns", sa.Column("segment", sa.JSON()))
    op.create_index(op.f("ix_subscribers_created_id"), "subscribers", ["created", "id"])
    op.drop_index(op.f("ix_subscriptions_list_id_status"), "subscriptions")
    op.create_index(
        op.f("ix_subscriptions_list_id_status_subscriber_id"),
        "subscriptions",
        ["list_id", "status", "subscriber_id"],
    )
    with op.batch_alter_table("import_changes") as table:
        table.alter_column("list_id", existing_type=ID, nullable=True)
