"""How many people of each block of numbers are in a segment; triggers delete what a change makes untrue.

SQLite runs a trigger for each row, PostgreSQL once for each statement. The deliveries have none: a mail's way must not
become longer.

Revision ID: 0013
"""

from __future__ import annotations

from collections.abc import Iterator
from string import Template

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BLOCK = 4096
_PEOPLE = {"subscribers": "id", "subscriptions": "subscriber_id", "clicks": "subscriber_id"}
"""The column that says who changes with a row."""
_ROWS = {"insert": ("new",), "update": ("old", "new"), "delete": ("old",)}
_CHANGED = Template("SELECT $who / $block FROM ${row}_rows")
_VALUES = Template("SELECT value FROM ${row}_rows")
_SUPPRESSED = Template(
    "SELECT id / $block FROM subscribers WHERE email_key IN ($values)"
    " UNION SELECT id / $block FROM subscribers WHERE domain IN ($values)"
)
_SQLITE = Template(
    "CREATE TRIGGER segment_counts_${table}_$event AFTER $event ON $table "
    "BEGIN DELETE FROM segment_counts WHERE $untrue; END"
)
_POSTGRESQL = (
    Template(
        "CREATE FUNCTION segment_counts_${table}_$event() RETURNS trigger LANGUAGE plpgsql AS '"
        "BEGIN DELETE FROM segment_counts WHERE block IN ($blocks); RETURN NULL; END'"
    ),
    Template(
        "CREATE TRIGGER segment_counts_${table}_$event AFTER $event ON $table REFERENCING $named "
        "FOR EACH STATEMENT EXECUTE FUNCTION segment_counts_${table}_$event()"
    ),
)


def upgrade() -> None:
    op.create_table(
        "segment_counts",
        sa.Column("block", ID, nullable=False, autoincrement=False),
        sa.Column("segment_id", ID, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("claim", sa.String(16), nullable=False),
        sa.Column("people", sa.Integer()),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segments.id"], name=op.f("fk_segment_counts_segment_id")
        ),
        sa.PrimaryKeyConstraint("block", "segment_id", name=op.f("pk_segment_counts")),
    )
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    for statement in _sqlite() if sqlite else _postgresql():
        connection.exec_driver_sql(statement)


def _sqlite() -> Iterator[str]:
    for table, who in _PEOPLE.items():
        for event, rows in _ROWS.items():
            # Not `IN (…)`, for which SQLite fills a table of its own at every row.
            untrue = " OR ".join(f"block = {row}.{who} / {BLOCK}" for row in rows)
            yield _SQLITE.substitute(table=table, event=event, untrue=untrue)
    for event, rows in _ROWS.items():
        values = ", ".join(f"{row}.value" for row in rows)
        untrue = f"block IN ({_SUPPRESSED.substitute(values=values, block=BLOCK)})"
        yield _SQLITE.substitute(table="suppressions", event=event, untrue=untrue)


def _postgresql() -> Iterator[str]:
    for table in (*_PEOPLE, "suppressions"):
        for event, rows in _ROWS.items():
            if who := _PEOPLE.get(table):
                blocks = " UNION ".join(
                    _CHANGED.substitute(who=who, block=BLOCK, row=row) for row in rows
                )
            else:
                values = " UNION ALL ".join(_VALUES.substitute(row=row) for row in rows)
                blocks = _SUPPRESSED.substitute(values=values, block=BLOCK)
            named = " ".join(f"{row} TABLE AS {row}_rows" for row in rows)
            for part in _POSTGRESQL:
                yield part.substitute(table=table, event=event, blocks=blocks, named=named)
