"""The database copied while others write, put back while others read, and looked through."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from newsletter.delivery.transports import Memory
from newsletter.model.campaign import CampaignStatus
from newsletter.model.subscriber import Status
from newsletter.problems import NewsletterError, TryAgainLater, UsageError
from newsletter.publication import Publication, StoreSettings, with_settings
from newsletter.store import campaigns as store_campaigns
from newsletter.store import carrying
from newsletter.store import lists as store_lists
from newsletter.store import subscribers as people
from newsletter.store.engine import Store, open_store
from newsletter.subscribers.tokens import Grant, load_key, make_key_file, unsubscribe_token
from newsletter.workflow import database, dispatch, subscribers
from newsletter.workflow.unsubscribing import unsubscribe

Begin = Callable[..., int]


def status(publication: Publication, address: str) -> Status | None:
    with open_store(publication) as store, store.reading() as connection:
        person = people.find_subscriber(connection, address)
        to = store_lists.find_list(connection, "weekly")
        assert person is not None
        assert to is not None
        return people.status_of(connection, to.id, person.id)


def test_a_copy_that_is_made_while_somebody_writes_is_one_moment(
    on_sqlite: Publication, tmp_path: Path
) -> None:
    """The writer adds a person and their twin in one transaction: a copy never has one without the other."""
    subscribers.add(on_sqlite, "first@example.com", "weekly")
    stop = threading.Event()
    written = 0

    def write() -> None:
        nonlocal written
        with open_store(on_sqlite) as store:
            while not stop.is_set():
                with store.writing() as connection:
                    for name in ("a", "b"):
                        connection.execute(
                            text("INSERT INTO attempts (at, bucket) VALUES ('2026-05-05 00:00:00.000000', :name)"),
                            {"name": name},
                        )  # fmt: skip
                written += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copies = [database.backup(on_sqlite, tmp_path / f"{n}.db")[0] for n in range(10)]
    finally:
        stop.set()
        writer.join()
    assert written > 10
    for copy in copies:
        assert database.verify(on_sqlite, copy) == ()
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        with closing(sqlite3.connect(copy)) as opened:
            counts = opened.execute(
                "SELECT bucket, count(*) FROM attempts GROUP BY bucket"
            ).fetchall()
        assert len({count for _, count in counts}) <= 1
    assert sorted(path.name for path in tmp_path.glob("*.db*")) == sorted(
        f"{n}.db" for n in range(10)
    )


def test_a_copy_replaces_nothing(on_sqlite: Publication, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no database yet"):
        database.backup(on_sqlite)
    subscribers.add(on_sqlite, "first@example.com", "weekly")
    (tmp_path / "there.db").write_text("precious")
    with pytest.raises(UsageError, match="is there already"):
        database.backup(on_sqlite, tmp_path / "there.db")
    assert (tmp_path / "there.db").read_text() == "precious"


def test_what_is_put_back_is_what_was_copied_and_the_former_is_kept(
    on_sqlite: Publication,
) -> None:
    subscribers.add(on_sqlite, "first@example.com", "weekly")
    copy, _ = database.backup(on_sqlite)
    subscribers.add(on_sqlite, "second@example.com", "weekly")
    with open_store(
        on_sqlite
    ) as opened_before:  # a server that has it open goes on with the new one
        done = database.restore(on_sqlite, copy)
        with opened_before.reading() as connection:
            assert people.find_subscriber(connection, "second@example.com") is None
            assert people.find_subscriber(connection, "first@example.com") is not None
    assert done.former is not None
    assert database.verify(on_sqlite) == ()
    database.restore(on_sqlite, done.former)
    assert status(on_sqlite, "second@example.com") is Status.CONFIRMED


def test_who_has_left_since_the_copy_stays_away(on_sqlite: Publication) -> None:
    make_key_file(on_sqlite.root / "subscribers" / "secret.key")
    for name in ("stays", "leaves", "goes", "bounces"):
        subscribers.add(on_sqlite, f"{name}@example.com", "weekly")
    copy, _ = database.backup(on_sqlite)
    with open_store(on_sqlite) as store, store.writing() as connection:
        person = people.find_subscriber(connection, "leaves@example.com")
        to = store_lists.find_list(connection, "weekly")
        assert person is not None
        assert to is not None
        people.suppress(connection, "bounces@example.com", "bounced", "bounce")
    unsubscribe(on_sqlite, unsubscribe_token(load_key(on_sqlite), Grant(to.id, person.id)))
    subscribers.remove(on_sqlite, "goes@example.com", None)
    done = database.restore(on_sqlite, copy)
    assert done.carried.left == 3
    assert done.former is not None
    assert sorted(done.former.parent.iterdir()) == sorted((copy, done.former)), "nothing else stays"
    assert status(on_sqlite, "leaves@example.com") is Status.UNSUBSCRIBED
    assert status(on_sqlite, "goes@example.com") is Status.UNSUBSCRIBED
    assert status(on_sqlite, "stays@example.com") is Status.CONFIRMED
    with open_store(on_sqlite) as store, store.reading() as connection:
        found = connection.execute(text("SELECT kind FROM suppressions")).scalars().all()
    assert found == ["bounce"]


def test_who_was_forgotten_since_the_copy_is_forgotten_in_it(
    fresh: Publication, begin: Begin
) -> None:
    begin()
    copy, _ = database.backup(fresh)
    subscribers.forget_person(fresh, "p1@example.com")
    database.restore(fresh, copy)
    with open_store(fresh) as store, store.reading() as connection:
        assert people.find_subscriber(connection, "p1@example.com") is None
        rows = connection.execute(text("SELECT address, status FROM deliveries ORDER BY id")).all()
    assert rows[1] == ("", "skipped")
    assert [address for address, _ in rows] == ["p0@example.com", "", "p2@example.com"]


def test_a_copy_takes_the_database_s_place_only_once_it_knows_who_has_left(
    on_sqlite: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribers.add(on_sqlite, "leaves@example.com", "weekly")
    copy, _ = database.backup(on_sqlite)
    subscribers.remove(on_sqlite, "leaves@example.com", None)

    def fails(*_: object) -> int:
        raise NewsletterError("the lights went out")

    monkeypatch.setattr(carrying, "carry_over", fails)
    with pytest.raises(NewsletterError, match="lights"):
        database.restore(on_sqlite, copy)
    assert status(on_sqlite, "leaves@example.com") is Status.UNSUBSCRIBED


@pytest.mark.parametrize("state", ["sending", "scheduled", "held", "paused"])
def test_nothing_is_sent_by_itself_after_a_copy_was_put_back(
    on_sqlite: Publication, begun: Callable[[Store], int], state: str
) -> None:
    with open_store(on_sqlite) as store:
        campaign = begun(store)
        with store.writing() as connection:
            connection.execute(
                text("UPDATE campaigns SET status = :state, wake = '2026-05-05 00:00:00.000000', served = 1"),
                {"state": state},
            )  # fmt: skip
    copy, _ = database.backup(on_sqlite)
    done = database.restore(on_sqlite, copy)
    assert done.stopped == (campaign,)
    with open_store(on_sqlite) as store, store.reading() as connection:
        found = store_campaigns.campaign_by_id(connection, campaign)
    held = CampaignStatus.PAUSED if state in ("sending", "paused") else CampaignStatus.HELD
    assert (found.status, found.wake) == (held, None)
    assert "is not mailed again" in found.reason


@pytest.fixture
def begun(on_sqlite: Publication, freeze_issue: Callable[..., int]) -> Callable[[Store], int]:
    """Freezes a campaign to one person."""

    def begin(store: Store) -> int:
        subscribers.add(on_sqlite, "p0@example.com", "weekly")
        return freeze_issue(store)

    return begin


def test_a_database_of_a_campaign_that_is_being_sent_is_not_replaced(
    on_sqlite: Publication,
    begun: Callable[[Store], int],
) -> None:
    make_key_file(on_sqlite.root / "subscribers" / "secret.key")
    with open_store(on_sqlite) as store:
        campaign = begun(store)
        copy, _ = database.backup(on_sqlite)

        class Slow(Memory):
            def send(self, *arguments: object) -> object:  # type: ignore[override]
                with pytest.raises(TryAgainLater, match="is being sent just now"):
                    database.restore(on_sqlite, copy)
                return super().send(*arguments)  # type: ignore[arg-type]

        dispatch.run(on_sqlite, store, campaign, transport=Slow())


@pytest.mark.parametrize("what", ["text", "cut", "other", "nothing"])
def test_what_is_no_whole_copy_is_refused_and_changes_nothing(
    on_sqlite: Publication, tmp_path: Path, what: str
) -> None:
    subscribers.add(on_sqlite, "first@example.com", "weekly")
    bad = tmp_path / "bad.db"
    if what == "text":
        bad.write_text("no database" * 1000)
    elif what == "cut":
        database.backup(on_sqlite, bad)
        with bad.open("r+b") as file:
            file.truncate(bad.stat().st_size // 2)
    elif what == "other":
        with closing(sqlite3.connect(bad)) as other:
            other.execute("CREATE TABLE t (x)")
    with pytest.raises(UsageError):
        database.restore(on_sqlite, bad)
    assert status(on_sqlite, "first@example.com") is Status.CONFIRMED
    assert not list((on_sqlite.root / "subscribers" / "backups").glob("*"))


def test_books_that_do_not_balance_are_found(
    on_sqlite: Publication, begun: Callable[[Store], int]
) -> None:
    with open_store(on_sqlite) as store:
        campaign = begun(store)
        assert database.verify(on_sqlite) == ()
        with store.writing() as connection:
            connection.execute(text("UPDATE campaigns SET candidates = 7, status = 'finished'"))
            connection.execute(text("UPDATE subscriptions SET status = 'glad'"))
    told = database.verify(on_sqlite)
    assert f"campaign {campaign} (one): the books do not balance: 7 candidates" in told[0]
    assert "is finished, but 1 deliveries have not ended" in told[1]
    assert "'glad'" in told[2]


def test_a_damaged_page_is_found(on_sqlite: Publication, tmp_path: Path) -> None:
    for number in range(300):
        subscribers.add(on_sqlite, f"p{number}@example.com", "weekly")
    copy, _ = database.backup(on_sqlite, tmp_path / "copy.db")
    data = bytearray(copy.read_bytes())
    at = data.index(b"p250@example.com")
    data[at - 3000 : at + 3000] = os.urandom(6000)
    copy.write_bytes(data)
    assert database.verify(on_sqlite, copy) != ()


def test_the_commands_copy_verify_and_put_back(on_sqlite: Publication, tmp_path: Path) -> None:
    subscribers.add(on_sqlite, "first@example.com", "weekly")

    def call(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "newsletter", "--publication", str(on_sqlite.root), "db"]
        return subprocess.run([*command, *arguments], input=typed, capture_output=True, text=True, check=False)  # fmt: skip

    copy = tmp_path / "copy.db"
    assert "whole" in call("backup", str(copy)).stdout
    assert call("verify", str(copy)).returncode == 0
    assert call("verify").stdout.startswith("All is well")
    assert call("restore", str(copy), typed="n\n").returncode != 0
    assert "is the database now" in call("restore", str(copy), typed="y\n").stdout
    copy.write_text("broken")
    assert call("verify", str(copy)).returncode == 1
    assert call("restore", str(copy), "--yes").returncode == 2


def test_postgresql_is_copied_by_its_own_tools(
    fresh: Publication, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if store.dialect != "postgresql":
        pytest.skip("SQLite copies itself")
    subscribers.add(fresh, "first@example.com", "weekly")
    with monkeypatch.context() as patched:
        patched.setenv("PATH", "/nowhere")
        with pytest.raises(NewsletterError, match="pg_dump is not here"):
            database.backup(fresh, tmp_path / "copy.dump")
    assert list(tmp_path.glob("*.dump*")) == []
    tools = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    assert shutil.which("pg_restore")
    copy, count = database.backup(fresh, tmp_path / "copy.dump")
    assert count > 1000
    subscribers.add(fresh, "second@example.com", "weekly")
    database.restore(fresh, copy)
    with open_store(fresh) as opened, opened.reading() as connection:
        assert people.find_subscriber(connection, "second@example.com") is None
        assert people.find_subscriber(connection, "first@example.com") is not None


def test_a_database_in_memory_is_not_copied(on_sqlite: Publication) -> None:
    in_memory = with_settings(on_sqlite, store=StoreSettings(url="sqlite:///:memory:"))
    with pytest.raises(UsageError, match="in memory"):
        database.backup(in_memory)
