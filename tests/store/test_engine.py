"""The database: opened, private, upgraded with a copy kept, the same on both kinds."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from newsletter.model.subscriber import MailingList
from newsletter.problems import NewsletterError, TryAgainLater, UsageError
from newsletter.publication import Publication, StoreSettings, load_publication, with_settings
from newsletter.store import connecting, upgrade
from newsletter.store.audiences import people
from newsletter.store.engine import Store, keeping_open, open_store
from newsletter.store.lists import all_lists, find_list, make_list
from newsletter.store.schema import metadata


def database(publication: Publication) -> Path:
    return publication.root / "subscribers" / "newsletter.db"


def test_the_newest_migration_is_the_one_that_is_looked_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(upgrade.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == upgrade.HEAD


def test_the_migrations_make_the_tables_of_the_schema(store: Store) -> None:
    def ours(thing: object, name: str | None, kind: str, *given: object) -> bool:
        """Not the index of words (`store/finding.py`), which is made of tables of its own or of trigrams."""
        return not str(name).startswith(("subscribers_text", "subscribers_terms")) and not (
            kind == "index" and str(name).endswith("_trgm")
        )

    with store.writing() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        assert compare_metadata(context, metadata) == []


def test_the_file_is_private_and_careful(on_sqlite: Publication) -> None:
    with open_store(on_sqlite) as store, store.reading() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert stat.S_IMODE(database(on_sqlite).stat().st_mode) == 0o600
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 120_000,
    }


def test_a_copy_is_kept_before_a_migration(
    on_sqlite: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(on_sqlite) as store, store.writing() as connection:
        make_list(connection, "weekly", "test")
    ran: list[str] = []
    monkeypatch.setattr(upgrade, "HEAD", "next")
    monkeypatch.setattr(upgrade, "_migrate", lambda connection: ran.append("next"))
    with open_store(on_sqlite):
        pass
    assert ran == ["next"]
    copy = database(on_sqlite).with_name("newsletter.db.before-next")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    monkeypatch.undo()
    url = StoreSettings(url=f"sqlite:///{copy}")
    with open_store(with_settings(on_sqlite, store=url)) as kept, kept.reading() as connection:
        assert find_list(connection, "weekly") is not None


def test_a_database_of_a_newer_version_is_left_alone(fresh: Publication) -> None:
    with open_store(fresh) as store, store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewsletterError, match="newer version"), open_store(fresh):
        pass


def test_what_is_no_database_and_a_missing_driver_are_told(new_publication: Path) -> None:
    fresh = load_publication(new_publication, {})
    with (
        pytest.raises(UsageError, match="not a database address"),
        open_store(with_settings(fresh, store=StoreSettings(url="nonsense"))),
    ):
        pass
    with (
        pytest.raises(NewsletterError, match="no driver here"),
        open_store(with_settings(fresh, store=StoreSettings(url="oracle+none://x/y"))),
    ):
        pass


def test_a_file_that_is_no_database_is_told_and_left_as_it_is(on_sqlite: Publication) -> None:
    for content in (b"Dear diary, this is no database at all.\n" * 200, b"\x7fELF" + b"\0" * 8000):
        database(on_sqlite).write_bytes(content)
        with pytest.raises(NewsletterError, match="is no database"), open_store(on_sqlite):
            pass
        assert database(on_sqlite).read_bytes() == content


def test_writers_wait_for_one_another(fresh: Publication, store: Store) -> None:
    def count_up(name: str) -> None:
        with open_store(fresh) as mine:
            for number in range(10):
                with mine.writing() as connection:
                    make_list(connection, f"{name}{number}", "test")

    threads = [threading.Thread(target=count_up, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM lists")).scalar() == 30


def test_a_reader_sees_one_moment_and_a_reading_transaction_writes_nothing(
    fresh: Publication, store: Store
) -> None:
    with store.writing() as connection:
        make_list(connection, "weekly", "test")
    with open_store(fresh) as other, store.reading() as connection:
        before = len(all_lists(connection))
        with other.writing() as writer:
            make_list(writer, "monthly", "test")
        assert len(all_lists(connection)) == before == 1


def test_a_writer_that_waits_too_long_is_told_to_try_again(
    fresh: Publication, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "BUSY_SECONDS", 0.2)
    with open_store(fresh) as impatient, store.writing():
        waiting = impatient.writing()
        with pytest.raises(TryAgainLater, match="busy"):
            waiting.__enter__()


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    def half_done() -> None:
        with store.writing() as connection:
            make_list(connection, "weekly", "test")
            raise RuntimeError("half done")

    with pytest.raises(RuntimeError, match="half done"):
        half_done()
    with store.reading() as connection:
        assert find_list(connection, "weekly") is None


def test_tables_and_the_audience_compile_for_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
    query = people([MailingList(1, "a"), MailingList(2, "b")], "slug")
    assert "row_number() OVER" in str(query.select().compile(dialect=dialect))


def test_opening_the_database_again_lets_go_of_no_lock(on_sqlite: Publication) -> None:
    """Another process that ends meanwhile must not take itself for the last one and throw the log away."""
    code = (
        "import sqlite3, sys\nother = sqlite3.connect(sys.argv[1])\n"
        "other.execute('SELECT count(*) FROM lists').fetchone()\nother.close()\n"
    )
    log = database(on_sqlite).with_name("newsletter.db-wal")
    with open_store(on_sqlite) as first, first.writing() as connection:
        make_list(connection, "weekly", "test")
    with open_store(on_sqlite) as first, first.reading() as connection:
        all_lists(connection)
        number = log.stat().st_ino
        with open_store(on_sqlite):
            pass
        subprocess.run([sys.executable, "-c", code, str(database(on_sqlite))], check=True)
        assert log.exists()
        assert log.stat().st_ino == number


def test_a_server_keeps_its_database_open_and_makes_none_that_nobody_asked_for(
    on_sqlite: Publication,
) -> None:
    with keeping_open(on_sqlite):
        assert not database(on_sqlite).exists()
        with open_store(on_sqlite) as first, open_store(on_sqlite) as second:
            assert first is second
        with keeping_open(on_sqlite):
            pass
        with open_store(on_sqlite) as again:
            assert again is first
    with open_store(on_sqlite) as later:
        assert later is not first


def test_a_database_that_was_put_in_the_place_of_another_is_seen_by_a_server(
    on_sqlite: Publication,
) -> None:
    path = database(on_sqlite)
    with keeping_open(on_sqlite):
        with open_store(on_sqlite) as store, store.writing() as connection:
            make_list(connection, "old", "test")
        for ending in ("", "-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        with open_store(on_sqlite) as store:
            with store.reading() as connection:
                assert all_lists(connection) == ()
            with store.writing() as connection:
                make_list(connection, "new", "test")
    with open_store(on_sqlite) as store, store.reading() as connection:
        assert [one.list.name for one in all_lists(connection)] == ["new"]


def test_temporary_tables_last_from_one_transaction_to_the_next_and_then_are_gone(
    store: Store,
) -> None:
    with store.apart() as apart:
        with apart.staging() as connection:
            connection.execute(text("CREATE TEMPORARY TABLE few (n INTEGER)"))
            with store.writing() as other:
                make_list(other, "meanwhile", "test")
            connection.execute(text("INSERT INTO few VALUES (1)"))
        with apart.reading() as connection:
            assert connection.execute(text("SELECT n FROM few")).scalar() == 1
            assert find_list(connection, "meanwhile") is not None
        with apart.writing() as connection:
            make_list(connection, "weekly", "test")
    with store.reading() as connection:
        assert find_list(connection, "weekly") is not None
    with pytest.raises(NewsletterError, match="few"), store.reading() as connection:
        connection.execute(text("SELECT n FROM few"))
