"""A program with a key: requests to the API of the orchard's publication, whose mails go to a Maildir."""

from __future__ import annotations

import email
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from newsletter.model.api_key import Scope
from newsletter.publication import Publication, load_publication, with_settings
from newsletter.settings import ApiSettings
from newsletter.subscribers.tokens import make_key_file
from newsletter.web.public import public_app
from newsletter.workflow import api_keys, lists

EVERYTHING = [str(scope) for scope in Scope]


@dataclass
class Program:
    """`ask("GET /lists")` with a key for everything."""

    publication: Publication
    client: TestClient
    key: str

    def ask(
        self, what: str, json: Any = None, *, key: str | None = None, **options: Any
    ) -> httpx2.Response:
        method, _, path = what.partition(" ")
        headers = dict(options.pop("headers", {}))
        token = self.key if key is None else key
        if token:
            headers.setdefault("Authorization", f"Bearer {token}")
        if json is not None:
            options["json"] = json
        return self.client.request(method, f"/api/v1{path}", headers=headers, **options)

    def key_for(self, *scopes: str) -> str:
        return api_keys.make(self.publication, " ".join(scopes), scopes)[1]

    @property
    def mails(self) -> list[EmailMessage]:
        folder = self.publication.root / "build" / "outbox" / "new"
        files = sorted(folder.glob("*"), key=lambda path: path.stat().st_mtime_ns)
        return [email.message_from_bytes(path.read_bytes(), policy=default) for path in files]  # type: ignore[misc]


@pytest.fixture
def rate() -> int:
    """Requests a minute that a key may make."""
    return 100_000


@pytest.fixture
def program(orchard: Path, rate: int) -> Iterator[Program]:
    make_key_file(orchard / "subscribers" / "secret.key")
    publication = with_settings(
        load_publication(orchard, {}), transport="maildir", api=ApiSettings(rate=rate)
    )
    lists.make_list(publication, "weekly", title="The weekly letter", public=True)
    _, key = api_keys.make(publication, "everything", EVERYTHING)
    with TestClient(public_app(publication), base_url="https://orchard.example.com") as client:
        yield Program(publication, client, key)
