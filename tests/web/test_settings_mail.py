"""From any mail to the settings: the link goes to the reader's own address, and to nobody who was passed the mail."""

from __future__ import annotations

import email
import re
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from newsletter.publication import Publication, load_publication, with_settings
from newsletter.subscribers.tokens import (
    Grant,
    load_key,
    make_key_file,
    read_unsubscribe_token,
    unsubscribe_token,
)
from newsletter.web.public import public_app
from newsletter.workflow import importing, subscribers


@pytest.fixture
def publication(orchard: Path) -> Publication:
    make_key_file(orchard / "subscribers" / "secret.key")
    made = with_settings(load_publication(orchard, {}), transport="maildir")
    people = orchard / "people.csv"
    people.write_text("email,name,language\nada@example.com,Ada,zh-Hans\nbob@example.com,Bob,\n")
    importing.import_file(made, people, "weekly", apply=True, consent="at the desk")
    return made


@pytest.fixture
def client(publication: Publication) -> TestClient:
    return TestClient(public_app(publication), base_url="https://orchard.example.com")


def _path(publication: Publication, subscriber: int) -> str:
    return f"/unsubscribe/{unsubscribe_token(load_key(publication), Grant(1, subscriber))}"


def _mails(publication: Publication) -> list[EmailMessage]:
    folder = publication.root / "build" / "outbox" / "new"
    return [
        email.message_from_bytes(path.read_bytes(), policy=default)  # type: ignore[misc]
        for path in sorted(folder.glob("*"))
    ]


def test_the_link_goes_to_the_readers_own_address_in_their_language(
    publication: Publication, client: TestClient
) -> None:
    page = client.get(_path(publication, 1)).text
    assert "把设置链接寄给我" in page
    found = re.search(r'action="([^"]+/settings)"', page)
    assert found
    assert "邮件已寄出" in client.post(found[1]).text
    (mail,) = _mails(publication)
    assert (mail["to"], mail["subject"]) == ("ada@example.com", "《The Orchard》订阅设置")
    body = mail.get_body(("plain",))
    assert body is not None
    link = re.search(r"https://orchard\.example\.com(/preferences/\S+)", body.get_content())
    assert link
    assert "a•••@example.com" in client.get(link[1]).text
    assert link[1] not in page, "whoever was passed the mail sees no settings"
    assert read_unsubscribe_token(load_key(publication), link[1].rpartition("/")[2]) is None


def test_one_a_day_is_sent_and_the_page_says_the_same(
    publication: Publication, client: TestClient
) -> None:
    pages = {client.post(f"{_path(publication, 2)}/settings").text for _ in range(3)}
    assert len(pages) == 1
    assert len(_mails(publication)) == 1
    assert {str(one.status) for one in subscribers.subscriptions(publication)} == {"confirmed"}


def test_only_a_post_sends_and_only_with_a_good_link(
    publication: Publication, client: TestClient
) -> None:
    assert client.get(f"{_path(publication, 2)}/settings").status_code == 405
    assert client.post("/unsubscribe/nonsense/settings").status_code == 404
    assert client.post("/unsubscribe/preview/settings").status_code == 404
    assert _mails(publication) == []


def test_a_page_in_a_language_without_these_words_has_no_such_button(
    publication: Publication,
) -> None:
    arabic = with_settings(publication, language="ar")
    with TestClient(public_app(arabic), base_url="https://orchard.example.com") as client:
        page = client.get(_path(publication, 2)).text
    assert '<html lang="ar"' in page
    assert "/settings" not in page
