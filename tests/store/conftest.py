"""An open store in a fresh publication: on SQLite and on PostgreSQL, the same tests for both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newsletter.publication import Publication, StoreSettings, load_publication, with_settings
from newsletter.store.engine import Store, open_store


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
