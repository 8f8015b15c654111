"""The address behind an unsubscribe link, with a real reader in a real database: looking changes nothing, one POST acts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from newsletter.publication import Publication, load_publication
from newsletter.subscribers.tokens import Grant, load_key, make_key_file, unsubscribe_token
from newsletter.web.public import public_app
from newsletter.workflow import lists, subscribers

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@dataclass
class Reader:
    """Somebody on the list “weekly”, their link, and a browser or mail program of theirs."""

    publication: Publication
    link: str
    client: TestClient

    @property
    def status(self) -> str:
        (subscription,) = subscribers.subscriptions(self.publication, "weekly")
        return str(subscription.status)


@pytest.fixture
def reader(orchard: Path):
    make_key_file(orchard / "subscribers" / "secret.key")
    publication = load_publication(orchard, {})
    subscribers.add(publication, "walter@example.com", "weekly")
    token = unsubscribe_token(load_key(publication), Grant(list=1, subscriber=1))
    with TestClient(public_app(publication), base_url="https://orchard.example.com") as client:
        yield Reader(publication, f"/unsubscribe/{token}", client)


def test_the_page_shows_one_button_that_leaves_and_only_part_of_the_address(reader):
    answer = reader.client.get(reader.link)
    assert answer.status_code == 200
    assert answer.text.count('<button type="submit">') == 1
    assert answer.text.count("<form") == 2, "the other asks for the link to their settings"
    assert "example.com" in answer.text
    assert "walter@" not in answer.text


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_whoever_only_looks_unsubscribes_nobody(reader, method):
    for _ in range(3):
        assert reader.client.request(method, reader.link).status_code in (200, 204)
    assert reader.status == "confirmed"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused_and_change_nothing(reader, method):
    assert reader.client.request(method, reader.link).status_code == 405
    assert reader.status == "confirmed"


def test_the_button_unsubscribes(reader):
    answer = reader.client.post(reader.link)
    assert answer.status_code == 200
    assert "You are unsubscribed" in answer.text
    assert reader.status == "unsubscribed"


def test_whoever_stays_on_another_list_is_told_which_one_they_leave(reader):
    lists.make_list(reader.publication, "monthly", title="The monthly letter")
    subscribers.add(reader.publication, "walter@example.com", "monthly")
    told = "w•••@example.com will get no more mail from {}."
    assert told.format("weekly") in reader.client.get(reader.link).text
    assert told.format("weekly") in reader.client.post(reader.link).text
    assert told.format("weekly") in reader.client.get(reader.link).text, "and after it"
    subscribers.remove(reader.publication, "walter@example.com", "monthly")
    assert told.format("The Orchard") in reader.client.get(reader.link).text


def test_a_mail_program_unsubscribes_with_one_click(reader):
    assert reader.client.post(reader.link, data=ONE_CLICK).status_code == 200
    assert reader.status == "unsubscribed"


def test_one_click_works_as_multipart_too(reader):
    answer = reader.client.post(reader.link, files={"List-Unsubscribe": (None, "One-Click")})
    assert answer.status_code == 200
    assert reader.status == "unsubscribed"


def test_twice_is_as_good_as_once(reader):
    first = reader.client.post(reader.link, data=ONE_CLICK)
    second = reader.client.post(reader.link)
    assert (first.status_code, second.status_code) == (200, 200)
    assert reader.status == "unsubscribed"


def test_somebody_who_has_left_sees_so_and_no_button(reader):
    reader.client.post(reader.link)
    page = reader.client.get(reader.link).text
    assert "You are unsubscribed" in page
    assert "<button" not in page


def test_no_cookie_and_no_page_before_it_are_needed(reader):
    answer = reader.client.post(reader.link, headers={"origin": "https://mail.example.net"})
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("token", ["nonsense", "A" * 39, "A" * 500, "%00"])
def test_a_wrong_token_is_a_page_that_says_what_to_do(reader, method, token):
    answer = reader.client.request(method, f"/unsubscribe/{token}")
    assert answer.status_code == 404
    assert "answer the mail with “unsubscribe”" in answer.text
    assert reader.status == "confirmed"


def test_a_token_that_was_altered_is_a_wrong_one(reader):
    last = reader.link[-2]
    altered = reader.link[:-2] + ("A" if last != "A" else "B") + reader.link[-1]
    assert reader.client.post(altered).status_code == 404
    assert reader.status == "confirmed"


def test_a_huge_body_is_refused(reader):
    assert reader.client.post(reader.link, content=b"x" * 10_000).status_code == 413
    assert reader.status == "confirmed"


def test_the_link_of_a_test_mail_unsubscribes_nobody(reader):
    assert reader.client.post("/unsubscribe/preview", data=ONE_CLICK).status_code == 200
    assert reader.status == "confirmed"


def test_without_its_key_the_page_says_that_it_failed_and_nothing_of_the_key(reader):
    (reader.publication.root / "subscribers" / "secret.key").unlink()
    client = TestClient(
        public_app(reader.publication),
        base_url="https://orchard.example.com",
        raise_server_exceptions=False,
    )
    answer = client.get(reader.link)
    assert answer.status_code == 500
    assert "secret.key" not in answer.text
    assert "Please try again later." in answer.text
