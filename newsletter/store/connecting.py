"""How an engine talks to its database: the habits of its connections, and how a writer waits for another.

A writer of SQLite asks for its turn again every few milliseconds. SQLite's own waiting asks ever more seldom, up to ten
times a second, so that whoever waits longest is served last. Whoever waits longer than BUSY_SECONDS is told.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import NoSuchModuleError

from newsletter.problems import NewsletterError, TryAgainLater
from newsletter.store.upgrade import READING

APART = "apart"
"""The value of the option READING of a transaction that touches temporary tables only."""
AT_ONCE = "at once"
"""The value of the option READING of a transaction that writes now, or fails because another one writes."""
BUSY_SECONDS = 120
"""How long a writer waits for another: longer than an import of a million people holds the database."""
LOG_SECONDS = 5
"""How long emptying the log waits for those who read."""
ERASED = "erased"
"""What is written down with a connection whose transaction erases somebody."""
BUSY = ("the database is busy", "Another process is writing to it. Try again.")
PAUSES = (0.001, 0.002, 0.004)
"""Seconds between the first tries of a writer to get its turn; the last one between all further ones."""
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
)
_WRITERS = 0x6E657773
"""The number of the advisory lock that PostgreSQL's writers hold, one at a time (“news” in ASCII)."""


def make_engine(url: URL) -> Engine:
    """An engine with the habits described here and in `engine`. Threads never wait for a connection: one that waits
    may be what another waits for."""
    in_memory = url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")
    pooling = {} if in_memory else {"max_overflow": -1, "pool_use_lifo": True}
    try:
        engine = create_engine(url, **pooling)
    except (ModuleNotFoundError, NoSuchModuleError) as caught:
        raise NewsletterError(
            f"there is no driver here for {url.drivername}: {caught}",
            'For PostgreSQL: pip install "newsletter[postgres]" and postgresql+psycopg://…',
        ) from caught
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, url)
    else:
        _prepare_postgresql(engine)
    return engine


def _prepare_sqlite(engine: Engine, url: URL) -> None:
    if url.database and url.database != ":memory:":
        _make_private(Path(url.database))

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        reading = connection.get_execution_options().get(READING)
        if reading == AT_ONCE:
            _begin_writing(connection, 0)
        elif reading:
            connection.exec_driver_sql("BEGIN")
        else:
            _begin_writing(connection, BUSY_SECONDS)


def _begin_writing(connection: Connection, patience: float) -> None:
    """BEGIN IMMEDIATE, tried again at short pauses while another writes."""
    driver: Any = connection.connection.dbapi_connection
    end = time.monotonic() + patience
    tries = 0
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.Error as caught:
                if not _busy(caught) or time.monotonic() > end:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")  # fails in SQLAlchemy's words
                    return
            time.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000:.0f}")


def empty_log(engine: Engine) -> bool:
    """Brings SQLite's write-ahead log into its file and empties it: pages as they were before stand in it until then. False
    where others read or write for longer than a moment; whoever closes the database last does it then."""
    if engine.dialect.name != "sqlite":
        return True
    with closing(engine.raw_connection()) as connection:
        driver: Any = connection.dbapi_connection
        driver.execute(f"PRAGMA busy_timeout={LOG_SECONDS * 1000}")
        try:
            (busy, *_) = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            driver.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    return not busy


def _busy(error: sqlite3.Error) -> bool:
    return str(getattr(error, "sqlite_errorname", "")).startswith("SQLITE_BUSY")


def _prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        reading = connection.get_execution_options().get(READING)
        if reading == APART:
            return
        if reading == AT_ONCE:
            got = connection.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({_WRITERS})")
            if not got.scalar_one():
                raise TryAgainLater(*BUSY)
        elif reading:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        else:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_SECONDS * 1000:.0f}ms'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")


def _make_private(path: Path) -> None:
    """Makes the file, readable by its owner only, where there is none. One that is there is never opened here: to
    close a file lets go of every lock that this process holds on it (POSIX), and another process would then take
    the database's log for its own and throw it away."""
    if path.exists():
        return
    stage = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(stage, os.O_RDWR | os.O_CREAT, 0o600))
        with suppress(FileExistsError):
            os.link(stage, path)
        stage.unlink()
    except OSError as caught:
        raise NewsletterError(f"cannot open the database {path}: {caught.strerror}") from caught
