"""People are found by any three letters of their name or address: an index that the database keeps up to date itself.

Where SQLite lacks FTS5 with trigrams (before 3.34), or PostgreSQL lacks pg_trgm or the right to install it, there is no
such index, and searching looks at everybody.

Revision ID: 0012
"""

from __future__ import annotations

from alembic import op
from sqlalchemy.exc import DBAPIError

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# The line end after each part lets the last two letters begin a trigram as well.
_SQLITE = (
    """CREATE VIRTUAL TABLE subscribers_text USING fts5(
    text, content='', columnsize=0, detail=none, tokenize='trigram')""",
    "CREATE VIRTUAL TABLE subscribers_terms USING fts5vocab('subscribers_text', 'row')",
    """INSERT INTO subscribers_text (rowid, text)
    SELECT id, email_key || char(10) || name || char(10) FROM subscribers
    WHERE email <> '' ORDER BY id""",
    """CREATE TRIGGER subscribers_text_made AFTER INSERT ON subscribers WHEN new.email <> '' BEGIN
    INSERT INTO subscribers_text (rowid, text)
    VALUES (new.id, new.email_key || char(10) || new.name || char(10));
    END""",
    """CREATE TRIGGER subscribers_text_changed AFTER UPDATE OF email, email_key, name ON subscribers
    WHEN old.email <> '' AND new.email <> '' AND (old.email_key <> new.email_key OR old.name <> new.name)
    BEGIN
    INSERT INTO subscribers_text (subscribers_text, rowid, text)
    VALUES ('delete', old.id, old.email_key || char(10) || old.name || char(10));
    INSERT INTO subscribers_text (rowid, text)
    VALUES (new.id, new.email_key || char(10) || new.name || char(10));
    END""",
    """CREATE TRIGGER subscribers_text_erased AFTER UPDATE OF email ON subscribers
    WHEN old.email <> '' AND new.email = '' BEGIN
    INSERT INTO subscribers_text (subscribers_text, rowid, text)
    VALUES ('delete', old.id, old.email_key || char(10) || old.name || char(10));
    END""",
    """CREATE TRIGGER subscribers_text_back AFTER UPDATE OF email ON subscribers
    WHEN old.email = '' AND new.email <> '' BEGIN
    INSERT INTO subscribers_text (rowid, text)
    VALUES (new.id, new.email_key || char(10) || new.name || char(10));
    END""",
    """CREATE TRIGGER subscribers_text_gone AFTER DELETE ON subscribers WHEN old.email <> '' BEGIN
    INSERT INTO subscribers_text (subscribers_text, rowid, text)
    VALUES ('delete', old.id, old.email_key || char(10) || old.name || char(10));
    END""",
)
_POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX ix_subscribers_email_key_trgm ON subscribers USING gin (lower(email_key) gin_trgm_ops)",
    "CREATE INDEX ix_subscribers_name_trgm ON subscribers USING gin (lower(name) gin_trgm_ops)",
)


def upgrade() -> None:
    connection = op.get_bind()
    statements = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statements[0])
    except DBAPIError:
        return
    for statement in statements[1:]:
        connection.exec_driver_sql(statement)
