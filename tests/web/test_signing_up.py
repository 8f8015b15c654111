"""Signing up with a real mail at the end: what a visitor causes, sees, and never learns."""

from __future__ import annotations

import datetime
import email
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from newsletter.publication import Publication, load_publication, with_settings
from newsletter.subscribers.tokens import make_key_file
from newsletter.web import even, readers
from newsletter.web.public import public_app
from newsletter.workflow import importing, lists, signing_up, subscribers, suppressions

SAME = "A mail is on its way"


@dataclass
class Site:
    """A publication that files its mails in a Maildir, and a visitor's browser."""

    publication: Publication
    client: TestClient

    @property
    def mails(self) -> list[EmailMessage]:
        folder = self.publication.root / "build" / "outbox" / "new"
        files = sorted(folder.glob("*"), key=lambda path: path.stat().st_mtime_ns)
        return [email.message_from_bytes(path.read_bytes(), policy=default) for path in files]  # type: ignore[misc]

    def sign_up(self, address: str, *, seconds: int = 10, **fields: str) -> str:
        at = datetime.datetime.fromtimestamp(time.time() - seconds, datetime.UTC)
        shown = signing_up.form_token(self.publication, at)
        data = {"email": address, "name": "", "shown": shown, "website": ""} | fields
        return self.client.post("/subscribe", data=data).text

    def link(self, at: int = -1) -> str:
        body = self.mails[at].get_body(("plain",))
        assert body is not None
        found = re.search(r"https://orchard\.example\.com(/\S+)", body.get_content())
        assert found
        return found.group(1)

    def statuses(self, name: str = "weekly") -> dict[str, str]:
        found = subscribers.subscriptions(self.publication)
        return {one.subscriber.email: str(one.status) for one in found if one.list.name == name}


@pytest.fixture
def site(orchard: Path) -> Iterator[Site]:
    make_key_file(orchard / "subscribers" / "secret.key")
    publication = with_settings(
        load_publication(orchard, {}), transport="maildir", default_list="weekly"
    )
    with TestClient(public_app(publication), base_url="https://orchard.example.com") as client:
        yield Site(publication, client)


def test_a_sign_up_is_confirmed_by_the_button_behind_the_mails_link(site: Site) -> None:
    assert SAME in site.sign_up("walter@example.com", name="Walter")
    assert site.statuses() == {"walter@example.com": "pending"}
    (mail,) = site.mails
    assert mail["to"] == "walter@example.com"
    assert mail["auto-submitted"] == "auto-generated"
    assert mail["list-unsubscribe"] is None
    assert "Walter" not in mail.as_string().replace("walter@", "")

    page = site.client.get(site.link()).text
    assert "w•••@example.com" in page
    assert site.statuses() == {"walter@example.com": "pending"}
    for _ in range(2):
        assert "You are subscribed" in site.client.post(site.link()).text
    (one,) = subscribers.subscriptions(site.publication)
    assert (str(one.status), one.subscriber.name) == ("confirmed", "Walter")
    assert one.consent is not None
    assert one.consent.source == "sign-up form"
    assert "I would like to receive" in one.consent.text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_whoever_only_looks_confirms_nobody(site: Site, method: str) -> None:
    site.sign_up("walter@example.com")
    for _ in range(3):
        assert site.client.request(method, site.link()).status_code == 200
    assert site.statuses() == {"walter@example.com": "pending"}


def test_the_answer_is_the_same_whoever_it_is(site: Site) -> None:
    path = site.publication.root / "people.csv"
    path.write_text(
        "email,status\nknown@example.com,confirmed\nleft@example.com,unsubscribed\n"
        "angry@example.com,complained\ngone@example.com,bounced\n"
    )
    importing.import_file(site.publication, path, "weekly", apply=True)
    subscribers.forget_person(site.publication, "forgotten@example.com")
    names = ("new", "known", "left", "angry", "gone", "forgotten")
    pages = {site.sign_up(f"{name}@example.com") for name in names}
    assert len(pages) == 1
    assert SAME in pages.pop()
    assert [mail["to"].partition("@")[0] for mail in site.mails] == [
        name for name in names if name != "angry"
    ]
    subjects = {mail["to"].partition("@")[0]: mail["subject"] for mail in site.mails}
    assert subjects["known"].endswith("you are already subscribed")
    assert subjects["left"].startswith("Please confirm")
    assert site.statuses()["known@example.com"] == "confirmed"
    assert site.statuses()["left@example.com"] == "unsubscribed"


def test_whoever_it_is_the_answer_comes_at_the_same_tick(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribers.add(site.publication, "known@example.com", "weekly")
    suppressions.add(site.publication, "gone@example.com", actor="test")
    clock, waited = iter(range(1000)), []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(even, "TICK", 7.0)
    monkeypatch.setattr(even, "monotonic", lambda: next(clock) * 10.0)
    monkeypatch.setattr(readers, "monotonic", lambda: next(clock) * 10.0)
    monkeypatch.setattr(even, "sleep", wait)
    for who in ("known@example.com", "gone@example.com", "new@example.com"):
        site.sign_up(who)
    assert waited == [4.0] * 3, "10 of 14 seconds are gone"
    site.sign_up("no address")
    assert len(waited) == 3


def test_who_had_left_bounced_or_was_forgotten_comes_back_by_their_own_word(site: Site) -> None:
    path = site.publication.root / "people.csv"
    path.write_text("email,status\nleft@example.com,unsubscribed\ngone@example.com,bounced\n")
    importing.import_file(site.publication, path, "weekly", apply=True)
    subscribers.forget_person(site.publication, "forgotten@example.com")
    for name in ("left", "gone", "forgotten"):
        site.sign_up(f"{name}@example.com")
        site.client.post(site.link())
    found = list(subscribers.subscriptions(site.publication))
    assert {str(one.status) for one in found} == {"confirmed"}
    assert {one.suppressed for one in found} == {""}
    assert len(found) == 3


def test_one_mail_a_day_goes_to_an_address(site: Site) -> None:
    for _ in range(3):
        assert SAME in site.sign_up("walter@example.com")
    assert len(site.mails) == 1


def test_tags_and_dots_do_not_bomb_a_mailbox(site: Site) -> None:
    for tag in ("", "+a", "+b", "+c", "+d"):
        assert SAME in site.sign_up(f"wal.ter{tag}@example.com")
        assert SAME in site.sign_up(f"walter{tag}@example.com")
    assert len(site.mails) == 3
    assert SAME in site.sign_up("walter@other.example.com")
    assert len(site.mails) == 4


def test_a_network_that_tries_too_often_is_told_to_wait(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing_up, "MOST_A_NETWORK", 3)
    pages = [site.sign_up(f"p{number}@example.com") for number in range(5)]
    assert [SAME in page for page in pages] == [True, True, True, False, False]
    assert "Please try again in an hour." in pages[-1]
    assert len(site.mails) == 3


def test_robots_get_the_same_answer_and_cause_nothing(site: Site) -> None:
    assert SAME in site.sign_up("bot@example.com", website="https://spam.example")
    assert site.mails == []
    assert site.statuses() == {}


@pytest.mark.parametrize("seconds", [0, 100_000])
def test_a_form_sent_too_fast_or_too_late_comes_back_filled_in(site: Site, seconds: int) -> None:
    page = site.sign_up("walter@example.com", seconds=seconds)
    assert "look once more" in page
    assert 'value="walter@example.com"' in page
    assert site.mails == []


def test_a_form_on_another_site_comes_back_filled_in(site: Site) -> None:
    page = site.client.post("/subscribe", data={"email": "walter@example.com"})
    assert page.status_code == 200
    assert 'value="walter@example.com"' in page.text


def test_what_is_no_address_is_said_so_and_shown_as_text(site: Site) -> None:
    page = site.sign_up('"><script>alert(1)</script>')
    assert "check the address" in page
    assert "<script" not in page


def test_a_link_that_is_old_or_of_another_kind_does_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.sign_up("walter@example.com")
    token = site.link().rpartition("/")[2]
    assert site.client.post(f"/preferences/{token}").status_code == 404
    expired = site.client.post(f"/confirm/{token[:-3]}AAA")
    assert expired.status_code == 404
    assert 'href="/subscribe"' in expired.text
    monkeypatch.setattr(signing_up, "CONFIRM_LASTS", datetime.timedelta(seconds=-1))
    assert site.client.post(f"/confirm/{token}").status_code == 404
    assert site.statuses() == {"walter@example.com": "pending"}


def test_a_closed_publication_takes_nobody(site: Site) -> None:
    closed = with_settings(site.publication, default_list="")
    with TestClient(public_app(closed), base_url="https://orchard.example.com") as client:
        assert client.get("/subscribe").status_code == 404


def test_public_lists_are_offered_by_their_titles_and_others_are_not(site: Site) -> None:
    lists.make_list(site.publication, "weekly", title="The weekly letter", public=True)
    lists.make_list(site.publication, "events", title="Events", public=True)
    lists.make_list(site.publication, "staff")
    page = site.client.get("/subscribe").text
    assert [title in page for title in ("The weekly letter", "Events", "staff")] == [
        True,
        True,
        False,
    ]
    assert "choose at least one" in site.sign_up("walter@example.com", list="staff")
    site.sign_up("walter@example.com", list="events")
    site.client.post(site.link())
    assert (site.statuses("events"), site.statuses("weekly"), site.statuses("staff")) == (
        {"walter@example.com": "confirmed"},
        {},
        {},
    )


def test_settings_are_changed_behind_their_own_link(site: Site) -> None:
    site.sign_up("walter@example.com")
    page = site.client.post(site.link()).text
    found = re.search(r'href="(/preferences/[^"]+)"', page)
    assert found
    link = found.group(1)
    assert "w•••@example.com" in site.client.get(link).text
    form = {"name": "Walter", "language": "zh-Hans", "list": "weekly"}
    assert "已保存。" in site.client.post(link, data=form).text
    (one,) = subscribers.subscriptions(site.publication)
    assert (one.subscriber.name, one.subscriber.language, str(one.status)) == (
        "Walter",
        "zh-Hans",
        "confirmed",
    )
    site.client.post(link, data={"leave": "1"})
    (one,) = subscribers.subscriptions(site.publication)
    assert (one.subscriber.name, str(one.status)) == ("Walter", "unsubscribed")
    site.client.get(link)
    assert site.statuses() == {"walter@example.com": "unsubscribed"}
    site.client.post(link, data=form)
    assert site.statuses() == {"walter@example.com": "confirmed"}


def test_pages_and_mail_speak_the_publications_language(orchard: Path) -> None:
    make_key_file(orchard / "subscribers" / "secret.key")
    publication = with_settings(
        load_publication(orchard, {}),
        transport="maildir",
        default_list="weekly",
        language="zh-Hans",
    )
    with TestClient(public_app(publication), base_url="https://orchard.example.com") as client:
        site = Site(publication, client)
        page = client.get("/subscribe").text
        assert '<html lang="zh-Hans"' in page
        assert "邮箱地址" in page
        assert "还差一步" in site.sign_up("li@example.com")
        (mail,) = site.mails
        assert mail["subject"].startswith("请确认订阅")
        assert mail["content-language"] == "zh-Hans"
        html = mail.get_body(("html",))
        assert html is not None
        assert re.search(r"prefers-color-scheme: dark\) \{\s+\.canvas", html.get_content())


def test_single_opt_in_takes_the_form_for_a_confirmation_of_new_addresses_only(site: Site) -> None:
    path = site.publication.root / "people.csv"
    path.write_text("email,status\nleft@example.com,unsubscribed\nwaits@example.com,pending\n")
    importing.import_file(site.publication, path, "weekly", apply=True)
    subscribers.forget_person(site.publication, "forgotten@example.com")
    lists.make_list(site.publication, "weekly", public=True, double_opt_in=False)
    names = ("new", "left", "waits", "forgotten")
    pages = {site.sign_up(f"{name}@example.com") for name in names}
    assert len(pages) == 1
    assert site.statuses() == {
        "new@example.com": "confirmed",
        "left@example.com": "unsubscribed",
        "waits@example.com": "confirmed",
        "forgotten@example.com": "pending",
    }
    kept = {
        one.subscriber.email: one.consent for one in subscribers.subscriptions(site.publication)
    }
    consent = kept["new@example.com"]
    assert consent is not None
    assert (consent.source, "I would like to receive" in consent.text) == ("sign-up form", True)
    assert site.link(0).startswith("/preferences/")
    assert site.link(1).startswith("/confirm/")


def test_one_list_that_wants_a_confirmation_is_not_confirmed_by_another(site: Site) -> None:
    lists.make_list(site.publication, "weekly", public=True, double_opt_in=False)
    lists.make_list(site.publication, "monthly", public=True)
    site.sign_up("walter@example.com", list=["weekly", "monthly"])  # type: ignore[arg-type]
    assert site.statuses() == {"walter@example.com": "confirmed"}
    assert site.statuses("monthly") == {"walter@example.com": "pending"}
    assert site.link().startswith("/confirm/")
