"""Approval, schedules and corrections of campaigns; how fast each went; which servers are awake."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        _text("approved_by"),
        sa.Column("inputs", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("confirmed", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("frozen", TIME),
        sa.Column("wake", TIME),
        _text("wall"),
        _text("zone"),
        _flag("served"),
        _flag("newcomers"),
        _flag("retry"),
        _text("correction"),
    ):
        op.add_column("campaigns", column)
    op.execute("UPDATE campaigns SET frozen = created")
    op.create_table(
        "campaign_progress",
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_progress_campaign_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "at", name=op.f("pk_campaign_progress")),
    )
    op.create_table(
        "workers",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("seen", TIME, nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_workers")),
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default="")


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
