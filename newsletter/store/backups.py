"""Copies of the database, made while others write, and put back while others read.

SQLite copies itself (its backup API): a copy is one moment of the database, whole, in one file. It is written
beside its name, looked through, and only then has it. Putting one back is one transaction of the database that is
there, so that a server which has it open sees either the one or the other; a copy of what was is kept. PostgreSQL
has its own tools, `pg_dump` and `pg_restore`, which are called where they are.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import URL

from newsletter.problems import NewsletterError, TryAgainLater, UsageError
from newsletter.publication import Publication
from newsletter.store.engine import database_url

BUSY_SECONDS = 30.0


def backup(publication: Publication, target: Path) -> int:
    """Makes a copy of the database; its size in bytes. Raises UsageError where there is no database or the target
    is there already."""
    if target.exists():
        raise UsageError(
            f"{target} is there already", "A copy replaces nothing: name another file."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    url = database_url(publication)
    stage = target.with_name(f".{target.name}.part")
    stage.unlink(missing_ok=True)
    os.close(os.open(stage, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        if url.get_backend_name() == "sqlite":
            _copy(_file_of(url), stage)
            _look_through(stage)
        else:
            _run_tool("pg_dump", url, "--format=custom", "--no-owner", f"--file={stage}")
        _settle(stage, target)
    finally:
        stage.unlink(missing_ok=True)
    return target.stat().st_size


def prepare(source: Path, target: Path) -> None:
    """Copies a copy, so that it can be changed before it takes the database's place. Raises UsageError for a file that
    is no copy."""
    if not source.is_file():
        raise UsageError(f"there is no file {source}")
    _look_through(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    _copy(source, target)


def restore(publication: Publication, source: Path, former: Path) -> None:
    """Puts a copy in the database's place; `former` becomes a copy of what was there, where there was anything.
    Raises UsageError for a file that is no copy; then nothing has changed."""
    if not source.is_file():
        raise UsageError(f"there is no file {source}")
    url = database_url(publication)
    if url.get_backend_name() != "sqlite":
        backup(publication, former)
        put_back_dump(publication, source)
        return
    _look_through(source)
    database = _file_of(url, must_exist=False)
    if database.exists():
        backup(publication, former)
    else:
        database.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(database, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as copy,
            closing(sqlite3.connect(database, timeout=BUSY_SECONDS)) as target,
        ):
            copy.backup(target)
            target.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as caught:
        raise TryAgainLater(
            f"the database is busy: {caught}", "Stop what sends or serves, then call this again."
        ) from caught
    except sqlite3.Error as caught:
        raise NewsletterError(
            f"it could not be put back: {caught}", f"What was is in {former}."
        ) from caught


def replace_broken(publication: Publication, source: Path, former: Path) -> None:
    """Puts a copy in the place of a database that SQLite itself finds at fault, and of which no copy can be made: its
    file, and what belongs to it, become `former` as they are."""
    _look_through(source)
    database = file_of(publication)
    former.parent.mkdir(parents=True, exist_ok=True)
    stage = database.with_name(f".{database.name}.part")
    stage.unlink(missing_ok=True)
    os.close(os.open(stage, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        _copy(source, stage)
        for ending in ("-wal", "-shm", ""):
            part = database.with_name(database.name + ending)
            if part.exists():
                shutil.move(part, former.with_name(former.name + ending))
        stage.replace(database)
    finally:
        stage.unlink(missing_ok=True)


def put_back_dump(publication: Publication, source: Path) -> None:
    """Lets `pg_restore` put a copy of a PostgreSQL database back, in one transaction."""
    url = database_url(publication)
    tool = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
    _run_tool("pg_restore", url, *tool, f"--dbname={url.database}", str(source), named=True)


def is_sqlite(publication: Publication) -> bool:
    return database_url(publication).get_backend_name() == "sqlite"


def faults_of_file(path: Path) -> tuple[str, ...]:
    """What SQLite itself finds wrong in a file; nothing is changed in it."""
    try:
        return _faults(path)
    except sqlite3.Error as caught:
        return (f"it is no database that can be read: {caught}",)


def damage(publication: Publication) -> str:
    """What SQLite finds wrong in the database; empty where it is whole. Raises TryAgainLater where that cannot be told
    now, as when it is locked: that is no damage."""
    try:
        return next(iter(_faults(file_of(publication))), "")
    except sqlite3.OperationalError as caught:
        raise TryAgainLater(f"the database cannot be looked through: {caught}") from caught
    except sqlite3.Error as caught:
        return str(caught)


def _faults(path: Path) -> tuple[str, ...]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as opened:
        found = [str(row[0]) for row in opened.execute("PRAGMA integrity_check(20)")]
        strays = opened.execute("PRAGMA foreign_key_check").fetchmany(20)
    told = [one for one in found if one != "ok"]
    return (
        *told,
        *(f"{table}: row {row} points at no row of {to}" for table, row, to, _ in strays),
    )


def file_of(publication: Publication) -> Path:
    """The SQLite file of a publication. Raises UsageError where there is none."""
    return _file_of(database_url(publication))


def _copy(source: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as opened,
            closing(sqlite3.connect(target)) as copy,
        ):
            opened.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
            opened.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as caught:
        raise NewsletterError(f"the database could not be copied: {caught}") from caught


def _look_through(path: Path) -> None:
    told = faults_of_file(path)
    if told:
        raise UsageError(f"{path} is no whole copy of a database: {told[0]}")
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as opened:
        tables = {row[0] for row in opened.execute("SELECT name FROM sqlite_master")}
    if not {"subscribers", "deliveries", "alembic_version"} <= tables:
        raise UsageError(f"{path} is a database, but not one of newsletter's")


def _settle(stage: Path, target: Path) -> None:
    """Gives a whole file its name, so that it is there after a power cut too."""
    with stage.open("rb") as file:
        os.fsync(file.fileno())
    try:
        os.link(stage, target)  # unlike rename, it replaces nothing
    except FileExistsError:
        raise UsageError(f"{target} is there already") from None
    except OSError:
        stage.replace(target)
    with suppress(OSError):
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _file_of(url: URL, *, must_exist: bool = True) -> Path:
    if not url.database or url.database == ":memory:":
        raise UsageError("this database is in memory only: there is nothing to copy")
    path = Path(url.database)
    if must_exist and not path.is_file():
        raise UsageError(f"there is no database yet: {path}")
    return path


def _run_tool(tool: str, url: URL, *arguments: str, named: bool = False) -> None:
    """Calls one of PostgreSQL's tools; the password goes by the environment, never by the arguments."""
    program = shutil.which(tool)
    if program is None:
        raise NewsletterError(
            f"{tool} is not here, and PostgreSQL's databases are copied with it",
            "Install PostgreSQL's client: sudo apt-get install postgresql-client",
        )
    place = {"host": url.host or url.query.get("host"), "port": url.port, "username": url.username}
    options = [f"--{name}={value}" for name, value in place.items() if value]
    database = [] if named else [f"--dbname={url.database}"]
    environment: Mapping[str, str] = {
        **os.environ,
        **({"PGPASSWORD": url.password} if url.password else {}),
    }
    done = subprocess.run(  # noqa: S603 — a program of PostgreSQL's, found on PATH
        [program, "--no-password", *options, *database, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise NewsletterError(f"{tool} failed: {said[0] if said else done.returncode}")
