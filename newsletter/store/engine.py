"""Opening the database: SQLite by default, PostgreSQL by address; brought up to date on the way.

SQLite: WAL, foreign keys, full sync (an accepted mail must not be forgotten at a power cut), a busy
timeout, and BEGIN IMMEDIATE for every writing transaction, since one that begins by reading fails with
“database is locked” when it comes to writing. The file is made readable by its owner only.

PostgreSQL behaves the same towards everything above: a lock makes writers queue for one another, and a
reading transaction sees one moment. What is proved for the one kind of database then holds for the other.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy import Connection as Connection
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

from newsletter.model.identity import IdentityRules
from newsletter.problems import NewsletterError, TryAgainLater, UsageError
from newsletter.publication import Publication
from newsletter.store.identities import adopt, nobody_known, rules_in_force
from newsletter.store.upgrade import READING, upgrade

BUSY_SECONDS = 120
"""How long a writer waits for another: longer than an import of a million people holds the database."""
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
)
_WRITERS = 0x6E657773
"""The number of the advisory lock that PostgreSQL's writers hold, one at a time (“news” in ASCII)."""
_BUSY = frozenset({"55P03", "40001", "40P01"})
"""PostgreSQL's SQLSTATE when a lock was not to be had, or two transactions stood in each other's way."""
_FULL = frozenset({"53100", "SQLITE_FULL"})


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


def store_exists(publication: Publication) -> bool:
    """Whether there is a database, as far as can be told without making one: who only looks makes none."""
    url = _url(publication, publication.settings.store.url)
    file = url.database if url.get_backend_name() == "sqlite" else None
    return file is None or Path(file).is_file()


@contextmanager
def open_store(publication: Publication) -> Iterator[Store]:
    """The publication's database, made or upgraded where needed, closed at the end."""
    engine = make_engine(database_url(publication))
    store = Store(engine)
    try:
        with _told():
            upgrade(engine)
        if not publication.identity_rules.plain:
            _adopt(store, publication.identity_rules)
        yield store
    finally:
        store.close()


def _adopt(store: Store, rules: IdentityRules) -> None:
    """Lets the rules of the settings hold from the beginning, in a database that knows nobody yet."""
    with store.reading() as connection:
        settled = rules_in_force(connection) == rules or not nobody_known(connection)
    if not settled:
        with store.writing() as connection:
            adopt(connection, rules)


def database_url(publication: Publication) -> URL:
    """Where the database is, with its password."""
    settings = publication.settings.store
    url = _url(publication, settings.url)
    password = publication.password(settings.password_env, settings.password_file)
    return url.set(password=password) if password else url


def make_engine(url: URL) -> Engine:
    """An engine with the habits described above."""
    try:
        engine = create_engine(url)
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


def _prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        if connection.get_execution_options().get(READING):
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


@contextmanager
def _told() -> Iterator[None]:
    """Errors of the database that a person can do something about, in their words."""
    try:
        yield
    except DatabaseError as caught:
        state = _state_of(caught.orig)
        if state in _BUSY or "locked" in str(caught.orig):
            raise TryAgainLater(
                "the database is busy", "Another process is writing to it. Try again."
            ) from caught
        if state == "SQLITE_NOTADB":
            raise NewsletterError(
                "the file that store.url names is no database",
                "It was left as it is. Name another file, or restore this one from a copy.",
            ) from caught
        hint = "What was written down before stands." if state in _FULL else ""
        raise NewsletterError(f"the database failed: {_first_line(caught.orig)}", hint) from caught


def _state_of(error: BaseException | None) -> str:
    """The database's own name for an error: SQLite's, or PostgreSQL's SQLSTATE."""
    if isinstance(error, sqlite3.Error):
        return str(getattr(error, "sqlite_errorname", ""))
    return str(getattr(error, "sqlstate", "") or "")


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().partition("\n")[0]
