"""The database that a copy takes the place of, as a file to read from: what is to be carried over stands in it.

SQLite's is that file itself. Of a PostgreSQL database, whose copies only its own tools can read, the tables that matter
are written into an SQLite file before the copy replaces it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, insert, select

from newsletter.store.schema import (
    campaign_lists,
    campaign_pictures,
    campaigns,
    deliveries,
    exclusions,
    forgotten,
    lists,
    metadata,
    revisions,
    subscribers,
    subscriptions,
    suppressions,
)
from newsletter.store.schema_clicks import campaign_links

_GROUP = 1000
_TABLES = (
    lists,
    subscribers,
    subscriptions,
    suppressions,
    forgotten,
    revisions,
    campaigns,
    campaign_lists,
    campaign_pictures,
    campaign_links,
    deliveries,
    exclusions,
)


@contextmanager
def reading_file(path: Path) -> Iterator[Connection]:
    """An SQLite file with this version's tables, for reading only."""
    engine = create_engine(f"sqlite:///{path.resolve().as_uri()}?mode=ro&uri=true")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def write_down(connection: Connection, target: Path) -> None:
    """Writes what is to be carried over into a new SQLite file, which only its owner can read."""
    target.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    engine = create_engine(f"sqlite:///{target}")
    try:
        with engine.begin() as to:
            metadata.create_all(to, tables=_TABLES)
            for table in _TABLES:
                rows = connection.execution_options(yield_per=_GROUP).execute(select(table))
                for group in rows.partitions():
                    to.execute(insert(table), [dict(row._mapping) for row in group])
    finally:
        engine.dispose()
