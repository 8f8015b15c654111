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
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import URL, Engine, make_url
from sqlalchemy import Connection as Connection
from sqlalchemy.exc import ArgumentError, DatabaseError

from newsletter.model.identity import IdentityRules
from newsletter.problems import NewsletterError, TryAgainLater, UsageError
from newsletter.publication import Publication
from newsletter.store import connecting
from newsletter.store.identities import adopt, nobody_known, rules_in_force
from newsletter.store.upgrade import READING, upgrade

_STATES_BUSY = frozenset({"55P03", "40001", "40P01"})
"""PostgreSQL's SQLSTATE when a lock was not to be had, or two transactions stood in each other's way."""
_FULL = frozenset({"53100", "SQLITE_FULL"})


class Store:
    """An open database. Everything goes through `reading` and `writing`, one short transaction each."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = threading.Lock()
        """Whose turn it is to write, of the threads that share this: they wait here, and one of them outside."""

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
        """A transaction that is committed at the end, or rolled back by an exception. Where it erased somebody, nothing of
        them is left in SQLite's log either."""
        with self._in_turn(), _told():
            with self._engine.begin() as connection:
                yield connection
                erased = connection.info.pop(connecting.ERASED, False)
            if erased:
                connecting.empty_log(self._engine)

    @contextmanager
    def writing_at_once(self) -> Iterator[Connection]:
        """As `writing`, for what can be left undone: raises TryAgainLater where another writes just now."""
        if not self._turn.acquire(blocking=False):
            raise _busy()
        try:
            with (
                _told(),
                self._engine.connect().execution_options(
                    **{READING: connecting.AT_ONCE}
                ) as connection,
                connection.begin(),
            ):
                yield connection
        finally:
            self._turn.release()

    @contextmanager
    def apart(self) -> Iterator[Apart]:
        """Several transactions of one connection, whose temporary tables last until the end."""
        with _told(), self._engine.connect() as connection:
            connection.detach()  # closed at the end, and what is temporary with it
            yield Apart(connection, self._in_turn)

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=connecting.BUSY_SECONDS):
            raise _busy()
        try:
            yield
        finally:
            self._turn.release()

    def ready(self) -> None:
        """Brings the database up to date, which is a glance where it is."""
        with _told():
            upgrade(self._engine)

    def close(self) -> None:
        self._engine.dispose()


class Apart:
    """One connection, for several transactions one after the other."""

    def __init__(
        self, connection: Connection, in_turn: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._connection = connection
        self._in_turn = in_turn

    @contextmanager
    def staging(self) -> Iterator[Connection]:
        """Touches temporary tables only, and holds nobody up."""
        with self._begun(connecting.APART) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._begun(True) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._in_turn(), self._begun(False) as connection:
            yield connection

    @contextmanager
    def _begun(self, way: object) -> Iterator[Connection]:
        self._connection.execution_options(**{READING: way})
        with _told(), self._connection.begin():
            yield self._connection


def store_exists(publication: Publication) -> bool:
    """Whether there is a database, as far as can be told without making one: who only looks makes none."""
    url = _url(publication, publication.settings.store.url)
    file = url.database if url.get_backend_name() == "sqlite" else None
    return file is None or Path(file).is_file()


@contextmanager
def open_store(publication: Publication) -> Iterator[Store]:
    """The publication's database, made or upgraded where needed, closed at the end unless a server keeps it open."""
    url = database_url(publication)
    kept = _kept.get(url)
    store = kept.store() if kept else Store(connecting.make_engine(url))
    try:
        store.ready()
        if not publication.identity_rules.plain:
            _adopt(store, publication.identity_rules)
        yield store
    finally:
        if kept is None:
            store.close()


@contextmanager
def keeping_open(publication: Publication) -> Iterator[None]:
    """For a server: while it lasts, the database stays open, and every `open_store` of this process gets the same one.
    It is opened when somebody needs it first; a server that nobody asks makes no database."""
    url = database_url(publication)
    with _guard:
        kept = _kept.setdefault(url, _Kept(url))
        kept.servers += 1
    try:
        yield
    finally:
        with _guard:
            kept.servers -= 1
            if not kept.servers:
                del _kept[url]
                kept.close()


class _Kept:
    """A database that is kept open. A file that was put in the place of another is opened anew."""

    def __init__(self, url: URL) -> None:
        self.servers = 0
        self._url = url
        self._store: Store | None = None
        self._file: tuple[int, int] | None = None
        self._lock = threading.Lock()

    def store(self) -> Store:
        with self._lock:
            if self._store is None or self._file != self._now():
                self.close()
                self._store = Store(connecting.make_engine(self._url))
                self._file = self._now()
            return self._store

    def close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    def _now(self) -> tuple[int, int] | None:
        if self._url.get_backend_name() != "sqlite" or not self._url.database:
            return None
        try:
            found = os.stat(self._url.database)
        except OSError:
            return None
        return found.st_dev, found.st_ino


_kept: dict[URL, _Kept] = {}
_guard = threading.Lock()


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


def _url(publication: Publication, text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError as caught:
        raise UsageError(f"store.url is not a database address: {text}") from caught
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        url = url.set(database=str(publication.path(url.database)))
    return url


@contextmanager
def _told() -> Iterator[None]:
    """Errors of the database that a person can do something about, in their words."""
    try:
        yield
    except DatabaseError as caught:
        state = _state_of(caught.orig)
        if state in _STATES_BUSY or "locked" in str(caught.orig):
            raise _busy() from caught
        if state == "SQLITE_NOTADB":
            raise NewsletterError(
                "the file that store.url names is no database",
                "It was left as it is. Name another file, or restore this one from a copy.",
            ) from caught
        hint = "What was written down before stands." if state in _FULL else ""
        raise NewsletterError(f"the database failed: {_first_line(caught.orig)}", hint) from caught


def _busy() -> TryAgainLater:
    return TryAgainLater(*connecting.BUSY)


def _state_of(error: BaseException | None) -> str:
    """The database's own name for an error: SQLite's, or PostgreSQL's SQLSTATE."""
    if isinstance(error, sqlite3.Error):
        return str(getattr(error, "sqlite_errorname", ""))
    return str(getattr(error, "sqlstate", "") or "")


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().partition("\n")[0]
