"""A reader's own page: a pause, their data, and having it erased; nothing by looking, nothing without their link."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from newsletter.publication import Publication, load_publication
from newsletter.store import pauses
from newsletter.store.engine import open_store
from newsletter.subscribers.tokens import Grant, Kind, load_key, make_key_file, signed_token
from newsletter.web.public import public_app
from newsletter.workflow import campaigns, importing, subscribers


class Reader:
    def __init__(self, publication: Publication, client: TestClient, path: str) -> None:
        self.publication, self.client, self.path = publication, client, path

    def press(self, **fields: str) -> str:
        return self.client.post(self.path, data=fields).text

    @property
    def page(self) -> str:
        return self.client.get(self.path).text

    def recipients(self) -> tuple[int, dict[str, int]]:
        shown = campaigns.plan(self.publication, "2026-05", ["weekly"])
        return shown.recipients, dict(shown.audience.excluded)


@pytest.fixture
def reader(orchard: Path) -> Iterator[Reader]:
    make_key_file(orchard / "subscribers" / "secret.key")
    publication = load_publication(orchard, {})
    people = orchard / "people.csv"
    people.write_text("email,name\nAda@example.com,Ada\nbob@example.com,Bob\n")
    importing.import_file(publication, people, "weekly", apply=True, consent="at the desk")
    key = load_key(publication)
    path = f"/preferences/{signed_token(key, Kind.PREFERENCES, Grant(0, 1))}"
    with TestClient(public_app(publication), base_url="https://orchard.example.com") as client:
        yield Reader(publication, client, path)


def test_a_pause_lasts_thirty_days_and_leaves_every_list_as_it_is(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Pause for 30 days" in reader.page
    assert reader.recipients() == (2, {})
    page = reader.press(pause="1")
    assert re.search(r"No mail comes until \d+ \w+ \d{4}", page)
    assert reader.recipients() == (1, {"paused": 1})
    (ada, _) = subscribers.subscriptions(reader.publication)
    assert str(ada.status) == "confirmed"

    from newsletter.store.events import now
    from newsletter.workflow.preferences import PAUSE

    monkeypatch.setattr(pauses, "now", lambda: now() + PAUSE)
    assert reader.recipients() == (2, {}), "it ends by itself"
    monkeypatch.undo()
    assert "Pause for 30 days" in reader.press(resume="1")
    assert reader.recipients() == (2, {})


def test_a_pause_skips_what_waits_to_be_sent(reader: Reader) -> None:
    shown = campaigns.plan(reader.publication, "2026-05", ["weekly"])
    held = campaigns.hold(reader.publication, shown, 2, 60)
    reader.press(pause="1")
    (_, books) = next(one for one in campaigns.status(reader.publication) if one[0].id == held.id)
    states = {str(state): count for state, count in books.states.items()}
    assert states == {"queued": 1, "skipped": 1}


def test_their_data_is_whole_with_the_address_masked(reader: Reader) -> None:
    answer = reader.client.get(f"{reader.path}/data")
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    data = json.loads(answer.text)
    assert data["email"] == "A•••@example.com"
    assert data["name"] == "Ada"
    assert data["subscriptions"][0]["consent"]["text"] == "at the desk"
    assert "ada@example.com" not in answer.text.lower()
    assert reader.client.get("/preferences/nonsense/data").status_code == 404


def test_erasing_needs_a_tick_and_is_for_good(reader: Reader) -> None:
    assert "Please tick the box" in reader.press(erase="1")
    assert reader.recipients() == (2, {})
    assert "Nothing about you is kept here" in reader.press(erase="1", sure="1")
    assert reader.client.get(reader.path).status_code == 404
    assert reader.client.get(f"{reader.path}/data").status_code == 404
    people = reader.publication.root / "people.csv"
    again = importing.import_file(reader.publication, people, "weekly", apply=True)
    assert again.blocked == 1, "no import brings them back"


def test_a_page_speaks_the_readers_language_where_there_are_words_for_it(reader: Reader) -> None:
    page = reader.press(name="Ada", language="zh-Hans", list="weekly")
    assert '<html lang="zh-Hans"' in page
    assert "暂停 30 天" in page
    assert "no mail" not in page.lower()
    page = reader.press(name="Ada", language="ar", list="weekly")
    assert '<html lang="en"' in page


@pytest.mark.parametrize("purpose", [Kind.UNSUBSCRIBE, Kind.CONFIRM, Kind.FORM])
def test_a_link_of_another_purpose_opens_no_settings(reader: Reader, purpose: Kind) -> None:
    token = signed_token(load_key(reader.publication), purpose, Grant(1, 1))
    for path in (f"/preferences/{token}", f"/preferences/{token}/data"):
        assert reader.client.get(path).status_code == 404
    fields = {"erase": "1", "sure": "1"}
    assert reader.client.post(f"/preferences/{token}", data=fields).status_code == 404
    with open_store(reader.publication) as store, store.reading() as connection:
        assert pauses.paused_until(connection, 1) is None
    assert reader.recipients() == (2, {})
