"""What readers need: batches of imports, sign-ups, who was forgotten, and why an address is suppressed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def _key() -> sa.Column[int]:
    return sa.Column("id", ID, autoincrement=True, nullable=False)


def _refers(table: str, name: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [f"{to}.id"], name=op.f(f"fk_{table}_{name}"))


def upgrade() -> None:
    op.add_column(
        "subscriptions", sa.Column("consent_ip", sa.Text(), nullable=False, server_default="")
    )
    op.add_column(
        "suppressions",
        sa.Column("kind", sa.String(length=20), nullable=False, server_default="manual"),
    )
    op.execute(
        "UPDATE suppressions SET kind = 'bounce' WHERE value IN (SELECT email_key FROM subscribers "
        "JOIN subscriptions ON subscriber_id = subscribers.id WHERE status = 'bounced')"
    )
    op.create_table(
        "forgotten",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_forgotten")),
    )
    _imports()
    _sign_ups()


def _imports() -> None:
    op.create_table(
        "import_batches",
        _key(),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("undone", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batches")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "import_changes",
        _key(),
        sa.Column("batch_id", ID, nullable=False),
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("list_id", ID, nullable=False),
        sa.Column("before", sa.String(length=20), nullable=False),
        sa.Column("after", sa.String(length=20), nullable=False),
        sa.Column("made", sa.Boolean(), nullable=False),
        sa.Column("suppressed", sa.Boolean(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=True),
        _refers("import_changes", "batch_id", "import_batches"),
        _refers("import_changes", "subscriber_id", "subscribers"),
        _refers("import_changes", "list_id", "lists"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_changes")),
    )
    for column in ("batch_id", "subscriber_id"):
        op.create_index(op.f(f"ix_import_changes_{column}"), "import_changes", [column])


def _sign_ups() -> None:
    op.create_table(
        "sign_ups",
        _key(),
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("asked", TIME, nullable=False),
        sa.Column("lists", sa.JSON(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("ip", sa.Text(), nullable=False),
        sa.Column("mailed", TIME, nullable=True),
        sa.Column("confirmed", TIME, nullable=True),
        _refers("sign_ups", "subscriber_id", "subscribers"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ups")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_sign_ups_subscriber_id"), "sign_ups", ["subscriber_id"])
    op.create_table(
        "attempts",
        _key(),
        sa.Column("at", TIME, nullable=False),
        sa.Column("bucket", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    for column in ("at", "bucket"):
        op.create_index(op.f(f"ix_attempts_{column}"), "attempts", [column])
