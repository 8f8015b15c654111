"""An open store in a fresh publication."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.publication import Publication, load_publication
from newsletter.store.engine import Store, open_store


@pytest.fixture
def fresh(new_publication: Path) -> Publication:
    return load_publication(new_publication, {})


@pytest.fixture
def store(fresh: Publication) -> Iterator[Store]:
    with open_store(fresh) as opened:
        yield opened
