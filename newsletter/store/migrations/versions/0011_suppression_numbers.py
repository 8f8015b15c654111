"""The number of a suppression is never given twice, so that who lifts one by its number lifts no other.

Revision ID: 0011
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":  # PostgreSQL never gives one twice
        options = {"sqlite_autoincrement": True}
        with op.batch_alter_table("suppressions", recreate="always", table_kwargs=options):
            pass
