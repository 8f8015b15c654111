"""Every change of a person is an event with its actor, and no event holds an address."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from newsletter.model.people import Filters
from newsletter.publication import Publication
from newsletter.store.engine import Store
from newsletter.store.schema import events, metadata
from newsletter.subscribers.tokens import make_key_file
from newsletter.workflow import bulk, segments, subscribers, suppressions
from newsletter.workflow.importing import import_file, undo_import

_FILE = "email,name,status,list\nanna@example.com,Anna,confirmed,weekly\nbob@example.com,Bob,bounced,weekly\n"
EVERYBODY = Filters()


def _import(here: Publication, text: str = _FILE) -> int:
    file = here.root / "people.csv"
    file.write_text(text, encoding="utf-8")
    return import_file(here, file, apply=True).batch


CHANGES: dict[str, Callable[[Publication], object]] = {
    "add": lambda here: subscribers.add(here, "cleo@example.com", "weekly"),
    "rename": lambda here: subscribers.add(here, "anna@example.com", "weekly", name="Ann"),
    "remove": lambda here: subscribers.remove(here, "anna@example.com"),
    "forget": lambda here: subscribers.forget_person(here, "anna@example.com"),
    "forget a stranger": lambda here: subscribers.forget_person(here, "nobody@example.com"),
    "import": lambda here: _import(here, "email,name,list\nanna@example.com,Annabel,weekly\n"),
    "import a bounce": lambda here: _import(
        here, "email,status,list\nanna@example.com,bounced,weekly\n"
    ),
    "undo": lambda here: undo_import(here, 1),
    "suppress": lambda here: suppressions.add(here, "anna@example.com", actor="eve"),
    "lift": lambda here: suppressions.lift(here, "bob@example.com", actor="eve", admin=True),
    "bulk tag": lambda here: bulk.tag(here, EVERYBODY, "x", actor="eve"),
    "bulk leave": lambda here: bulk.unsubscribe(here, EVERYBODY, actor="eve", count=2),
    "bulk suppress": lambda here: bulk.suppress(here, EVERYBODY, reason="", actor="eve", count=2),
    "bulk forget": lambda here: bulk.forget_people(here, EVERYBODY, actor="eve", count=2),
    "segment": lambda here: segments.save(here, "s", "email = anna@example.com", actor="eve"),
}
_PERSONAL = ("subscribers", "subscriptions", "suppressions", "forgotten", "segments")


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_an_event_with_an_actor_and_without_an_address(
    fresh: Publication, store: Store, change: str
) -> None:
    make_key_file(fresh.root / "subscribers" / "secret.key")
    _import(fresh)
    before, known = _rows(store), len(_events(store))
    CHANGES[change](fresh)
    assert _rows(store) != before, "the change changes something"
    new = _events(store)[known:]
    assert new
    assert all(event[3] for event in new), "an actor"
    assert "example.com" not in repr(_events(store))
    assert "nna" not in repr(_events(store))


def test_a_forgotten_person_stands_nowhere_any_more(fresh: Publication, store: Store) -> None:
    make_key_file(fresh.root / "subscribers" / "secret.key")
    _import(fresh)
    bulk.set_attribute(fresh, EVERYBODY, "note", "of Anna", actor="eve")
    bulk.suppress(fresh, EVERYBODY, reason="Anna wrote", actor="eve", count=2)
    subscribers.forget_person(fresh, "anna@example.com")
    with store.reading() as connection:
        for table in metadata.sorted_tables:
            rows = [tuple(row) for row in connection.execute(select(table))]
            assert "anna" not in repr(rows).lower().replace("of anna", ""), table.name
    assert "of Anna" not in repr(_person(store))


def _person(store: Store) -> list[tuple[object, ...]]:
    with store.reading() as connection:
        people = metadata.tables["subscribers"]
        return [tuple(row) for row in connection.execute(select(people).where(people.c.id == 1))]


def _rows(store: Store) -> str:
    with store.reading() as connection:
        return repr(
            [
                [tuple(row) for row in connection.execute(select(metadata.tables[name]))]
                for name in _PERSONAL
            ]
        )


def _events(store: Store) -> list[tuple[object, ...]]:
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(select(events).order_by(events.c.id))]
