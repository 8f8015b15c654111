"""An open store in a fresh publication: on SQLite and on PostgreSQL, the same tests for both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from newsletter.model.campaign import Content
from newsletter.publication import Publication, StoreSettings, load_publication, with_settings
from newsletter.store.audiences import audience_of
from newsletter.store.engine import Store, open_store
from newsletter.subscribers.tokens import make_key_file
from newsletter.workflow import dispatch, subscribers
from newsletter.workflow.lists import one_list

Begin = Callable[..., int]


@pytest.fixture
def fresh(new_publication: Path, new_store_url: Callable[[], str]) -> Publication:
    return _with_store(load_publication(new_publication, {}), new_store_url())


@pytest.fixture
def another(fresh: Publication, new_store_url: Callable[[], str]) -> Publication:
    """The same publication on an empty database."""
    return _with_store(fresh, new_store_url())


@pytest.fixture
def on_sqlite(new_publication: Path) -> Publication:
    """A publication on the default database: a file of its own."""
    return load_publication(new_publication, {})


def _with_store(publication: Publication, url: str) -> Publication:
    return with_settings(publication, store=StoreSettings(url=url))


@pytest.fixture
def store(fresh: Publication) -> Iterator[Store]:
    with open_store(fresh) as opened:
        yield opened


@pytest.fixture
def freeze_issue() -> Callable[..., int]:
    """Freezes a campaign of an issue to the list `to` in an open store; returns its id."""

    def freeze(store: Store, slug: str = "one", to: str = "weekly", fingerprint: str = "") -> int:
        content = Content(
            slug,
            "s",
            "<p>h</p>",
            "t",
            "en",
            (),
            (),
            "S",
            "s@example.com",
            "",
            "",
            "https://x.example",
            "P",
        )
        with store.reading() as connection:
            lists = (one_list(connection, to),)
            shown = audience_of(connection, lists, slug)
        return dispatch.freeze(store, content, (1, "d"), lists, fingerprint or shown.fingerprint)

    return freeze


@pytest.fixture
def begin(fresh: Publication, store: Store, freeze_issue: Callable[..., int]) -> Begin:
    """Freezes campaigns to three people of the lists `weekly` and `other`."""
    make_key_file(fresh.root / "subscribers" / "secret.key")
    for number in range(3):
        subscribers.add(fresh, f"p{number}@example.com", "weekly")
        subscribers.add(fresh, f"p{number}@example.com", "other")
    return partial(freeze_issue, store)
