"""Several processes may send one campaign: each has a lease of its own, and deliveries name who has them in hand.

Revision ID: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "senders",
        sa.Column(
            "campaign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_senders_campaign_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "fence", name=op.f("pk_senders")),
    )
    op.add_column(
        "deliveries", sa.Column("sender", sa.Integer(), nullable=False, server_default="0")
    )
    op.drop_column("campaigns", "lease_owner")
    op.drop_column("campaigns", "lease_until")
