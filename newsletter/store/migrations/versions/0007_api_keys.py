"""Keys of programs, and the answers that are kept for their repeated requests; readers who pause."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("hint", sa.String(20), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("made", TIME, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("used", TIME),
        sa.Column("until", TIME),
        sa.Column("revoked", TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_keys_hash")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "api_answers",
        sa.Column("api_key_id", ID, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("asked", sa.String(64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("subscriber_id", ID),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_keys.id"], name=op.f("fk_api_answers_api_key_id")
        ),
        sa.PrimaryKeyConstraint("api_key_id", "hash", name=op.f("pk_api_answers")),
    )
    op.create_index(op.f("ix_api_answers_at"), "api_answers", ["at"])
    op.create_index(op.f("ix_api_answers_subscriber_id"), "api_answers", ["subscriber_id"])
    op.create_table(
        "pauses",
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_pauses_subscriber_id")
        ),
        sa.PrimaryKeyConstraint("subscriber_id", name=op.f("pk_pauses")),
    )
