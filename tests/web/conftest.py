"""A small publication with a picture in its issue, and clients of both applications."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from newsletter.model.account import Role
from newsletter.publication import load_publication
from newsletter.web import even
from newsletter.web.public import public_app
from newsletter.web.studio.access import Access
from newsletter.web.studio.app import studio_app
from newsletter.workflow import accounts

ISSUE = """---
title: The Orchard in May
date: 2026-05-01
preheader: What the frost of April did to apples, pears and cherries
---

Dear {{ subscriber.name | default("reader") }}, here is May.
"""
ARTICLE = """---
title: Apples after the frost
---

The frost came late this year, and most of the blossom was gone by then.

![Blossom of an apple tree](figures/blossom.png "Blossom, two days after the frost")
"""


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody here tells answers apart by the time they take."""
    monkeypatch.setattr(even, "TICK", 1e-6)


@pytest.fixture
def orchard(new_publication: Path) -> Path:
    """The publication's folder, with the issue 2026-05."""
    article = new_publication / "issues" / "2026-05" / "01-fruit" / "01-apples.md"
    (article.parent / "figures").mkdir(parents=True)
    (article.parent.parent / "issue.md").write_text(ISSUE, encoding="utf-8")
    (article.parent / "section.md").write_text("---\ntitle: Fruit\n---\n", encoding="utf-8")
    article.write_text(ARTICLE, encoding="utf-8")
    Image.new("RGB", (640, 400), "#e8c8d0").save(article.parent / "figures" / "blossom.png")
    return new_publication


@pytest.fixture
def preview(orchard: Path) -> Iterator[TestClient]:
    """The studio, as somebody uses it who has its token."""
    with TestClient(studio_app(orchard), base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.fixture
def public(orchard: Path) -> Iterator[TestClient]:
    app = public_app(load_publication(orchard, {}))
    with TestClient(app, base_url="https://orchard.example.com", follow_redirects=False) as client:
        yield client


@pytest.fixture
def as_role(orchard: Path) -> Iterator[Callable[[Role], TestClient]]:
    """The studio over a network, as somebody with an account of a role uses it."""
    access = Access("a-token-that-nobody-could-guess", "frames-key", local=False)
    app = studio_app(orchard, hosts=("192.168.7.5",), access=access)
    publication = load_publication(orchard, {})
    made: list[TestClient] = []

    def log_in(role: Role) -> TestClient:
        accounts.add(publication, str(role), role, "correct horse battery")
        client = TestClient(
            app,
            base_url="http://192.168.7.5:8000",
            follow_redirects=False,
            client=("192.168.7.9", 4711),
        )
        client.__enter__()
        made.append(client)
        client.post("/login", data={"name": str(role), "password": "correct horse battery"})
        return client

    yield log_in
    for client in made:
        client.__exit__(None, None, None)
