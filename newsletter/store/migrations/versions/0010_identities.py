"""The rules by which addresses are compared, and what suppressions were before them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identity_rules",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("plus_tags", sa.Boolean(), nullable=False),
        sa.Column("dots", sa.JSON(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_rules")),
    )
    op.add_column(
        "suppressions", sa.Column("typed", sa.JSON(), nullable=False, server_default="[]")
    )
