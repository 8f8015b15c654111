"""Opening the database: SQLite by default, PostgreSQL by address; brought up to date on the way.

SQLite: WAL, foreign keys, full sync (an accepted mail must not be forgotten at a power cut), a busy
timeout, and BEGIN IMMEDIATE for every writing transaction, since one that begins by reading fails with
“database is locked” when it comes to writing. The file is made readable by its owner only.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy import Connection as Connection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError

from newsletter.problems import NewsletterError, TryAgainLater, UsageError
from newsletter.publication import Publication
from newsletter.store.upgrade import READING, upgrade

BUSY_SECONDS = 30
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
)


class Store:
    """An open database. Everything goes through `reading` and `writing`, one short transaction each."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def dialect(self) -> str:
        return self._engine.dialect.name

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with (
            _told(),
            self._engine.connect().execution_options(**{READING: True}) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is committed at the end, or rolled back by an exception."""
        with _told(), self._engine.begin() as connection:
            yield connection

    def close(self) -> None:
        self._engine.dispose()


@contextmanager
def open_store(publication: Publication) -> Iterator[Store]:
    """The publication's database, made or upgraded where needed, closed at the end."""
    settings = publication.settings.store
    url = _url(publication, settings.url)
    if password := publication.password(settings.password_env, settings.password_file):
        url = url.set(password=password)
    engine = make_engine(url)
    store = Store(engine)
    try:
        with _told():
            upgrade(engine)
        yield store
    finally:
        store.close()


def make_engine(url: URL) -> Engine:
    """An engine with the habits described above."""
    try:
        engine = create_engine(url)
    except (ModuleNotFoundError, NoSuchModuleError) as caught:
        raise NewsletterError(
            f"there is no driver here for {url.drivername}: {caught}",
            'For PostgreSQL: pip install "psycopg[binary]" and postgresql+psycopg://…',
        ) from caught
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, url)
    return engine


def _url(publication: Publication, text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError as caught:
        raise UsageError(f"store.url is not a database address: {text}") from caught
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        url = url.set(database=str(publication.path(url.database)))
    return url


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
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _make_private(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as caught:
        raise NewsletterError(f"cannot open the database {path}: {caught.strerror}") from caught


@contextmanager
def _told() -> Iterator[None]:
    """Errors of the database that a person can do something about, in their words."""
    try:
        yield
    except OperationalError as caught:
        if isinstance(caught.orig, sqlite3.OperationalError) and "locked" in str(caught.orig):
            raise TryAgainLater(
                "the database is busy", "Another process is writing to it. Try again."
            ) from caught
        raise NewsletterError(f"the database failed: {caught.orig}") from caught
