"""Counted links, from a sent mail to the report: they lead where they were frozen to lead, and change nobody."""

from __future__ import annotations

import datetime
import email
import email.policy
import html
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from newsletter.delivery.transports import Memory
from newsletter.problems import Changed, TryAgainLater, UsageError
from newsletter.publication import Publication, load_publication, with_settings
from newsletter.settings import TrackingSettings
from newsletter.store.engine import open_store
from newsletter.store.events import now
from newsletter.store.records import record_of
from newsletter.store.schema_clicks import clicks
from newsletter.subscribers.click_tokens import ClickGrant, click_token, read_click_token
from newsletter.subscribers.tokens import (
    Grant,
    Key,
    load_key,
    make_key_file,
    read_unsubscribe_token,
    unsubscribe_token,
)
from newsletter.web.public import public_app
from newsletter.web.studio.app import studio_app
from newsletter.workflow import (
    api_keys,
    campaigns,
    clicking,
    dispatch,
    reports,
    reviewing,
    segments,
)
from newsletter.workflow import subscribers as people
from newsletter.workflow.preferences import erase

ANN, BOB = "ann@example.com", "bob@example.com"
BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
ISSUE = """# The Orchard in May

Read [the paper](https://journal.example/paper?id=1&part=2), [春の記事](https://例え.example/記事?題=春#下),
[the paper again](https://journal.example/paper?id=1&part=2), [by mail](mailto:us@example.com),
[an own page](https://pages.example/?who={{subscriber.name}}) or
[a DOI](https://doi.org/10.1000/1).
"""


class Sent:
    """A publication whose issue went to Ann and Bob, and a reader's browser."""

    def __init__(self, root: Path, out: Memory, kept: str) -> None:
        self.root = root
        self.out = out
        self.publication = self.with_clicks(kept)
        self.later = datetime.timedelta(minutes=5)

    def with_clicks(self, kept: str) -> Publication:
        tracking = TrackingSettings(clicks=kept, untracked=("doi.org",))  # type: ignore[arg-type]
        return with_settings(load_publication(self.root, {}), tracking=tracking)

    def send(self) -> None:
        shown = campaigns.plan(self.publication, "may", [])
        campaigns.send(self.publication, shown, shown.recipients)

    def bodies(self, to: str) -> tuple[str, str]:
        message = next(data for _, address, data in self.out.sent if address == to)
        read = email.message_from_bytes(message, policy=email.policy.default)
        plain, rich = (read.get_body((kind,)) for kind in ("plain", "html"))  # type: ignore[attr-defined]
        return plain.get_content(), rich.get_content()

    def links(self, to: str) -> list[str]:
        """Every address that a link of somebody's mail has, as a browser reads it."""
        _, rich = self.bodies(to)
        return [html.unescape(one) for one in re.findall(r'<a\b[^>]*?href="([^"]*)"', rich)]

    def counted(self, to: str) -> list[str]:
        return [one for one in self.links(to) if "/c/" in one]

    def to_paper(self, to: str) -> str:
        return next(one for one in self.counted(to) if "journal.example" in one)

    def database(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table."""
        path = self.root / "subscribers" / "newsletter.db"
        with sqlite3.connect(path) as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            return {
                name: connection.execute(f'SELECT * FROM "{name}"').fetchall()
                for (name,) in names.fetchall()
                if not name.startswith(
                    "subscribers_te"
                )  # the index of words: made by triggers, not to be read
            }


@pytest.fixture
def sent(new_publication: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Sent]:
    """Sends the issue with this kept of its clicks; whoever follows a link does so minutes later."""
    out = Memory()
    monkeypatch.setattr(dispatch, "transports_of", lambda publication: [out])
    (new_publication / "issues" / "may.md").write_text(ISSUE, encoding="utf-8")
    make_key_file(new_publication / "subscribers" / "secret.key")

    def make(kept: str) -> Sent:
        made = Sent(new_publication, out, kept)
        for address, name in ((ANN, "Ann"), (BOB, "Bob")):
            people.add(made.publication, address, "weekly", name=name)
        made.send()
        monkeypatch.setattr(clicking, "now", lambda: now() + made.later)
        return made

    return make


@pytest.fixture
def reading(sent: Callable[[str], Sent]) -> Iterator[Callable[[str], tuple[Sent, TestClient]]]:
    clients: list[TestClient] = []

    def make(kept: str) -> tuple[Sent, TestClient]:
        made = sent(kept)
        client = TestClient(
            public_app(made.publication),
            base_url="https://orchard.example.com",
            follow_redirects=False,
            headers=BROWSER,
        )
        client.__enter__()
        clients.append(client)
        return made, client

    yield make
    for client in clients:
        client.__exit__(None, None, None)


def counts(made: Sent) -> tuple[int, int, int]:
    """Clicks, people and machines of the campaign."""
    found = reports.report(made.publication, 1).clicks
    assert found is not None
    return found.clicks, found.people, found.automated


def test_by_itself_links_lead_straight_and_nothing_is_counted(sent: Callable[[str], Sent]) -> None:
    made = sent("off")
    assert made.counted(ANN) == []
    assert "https://journal.example/paper?id=1&part=2" in made.links(ANN)
    assert reports.report(made.publication, 1).clicks is None


def test_in_aggregate_everybody_has_the_same_links_to_the_letter(
    sent: Callable[[str], Sent],
) -> None:
    made = sent("aggregate")
    assert made.counted(ANN)
    assert made.counted(ANN) == made.counted(BOB)


@pytest.mark.parametrize("kept", ["aggregate", "subscriber"])
def test_a_link_says_where_it_leads_and_leads_there(
    reading: Callable[[str], tuple[Sent, TestClient]], kept: str
) -> None:
    made, client = reading(kept)
    link = made.to_paper(ANN)
    assert link.endswith("/https://journal.example/paper?id=1&part=2")
    answer = client.get(link)
    assert answer.status_code == 303
    assert answer.headers["location"] == "https://journal.example/paper?id=1&part=2"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "set-cookie" not in answer.headers
    assert answer.content == b""


def test_an_address_in_chinese_or_japanese_leads_to_its_own_ascii_form(
    reading: Callable[[str], tuple[Sent, TestClient]],
) -> None:
    made, client = reading("aggregate")
    link = next(one for one in made.counted(ANN) if "xn--r8jz45g" in one)
    assert client.get(link).headers["location"] == (
        "https://xn--r8jz45g.example/%E8%A8%98%E4%BA%8B?%E9%A1%8C=%E6%98%A5#%E4%B8%8B"
    )


def test_what_is_personal_or_not_of_the_web_is_never_counted(sent: Callable[[str], Sent]) -> None:
    made = sent("subscriber")
    straight = [one for one in made.links(ANN) if "/c/" not in one]
    assert "mailto:us@example.com" in straight
    assert "https://pages.example/?who=Ann" in straight
    assert "https://doi.org/10.1000/1" in straight
    assert [one for one in straight if "/unsubscribe/" in one]


def test_the_text_part_keeps_its_plain_addresses(sent: Callable[[str], Sent]) -> None:
    plain, _ = sent("subscriber").bodies(ANN)
    assert "https://journal.example/paper?id=1&part=2" in plain
    assert "/c/" not in plain


def test_a_click_counts_once_for_its_link_and_names_its_person_where_that_is_kept(
    reading: Callable[[str], tuple[Sent, TestClient]],
) -> None:
    made, client = reading("subscriber")
    for _ in range(2):
        client.get(made.to_paper(ANN))
    assert counts(made) == (2, 1, 0)
    found = reports.report(made.publication, 1).clicks
    assert found is not None
    first = found.lines[0]
    assert (first.url, first.words) == ("https://journal.example/paper?id=1&part=2", "the paper")
    who, more = reports.people_who_clicked(made.publication, 1, first.number)
    assert [(one["address"], one["clicks"]) for one in who] == [(ANN, 2)]
    assert more == 0
    assert "ann@example.com,2," in reports.clicks_csv(made.publication, 1)


def test_in_aggregate_nothing_tells_who_it_was_or_the_minute(
    reading: Callable[[str], tuple[Sent, TestClient]],
) -> None:
    made, client = reading("aggregate")
    client.get(made.to_paper(ANN))
    assert counts(made) == (1, 0, 0)
    (click,) = made.database()["clicks"]
    assert click[3] is None
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:00:00(\.0+)?", str(click[4]))
    assert "testclient" not in json.dumps(made.database(), default=str)


@pytest.mark.parametrize("kept", ["aggregate", "subscriber"])
def test_who_follows_every_link_changes_no_row_but_clicks(
    reading: Callable[[str], tuple[Sent, TestClient]], kept: str
) -> None:
    made, client = reading(kept)
    before = made.database()
    for link in [one for one in made.links(ANN) if one.startswith("https://orchard")]:
        client.get(link)
        client.head(link)
        client.options(link)
    after = made.database()
    volatile = ("clicks", "sqlite_sequence")
    assert {k: v for k, v in before.items() if k not in volatile} == {
        k: v for k, v in after.items() if k not in volatile
    }
    clicks, _, machines = counts(made)
    assert (clicks, machines) == (0, len(made.counted(ANN))), "so many at once is a machine"


def test_head_is_answered_and_not_counted(
    reading: Callable[[str], tuple[Sent, TestClient]],
) -> None:
    made, client = reading("aggregate")
    answer = client.head(made.to_paper(ANN))
    assert (answer.status_code, answer.headers["location"][:16]) == (303, "https://journal.")
    assert counts(made) == (0, 0, 0)


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": "Barracuda Sentinel (EE)"},
        {"user-agent": ""},
        {"user-agent": "python-requests/2.32"},
        {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"sec-purpose": "prefetch;prerender"},
    ],
)
def test_what_says_that_it_is_a_program_is_counted_apart(
    reading: Callable[[str], tuple[Sent, TestClient]], headers: dict[str, str]
) -> None:
    made, client = reading("subscriber")
    assert client.get(made.to_paper(ANN), headers=headers).status_code == 303
    assert counts(made) == (0, 0, 1)
    assert reports.people_who_clicked(made.publication, 1)[0] == ()


@pytest.mark.parametrize("kept", ["aggregate", "subscriber"])
def test_nobody_reads_a_mail_within_seconds_of_its_delivery(
    reading: Callable[[str], tuple[Sent, TestClient]], kept: str
) -> None:
    made, client = reading(kept)
    made.later = datetime.timedelta(seconds=2)
    client.get(made.to_paper(ANN))
    assert counts(made) == (0, 0, 1)


def test_two_people_of_one_office_are_no_machine(
    reading: Callable[[str], tuple[Sent, TestClient]],
) -> None:
    made, client = reading("subscriber")
    for who in (ANN, BOB):
        for link in made.counted(who)[:4]:
            client.get(link)
    assert counts(made) == (8, 2, 0)


@pytest.mark.parametrize(
    "change",
    [
        lambda link: link.replace("journal.example", "evil.example"),
        lambda link: link + "x",
        lambda link: link.replace("paper?id=1", "paper?id=2"),
        lambda link: re.sub(r"/c/([^/]+)/\d+/", r"/c/\1/999/", link),
        lambda link: re.sub(r"/c/([^/]+)/\d+/", r"/c/\1/0/", link),
        lambda link: re.sub(r"/c/([^/]+)/\d+/", r"/c/\1/x/", link),
        lambda link: re.sub(r"/c/..", "/c/AA", link),
        lambda link: re.sub(r"/c/[^/]+/", "/c/" + "U" * 500 + "/", link),
        lambda link: re.sub(r"/c/[^/]+/.*", "/c/", link),
        lambda link: re.sub(r"(/c/[^/]+)/.*", r"\1", link),
        lambda link: re.sub(r"(/c/[^/]+/\d+).*", r"\1", link),
        lambda link: re.sub(r"(/c/[^/]+/\d+/).*", r"\1//evil.example/", link),
        lambda link: re.sub(r"(/c/[^/]+/\d+/).*", r"\1%0d%0alocation:%20x", link),
    ],
)
def test_a_link_that_was_changed_leads_nowhere_but_to_a_page_of_ours(
    reading: Callable[[str], tuple[Sent, TestClient]], change: Callable[[str], str]
) -> None:
    made, client = reading("aggregate")
    answer = client.get(change(made.to_paper(ANN)))
    assert answer.status_code == 404
    assert "location" not in answer.headers
    links = re.findall(r"href=\"([^\"]*)\"", answer.text)
    assert set(links) == {"https://orchard.example.com/"}
    assert "evil" not in answer.text
    assert counts(made) == (0, 0, 0)


def test_only_get_is_an_answer(reading: Callable[[str], tuple[Sent, TestClient]]) -> None:
    made, client = reading("aggregate")
    for method in ("POST", "PUT", "DELETE"):
        assert client.request(method, made.to_paper(ANN)).status_code == 405


def test_of_whoever_has_left_the_link_still_works_and_nothing_of_them_is_kept(
    reading: Callable[[str], tuple[Sent, TestClient]],
) -> None:
    made, client = reading("subscriber")
    leave = next(one for one in made.links(ANN) if "/unsubscribe/" in one)
    client.post(leave)
    assert client.get(made.to_paper(ANN)).status_code == 303
    assert counts(made) == (1, 0, 0)


def test_a_persons_record_has_their_clicks_and_forgetting_makes_them_nobodys(
    reading: Callable[[str], tuple[Sent, TestClient]],
) -> None:
    made, client = reading("subscriber")
    client.get(made.to_paper(ANN))
    with open_store(made.publication) as store, store.reading() as connection:
        record = record_of(connection, ANN)
    assert record is not None
    (click,) = record["clicks"]
    assert click["url"] == "https://journal.example/paper?id=1&part=2"
    assert (click["issue"], click["automated"]) == ("may", "")
    people.forget_person(made.publication, ANN)
    assert counts(made) == (1, 0, 0), "the campaign's count stays"
    assert client.get(made.to_paper(ANN)).status_code == 303
    assert all(row[3] is None for row in made.database()["clicks"])


def test_after_a_time_a_click_is_nobodys_and_still_counted(
    reading: Callable[[str], tuple[Sent, TestClient]],
) -> None:
    sent, client = reading("subscriber")
    client.get(sent.to_paper(ANN), follow_redirects=False)
    tracking = TrackingSettings(clicks="subscriber", days=30)
    shorter = with_settings(sent.publication, tracking=tracking)
    with open_store(shorter) as store:
        assert clicking.let_go(sent.publication, store) == 0
        assert clicking.let_go(shorter, store) == 0
        past = now() - datetime.timedelta(days=31)
        with store.writing() as connection:
            connection.execute(update(clicks).values(at=past))
        assert clicking.let_go(shorter, store) == 1
    counts = reports.clicks(shorter, 1)
    assert counts is not None
    assert (counts.clicks, counts.people) == (1, 0)
    assert reports.people_who_clicked(shorter, 1) == ((), 0)


def test_the_api_tells_how_links_were_followed_and_by_whom(
    reading: Callable[[str], tuple[Sent, TestClient]],
) -> None:
    sent, client = reading("subscriber")
    for address in (ANN, BOB):
        client.get(sent.to_paper(address), follow_redirects=False)
    _, counting = api_keys.make(sent.publication, "counts", ["campaigns:read"])
    _, knowing = api_keys.make(sent.publication, "people", ["subscribers:read"])

    def asked(path: str, key: str) -> httpx2.Response:
        return client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {key}"})

    told = asked("/campaigns/1/clicks", counting).json()
    assert (told["kept"], told["clicks"], told["people"]) == ("subscriber", 2, 2)
    assert "journal.example" in told["links"][0]["url"]
    assert asked("/campaigns/1/readers", counting).status_code == 403
    first = asked("/campaigns/1/readers?limit=1", knowing).json()
    other = asked(f"/campaigns/1/readers?limit=1&cursor={first['next']}", knowing).json()
    assert [one["address"] for page in (first, other) for one in page["items"]] == [ANN, BOB]
    assert other["next"] is None
    assert asked("/campaigns/9/clicks", counting).status_code == 404


def test_when_less_is_kept_by_now_less_is_kept_of_old_campaigns_too(
    reading: Callable[[str], tuple[Sent, TestClient]],
) -> None:
    made, _ = reading("subscriber")
    for kept, expected in (("aggregate", (1, 0, 0)), ("off", (1, 0, 0))):
        app = public_app(made.with_clicks(kept))
        with TestClient(app, base_url="https://orchard.example.com", headers=BROWSER) as client:
            answer = client.get(made.to_paper(ANN), follow_redirects=False)
        assert answer.status_code == 303
        assert counts(made) == expected


def test_a_busy_database_keeps_nobody_waiting_and_loses_no_click(
    reading: Callable[[str], tuple[Sent, TestClient]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, client = reading("aggregate")

    def busy(*_: object) -> int:
        raise TryAgainLater("the database is busy")

    with monkeypatch.context() as patched:
        patched.setattr(clicking.store, "add_click", busy)
        assert client.get(made.to_paper(ANN)).status_code == 303
    assert counts(made) == (0, 0, 0)
    client.get(made.to_paper(ANN))
    assert counts(made) == (2, 0, 0)


def test_tests_and_previews_have_plain_links(
    sent: Callable[[str], Sent], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = sent("subscriber")
    memory = Memory()
    monkeypatch.setattr(reviewing, "transport_of", lambda publication: memory)
    reviewing.send_test(made.publication, "may", ["boss@example.com"])
    made.out.sent = memory.sent
    assert made.counted("boss@example.com") == []
    assert "https://journal.example/paper?id=1&part=2" in made.links("boss@example.com")


def test_a_link_of_somebody_who_only_looks_is_a_page_that_says_so(
    reading: Callable[[str], tuple[Sent, TestClient]],
) -> None:
    made, client = reading("subscriber")
    answer = client.get("/c/preview/1/https://journal.example/")
    assert (answer.status_code, "A preview" in answer.text) == (200, True)
    assert counts(made) == (0, 0, 0)


def test_another_setting_voids_what_was_approved(sent: Callable[[str], Sent]) -> None:
    made = sent("off")
    (made.root / "issues" / "june.md").write_text(ISSUE.replace("May", "June"), encoding="utf-8")
    campaigns.approve(made.publication, campaigns.plan(made.publication, "june", []), actor="ann")
    counted = made.with_clicks("aggregate")
    shown = campaigns.plan(counted, "june", [])
    with pytest.raises(Changed, match="made otherwise than when it was approved"):
        campaigns.send(counted, shown, 2)


def test_the_size_that_is_told_is_at_least_what_is_sent(sent: Callable[[str], Sent]) -> None:
    made = sent("subscriber")
    from newsletter.workflow.issues import prepare_email

    told = prepare_email(made.publication, "may").edition.html_bytes
    plain = prepare_email(made.with_clicks("off"), "may").edition.html_bytes
    _, rich = made.bodies(ANN)
    assert plain < len(rich.encode()) <= told < plain + 80 * (len(made.counted(ANN)) + 1)


def test_a_segment_asks_who_followed_links_only_where_that_is_kept(
    reading: Callable[[str], tuple[Sent, TestClient]],
) -> None:
    made, client = reading("subscriber")
    client.get(made.to_paper(ANN))
    client.get(made.to_paper(BOB), headers={"user-agent": "curl/8"})

    def number(condition: str) -> int:
        return segments.try_condition(made.publication, condition)

    assert number("clicked exists") == 1
    assert number("clicked = may") == 1
    assert number("clicked in (may, june)") == 1
    assert number("clicked = june") == 0
    assert number("clicked >= 30 days ago") == 1
    assert number("clicked < 2020-01-01") == 0
    assert number("not clicked exists and list = weekly") == 1
    assert number("clicked exists and domain = example.com") == 1
    segments.save(made.publication, "keen", "clicked = may", actor="ann")
    assert [one.email for one in segments.members(made.publication, "keen")] == [ANN]
    with pytest.raises(UsageError, match="it is not kept who follows a link"):
        segments.try_condition(made.with_clicks("aggregate"), "clicked exists")


def test_readers_are_told_what_is_kept_and_consent_keeps_it(new_publication: Path) -> None:
    make_key_file(new_publication / "subscribers" / "secret.key")
    told = {
        "off": "",
        "aggregate": "but not by whom",
        "subscriber": "We keep which links in our mails you follow",
    }
    from newsletter.workflow.pages import consent_words

    for kept, words in told.items():
        tracking = TrackingSettings(clicks=kept)  # type: ignore[arg-type]
        here = with_settings(load_publication(new_publication, {}), tracking=tracking)
        with TestClient(public_app(here), base_url="https://orchard.example.com") as client:
            page = client.get("/subscribe").text
        assert (words in page) if words else ("links" not in page)
        assert words in consent_words(here, "en")


def test_a_reader_can_erase_their_clicks_by_their_own_word(
    reading: Callable[[str], tuple[Sent, TestClient]],
) -> None:
    from newsletter.subscribers.tokens import Kind, signed_token

    made, client = reading("subscriber")
    client.get(made.to_paper(ANN))
    token = signed_token(load_key(made.publication), Kind.PREFERENCES, Grant(0, 1))
    assert "We keep which links" in client.get(f"/preferences/{token}").text
    assert len(client.get(f"/preferences/{token}/data").json()["clicks"]) == 1
    assert erase(made.publication, token)
    assert all(row[3] is None for row in made.database()["clicks"])


def test_a_token_counts_clicks_and_opens_nothing_else() -> None:
    key = Key(bytes(range(32)))
    for grant in (
        ClickGrant(1),
        ClickGrant(7, 1),
        ClickGrant(300, 2**40),
        ClickGrant(2**31, 2**62),
    ):
        token = click_token(key, grant)
        assert read_click_token(key, token) == grant
        assert read_unsubscribe_token(key, token) is None
        assert read_click_token(Key(b"x" * 32), token) is None
        assert read_click_token(Key(b"x" * 32, older=(key.secret,)), token) == grant
    assert read_click_token(key, unsubscribe_token(key, Grant(1, 1))) is None
    assert len(click_token(key, ClickGrant(9_999, 1_000_000))) <= 20


@pytest.mark.parametrize(
    ("url", "location"),
    [
        (
            "https://例え.example/記事?題=春#下",
            "https://xn--r8jz45g.example/%E8%A8%98%E4%BA%8B?%E9%A1%8C=%E6%98%A5#%E4%B8%8B",
        ),
        (
            "https://a.example:8443/x y\r\nSet-Cookie: a=b",
            "https://a.example:8443/x%20ySet-Cookie:%20a=b",
        ),
        ("https://[::1]:80/x", "https://[::1]:80/x"),
        ("https://a.example/%E6%98%A5?a=b&c=%26", "https://a.example/%E6%98%A5?a=b&c=%26"),
        ("https://" + "ä" * 70 + ".example/", "https://" + "%C3%A4" * 70 + ".example/"),
    ],
)
def test_an_address_goes_out_as_one_line_of_ascii(url: str, location: str) -> None:
    assert clicking.in_ascii(url) == location


@pytest.mark.parametrize("token", ["", "U", "UA", "UAEB", "é" * 19, "U" * 19, "-" * 19, "%00"])
def test_nonsense_is_no_token(token: str) -> None:
    assert read_click_token(Key(bytes(range(32))), token) is None


def test_the_studio_shows_clicks_by_link_and_opens_who_it_was(
    reading: Callable[[str], tuple[Sent, TestClient]],
) -> None:
    made, client = reading("subscriber")
    link = made.to_paper(ANN)
    client.get(link)
    client.get(link, headers={"user-agent": "curl/8"})
    settings = made.root / "newsletter.toml"
    settings.write_text(f'{settings.read_text()}\n[tracking]\nclicks = "subscriber"\n')
    number = re.search(r"/c/[^/]+/(\d+)/", link)
    assert number is not None
    with TestClient(studio_app(made.root), base_url="http://127.0.0.1:8000") as studio:
        at = "/studio/may/send"
        page = studio.get(f"{at}?campaign=1").text
        assert "<h3>Clicks" in page
        assert f"{at}?campaign=1&amp;link={number[1]}#people" in page
        assert "https://journal.example/paper?id=1&amp;part=2" in page
        opened = studio.get(f"{at}?campaign=1&link={number[1]}").text
        assert "Who followed the paper" in opened
        assert f"<td>{ANN}</td>" in opened
        csv = studio.get(f"{at}/clicks.csv?campaign=1&link={number[1]}")
        assert csv.headers["content-type"] == "text/csv; charset=utf-8"
        assert csv.text.splitlines()[1].startswith(f"{ANN},1,")


def test_the_preview_shows_plain_links(sent: Callable[[str], Sent]) -> None:
    made = sent("off")
    settings = made.root / "newsletter.toml"
    settings.write_text(f'{settings.read_text()}\n[tracking]\nclicks = "aggregate"\n')
    with TestClient(studio_app(made.root), base_url="http://127.0.0.1:8000") as studio:
        frame = studio.get("/studio/may/frame/email").text
    assert "https://journal.example/paper?id=1&amp;part=2" in frame
    assert "/c/" not in frame
