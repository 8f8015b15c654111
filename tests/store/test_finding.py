"""Finding people by parts of names and addresses: by an index, which never decides who is found, and forgets."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from sqlalchemy import text

from newsletter.model.people import Filters, Sort
from newsletter.publication import Publication
from newsletter.store import finding
from newsletter.store.engine import Store, open_store
from newsletter.subscribers.tokens import make_key_file
from newsletter.workflow import bulk, importing, people, person_details, segments, subscribers

NAMES = {
    "anna": "Anna Bäcker",
    "wang": "王小明",
    "li": "李雷",
    "ouyang": "欧阳小明",
    "quote": 'O"Hara (50%)',
    "straße": "Jörg Straße",
    "emoji": "Zoë 🎈🎈 Party",
    "none": "",
}


def found(publication: Publication, words: str, **filters: object) -> set[str]:
    page = people.search(publication, Filters(text=words, **filters))  # type: ignore[arg-type]
    return {one.person.email.partition("@")[0] for one in page.people}


@pytest.fixture
def known(fresh: Publication) -> Publication:
    make_key_file(fresh.root / "subscribers" / "secret.key")
    for local, name in NAMES.items():
        subscribers.add(fresh, f"{local}@d-{len(local)}.example.com", "weekly", name=name)
    return fresh


WORDS = [
    *(
        "ann",
        "ANN",
        "bäck",
        "BÄCK",
        "王小",
        "小明",
        "阳小",
        "李",
        "李雷",
        "雷",
        "雷李",
        '"ha',
        "50%",
        "%)",
        "_a",
    ),
    *(
        "straße",
        "STRASSE",
        "jö",
        "ß",
        "🎈🎈",
        "🎈",
        "zoë",
        "example",
        "le.com",
        "om",
        "@d-4",
        "li@d",
        "nobody",
        "a b",
    ),
    *("anna bäcker", "anna 王", "'", "OR", "AND NOT", "*", "\\", "-4", "d-"),
]


@pytest.mark.parametrize("words", WORDS)
def test_the_index_finds_whom_looking_at_everybody_finds(
    known: Publication, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_index = found(known, words), people.count(known, Filters(text=words))
    monkeypatch.setattr(finding, "has_index", lambda connection: False)
    assert (found(known, words), people.count(known, Filters(text=words))) == with_index
    assert with_index[1] == len(with_index[0])


def test_words_that_many_have_are_found_as_well(
    known: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "FEW", 1)
    monkeypatch.setattr(people, "MANY", 3)
    for sort in Sort:
        page = people.search(known, Filters(text="example"), sort=sort)
        assert len(page.people) == len(NAMES)
    assert found(known, "小明") == {"wang", "ouyang"}
    assert people.count_shown(known, Filters(text="小明")) == 2
    assert people.count_shown(known, Filters(text="example")) is None
    assert people.count_shown(known, Filters(list="weekly")) == len(NAMES)
    assert found(known, "example", list="weekly", status="pending") == set()


def test_conditions_of_segments_are_found_the_same_way(known: Publication) -> None:
    for condition, count in {
        "name contains 小明": 2,
        "not name contains 小明": len(NAMES) - 2,
        "name contains 小明 and email starts wang": 1,
        "name contains 小明 or email contains anna": 3,
        "name contains nobody": 0,
        "list = weekly and not (name contains 小明 or email ends .com)": 0,
    }.items():
        assert segments.try_condition(known, condition) == count, condition


def test_a_name_that_changes_is_found_by_the_new_one_only(known: Publication) -> None:
    (anna,) = people.search(known, Filters(text="anna@")).people
    person_details.change_person(
        known, anna.person.id, name="Berta", language="", attributes={}, actor="test"
    )
    assert found(known, "berta") == {"anna"}
    assert found(known, "bäcker") == set()


def test_who_an_import_brought_is_found_until_it_is_undone(known: Publication) -> None:
    path = known.root / "people.csv"
    path.write_text("email,name\nnew@example.org,Nadja\nanna@d-4.example.com,Annabel\n")
    report = importing.import_file(known, path, "weekly", apply=True, consent="yes")
    assert found(known, "nadja") == {"new"}
    assert found(known, "annabel") == {"anna"}
    importing.undo_import(known, report.batch)
    assert found(known, "nadja") == found(known, "annabel") == set()
    assert found(known, "bäcker") == {"anna"}


def _left_in_files(publication: Publication, *words: str) -> list[str]:
    """Which words any file of the database still has, its log among them."""
    folder = publication.root / "subscribers"
    files = [path.read_bytes() for path in sorted(Path(folder).glob("newsletter.db*"))]
    return [word for word in words if any(word.encode() in data for data in files)]


def _terms(publication: Publication) -> set[str]:
    with open_store(publication) as store, store.reading() as connection:
        return set(connection.execute(text("SELECT term FROM subscribers_terms")).scalars())


def test_nothing_of_an_erased_person_is_left_in_the_index_or_the_file(
    on_sqlite: Publication,
) -> None:
    make_key_file(on_sqlite.root / "subscribers" / "secret.key")
    subscribers.add(on_sqlite, "anna@example.com", "weekly", name="Anna")
    before = _terms(on_sqlite)
    subscribers.add(on_sqlite, "zxqv@kjwq.example.org", "weekly", name="Qzxvwk 鑫淼")
    assert {"zxq", "鑫淼\n"} <= _terms(on_sqlite)
    assert _left_in_files(on_sqlite, "zxqv", "鑫淼") == ["zxqv", "鑫淼"]
    with open_store(on_sqlite) as server, server.reading() as connection:
        connection.execute(text("SELECT count(*) FROM subscribers"))
        connection.rollback()  # it has the database open, as a server has, and looks at nothing just now
        assert subscribers.forget_person(on_sqlite, "zxqv@kjwq.example.org")
        log = on_sqlite.root / "subscribers" / "newsletter.db-wal"
        assert log.stat().st_size == 0
        left = _left_in_files(on_sqlite, "zxq", "xqv", "kjwq", "Qzxvwk", "鑫淼", "qzx", "鑫")
    assert left == [], "not even in the log"
    assert _terms(on_sqlite) == before
    assert _left_in_files(on_sqlite, "zxq", "xqv", "kjwq", "Qzxvwk", "鑫淼", "qzx", "鑫") == []
    assert found(on_sqlite, "zxqv") == set()


def test_nothing_of_many_who_are_erased_is_left_in_the_index(on_sqlite: Publication) -> None:
    make_key_file(on_sqlite.root / "subscribers" / "secret.key")
    subscribers.add(on_sqlite, "anna@example.com", "weekly")
    before = _terms(on_sqlite)
    for number in range(5):
        subscribers.add(on_sqlite, f"q{number}xzv@example.org", "weekly", name=f"Zq{number}x")
    gone = bulk.forget_people(on_sqlite, Filters(text="xzv"), actor="test", count=5)
    assert gone.changed == 5
    assert _terms(on_sqlite) == before


def test_a_database_of_before_gets_its_index(on_sqlite: Publication) -> None:
    subscribers.add(on_sqlite, "anna@example.com", "weekly", name="Anna")
    with open_store(on_sqlite) as store, store.writing() as connection:
        for name in ("made", "changed", "erased", "back", "gone"):
            connection.execute(text(f"DROP TRIGGER subscribers_text_{name}"))
        connection.execute(text("DROP TABLE subscribers_terms"))
        connection.execute(text("DROP TABLE subscribers_text"))
        later = (
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'segment_counts%'"
        )
        for name in connection.execute(text(later)).scalars().all():
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text("DROP TABLE segment_counts"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0011'"))
    with open_store(on_sqlite) as store, store.reading() as connection:
        assert finding.has_index(connection)
    assert found(on_sqlite, "ann") == {"anna"}
    assert found(on_sqlite, "anx") == set()


def test_postgresql_has_an_index_of_trigrams(store: Store) -> None:
    with store.reading() as connection:
        if store.dialect == "postgresql":
            rows = connection.execute(
                text("SELECT indexname FROM pg_indexes WHERE tablename = 'subscribers'")
            ).scalars()
            assert sum(name.endswith("_trgm") for name in rows) == 2
        else:
            assert finding.has_index(connection)


def test_every_way_of_writing_a_word_is_looked_up(known: Publication) -> None:
    for word in ("bäcker", "straße", "小明", "anna"):
        for way in {
            "".join(one) for one in itertools.product(*((c.lower(), c.upper()) for c in word))
        }:
            if word.casefold() == way.casefold() and way.lower() == word:
                assert found(known, way) == found(known, word) != set()
