"""Bringing a database up to date by Alembic's migrations, which ship with the package.

Alembic is imported only when there is something to do. Before a migration changes an SQLite file that
holds data, a copy is kept beside it: `newsletter.db.before-0002`. A migration is one transaction; when
it fails, the database is as it was.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from newsletter.problems import NewsletterError

MIGRATIONS = Path(__file__).parent / "migrations"
READING = "newsletter_reading"
"""The execution option of a transaction that will not write."""
HEAD = "0013"
"""The newest migration. A test compares it with what Alembic finds."""


def upgrade(engine: Engine) -> None:
    """Runs the migrations that the database has not seen. Two processes may do this at once."""
    with engine.connect().execution_options(**{READING: True}) as connection:
        version = version_of(connection)
    if version == HEAD:
        return
    with engine.begin() as connection:
        version = version_of(connection)
        if version == HEAD:
            return
        _refuse_newer(version)
        if version:
            _keep_copy(engine)
        _migrate(connection)


def version_of(connection: Connection) -> str:
    """The migration that a database was brought to last; empty for a new one."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found or "")


def _refuse_newer(version: str) -> None:
    known = {path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("*.py")}
    if version and version not in known:
        raise NewsletterError(
            f"the database was made by a newer version of newsletter (its schema is {version})",
            "Upgrade newsletter, or go back to a copy of the database.",
        )


def _keep_copy(engine: Engine) -> None:
    """A whole and consistent copy of an SQLite file, made by SQLite itself. PostgreSQL has its own tools."""
    database = engine.url.database
    if engine.dialect.name != "sqlite" or not database or database == ":memory:":
        return
    target = Path(f"{database}.before-{HEAD}")
    stage = Path(f"{target}.part")
    stage.unlink(missing_ok=True)
    stage.touch(mode=0o600)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(stage)) as copy:
        source.backup(copy)
    stage.replace(target)


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
