"""A database of an older version, with people, campaigns and clicks in it, and what the migrations leave of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.sql import column, table

from newsletter.model.clicks import Click, MailLink
from newsletter.model.people import Filters
from newsletter.publication import Publication, StoreSettings, with_settings
from newsletter.store import upgrade
from newsletter.store.campaigns import books_of
from newsletter.store.clicks import add_click, keep_links, link_lines
from newsletter.store.engine import open_store
from newsletter.store.events import now
from newsletter.subscribers.tokens import make_key_file
from newsletter.workflow import people, segments, subscribers, suppressions

Rows = dict[str, list[dict[str, Any]]]


@pytest.mark.parametrize("revision", ["0008", "0011"])
def test_the_migrations_lose_no_row_of_an_older_database(
    on_sqlite: Publication, tmp_path: Path, revision: str, freeze_issue: Callable[..., int]
) -> None:
    campaign = _live(on_sqlite, freeze_issue)
    file = tmp_path / "old.db"
    before = _as_it_was(on_sqlite, file, revision)
    assert all(before[name] for name in ("subscribers", "deliveries", "segments", "suppressions"))
    assert bool(before.get("clicks")) == (revision > "0008")

    moved = with_settings(on_sqlite, store=StoreSettings(url=f"sqlite:///{file}"))
    with open_store(moved) as store, store.reading() as connection:
        assert upgrade.version_of(connection) == upgrade.HEAD
        assert {name: _rows(connection, name, rows) for name, rows in before.items()} == before
        assert books_of(connection, campaign).balanced
        lines = link_lines(connection, campaign)
        assert [line.clicks for line in lines] == ([2] if revision > "0008" else [])
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    assert file.with_name(f"old.db.before-{upgrade.HEAD}").exists()

    found = people.search(moved, Filters(text="p2@exa"))
    assert [one.person.email for one in found.people] == ["p2@example.com"]
    last = suppressions.find(moved, "spam.example")
    assert last is not None
    suppressions.lift(moved, "spam.example", actor="cli", admin=True)
    suppressions.add(moved, "other.example", actor="cli")
    other = suppressions.find(moved, "other.example")
    assert other is not None
    assert other.id > last.id, "a number is never given twice"
    assert segments.count(moved, "some") == 3
    assert subscribers.forget_person(moved, "p2@example.com")
    assert people.search(moved, Filters(text="p2@exa")).people == ()


def _live(publication: Publication, freeze_issue: Callable[..., int]) -> int:
    """Everything that a publication's database may hold; the number of its campaign."""
    make_key_file(publication.root / "subscribers" / "secret.key")
    for number in range(3):
        subscribers.add(publication, f"p{number}@example.com", "weekly")
    suppressions.add(publication, "spam.example", reason="asked", actor="cli")
    segments.save(publication, "some", "email contains example", actor="cli")
    with open_store(publication) as store:
        campaign = freeze_issue(store)
    with open_store(publication) as store, store.writing() as connection:
        keep_links(connection, campaign, [MailLink(1, "https://journal.example/", "the paper")])
        for number in (1, 2):
            add_click(connection, Click(campaign, 1, now(), number))
    return campaign


def _as_it_was(publication: Publication, file: Path, revision: str) -> Rows:
    """A database of an older version with the rows of this one, as far as it has tables and columns for them."""
    engine = create_engine(f"sqlite:///{file}")
    config = Config()
    config.set_main_option("script_location", str(upgrade.MIGRATIONS))
    rows: Rows = {}
    with engine.begin() as old:
        config.attributes["connection"] = old
        command.upgrade(config, revision)
        known = inspect(old)
        with open_store(publication) as store, store.reading() as connection:
            for name in known.get_table_names():
                if name == "alembic_version":
                    continue
                columns = [one["name"] for one in known.get_columns(name)]
                wanted = table(name, *map(column, columns))
                rows[name] = [dict(row._mapping) for row in connection.execute(select(wanted))]
                if rows[name]:
                    old.execute(wanted.insert(), rows[name])
    engine.dispose()
    return rows


def _rows(connection: Any, name: str, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a table by the columns that it had before."""
    if not before:
        return []
    found = connection.execute(select(table(name, *map(column, before[0]))))
    return [dict(row._mapping) for row in found]
