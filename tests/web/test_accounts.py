"""The studio over a network: accounts, roles, sessions, and the pass that a phone gets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from newsletter.model.account import LOCAL, Account, Action, Role, may
from newsletter.problems import UsageError
from newsletter.publication import Publication, load_publication
from newsletter.web.security import ACCOUNT, require
from newsletter.web.studio.access import PASS_LASTS, Access
from newsletter.web.studio.app import studio_app
from newsletter.workflow import accounts

TOKEN = "a-token-that-nobody-could-guess"
PASSWORD = "correct horse battery"
AT = "/studio/2026-05"
LAN = "http://192.168.7.5:8000"


@pytest.fixture
def access() -> Access:
    return Access(TOKEN, "frames-key", local=False)


@pytest.fixture
def site(orchard: Path) -> Publication:
    return load_publication(orchard, {})


@pytest.fixture
def network(orchard: Path, access: Access) -> Iterator[TestClient]:
    """Somebody in the local network."""
    app = studio_app(orchard, hosts=("192.168.7.5",), access=access)
    with TestClient(
        app, base_url=LAN, follow_redirects=False, client=("192.168.7.9", 4711)
    ) as client:
        yield client


def _log_in(client: TestClient, name: str, password: str = PASSWORD, there: str = AT):
    return client.post("/login", data={"name": name, "password": password, "next": there})


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.EDITOR, {Action.WRITE}),
        (Role.SENDER, {Action.WRITE, Action.SEND}),
        (Role.ADMIN, set(Action)),
    ],
)
def test_each_role_may_do_what_it_is_there_for_and_no_more(role: Role, allowed: set[Action]):
    assert {action for action in Action if may(Account(1, "x", role), action)} == allowed


def test_whoever_sits_at_the_machine_may_do_everything():
    assert all(may(LOCAL, action) for action in Action)


def test_over_a_network_the_token_opens_nothing_and_an_account_is_asked_for(network, site):
    closed = network.get(f"{AT}?token={TOKEN}")
    assert closed.status_code == 403
    assert "newsletter accounts add" in closed.text
    assert "Orchard" not in closed.text
    accounts.add(site, "maria", Role.EDITOR, PASSWORD)
    asked = network.get(f"{AT}?token={TOKEN}")
    assert (asked.status_code, asked.headers["location"]) == (303, f"/login?next={AT}")
    assert network.put(f"{AT}/files/issue.md", json={}).status_code == 403
    assert network.get("/login").status_code == 200
    assert network.get("/healthz").status_code == 200


def test_logging_in_opens_the_studio_and_logging_out_closes_it(network, site):
    accounts.add(site, "maria", Role.EDITOR, PASSWORD)
    wrong = _log_in(network, "maria", "wrong")
    unknown = _log_in(network, "nobody", "wrong")
    assert wrong.status_code == unknown.status_code == 403
    assert wrong.text == unknown.text
    done = _log_in(network, "maria")
    assert (done.status_code, done.headers["location"]) == (303, AT)
    cookie = done.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert PASSWORD not in cookie
    assert network.get(AT).status_code == 200
    kept = dict(network.cookies)
    assert network.post("/logout", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert network.post("/logout").status_code == 303
    network.cookies.update(kept)
    assert accounts.session(site, next(iter(kept.values()))) is None


def test_only_the_studio_s_own_pages_change_anything(network, site):
    accounts.add(site, "maria", Role.ADMIN, PASSWORD)
    foreign = {"origin": "https://evil.example"}
    data = {"name": "maria", "password": PASSWORD}
    assert network.post("/login", data=data, headers=foreign).status_code == 403
    _log_in(network, "maria")
    answer = network.put(f"{AT}/files/issue.md", json={}, headers=foreign)
    assert answer.status_code == 403
    assert "Another site" in answer.text


def test_behind_https_the_cookie_goes_over_https_alone(network, site):
    accounts.add(site, "maria", Role.EDITOR, PASSWORD)
    data = {"name": "maria", "password": PASSWORD}
    done = network.post("/login", data=data, headers={"x-forwarded-proto": "https"})
    assert done.headers["set-cookie"].startswith("__Host-newsletter-session=")
    assert "Secure" in done.headers["set-cookie"]


def test_the_way_back_after_logging_in_never_leads_to_another_site(network, site):
    accounts.add(site, "maria", Role.EDITOR, PASSWORD)
    for there in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:1"):
        assert _log_in(network, "maria", there=there).headers["location"] == "/"


def test_guessing_is_stopped_after_some_tries_even_for_the_right_password(
    network, site, monkeypatch
):
    monkeypatch.setattr(accounts, "MOST_TRIES", 2)
    accounts.add(site, "maria", Role.EDITOR, PASSWORD)
    tries = [_log_in(network, "maria", "wrong").status_code for _ in range(2)]
    assert tries == [403, 403]
    assert _log_in(network, "maria").status_code == 429


def test_another_password_ends_the_sessions_and_a_removed_account_is_nobody(site):
    accounts.add(site, "maria", Role.SENDER, PASSWORD)
    first = accounts.log_in(site, "maria", PASSWORD, "192.168.7.9")
    assert isinstance(first, accounts.Session)
    found = accounts.session(site, first.token)
    assert found is not None
    assert (found.name, found.role) == ("maria", Role.SENDER)
    accounts.set_password(site, "maria", "another long password")
    assert accounts.session(site, first.token) is None
    assert accounts.log_in(site, "maria", PASSWORD, "") is accounts.Refused.WRONG
    second = accounts.log_in(site, "maria", "another long password", "")
    assert isinstance(second, accounts.Session)
    accounts.remove(site, "maria")
    assert accounts.session(site, second.token) is None
    assert accounts.all_accounts(site) == ()


def test_what_is_no_account_is_refused_and_passwords_are_kept_only_as_hashes(site):
    with pytest.raises(UsageError, match="12 to"):
        accounts.add(site, "maria", Role.EDITOR, "short")
    with pytest.raises(UsageError, match="not a name"):
        accounts.add(site, " ", Role.EDITOR, PASSWORD)
    accounts.add(site, "maria", Role.EDITOR, PASSWORD)
    with pytest.raises(UsageError, match="there is an account"):
        accounts.add(site, "maria", Role.ADMIN, PASSWORD)
    with pytest.raises(UsageError, match="no such account"):
        accounts.remove(site, "mario")
    files = site.root.glob("subscribers/*.db*")
    kept = b"".join(path.read_bytes() for path in files)
    assert PASSWORD.encode() not in kept
    assert b"$argon2id$" in kept


def test_a_route_that_asks_for_a_role_is_closed_to_the_others_and_to_unguarded_requests():
    def send(request: Request) -> PlainTextResponse:
        return PlainTextResponse(require(request, Action.SEND).name)

    def client(account: Account | None) -> TestClient:
        app = Starlette(routes=[Route("/", send)])

        async def guarded(scope, receive, answer):
            await app(scope | ({ACCOUNT: account} if account else {}), receive, answer)

        return TestClient(guarded)

    assert client(Account(1, "sam", Role.SENDER)).get("/").text == "sam"
    assert client(Account(2, "eva", Role.EDITOR)).get("/").status_code == 403
    assert client(None).get("/").status_code == 403


def test_a_phone_s_pass_opens_the_preview_of_one_issue_for_reading(network, access, orchard):
    (orchard / "issues" / "2026-06").mkdir()
    issue = "---\ntitle: June\ndate: 2026-06-01\n---\n\nHello.\n"
    (orchard / "issues" / "2026-06" / "issue.md").write_text(issue, encoding="utf-8")
    key = access.phone_pass("2026-05")
    looked = network.get(f"/phone/{key}/2026-05")
    assert looked.status_code == 200
    assert f'src="/phone/{key}/2026-05/frame/email' in looked.text
    frame = network.get(f"/phone/{key}/2026-05/frame/email")
    assert f'<base href="/preview/{key}/2026-05/mail/"' in frame.text
    assert network.get(f"/phone/{key}/2026-05?view=text").text.count("here is May")
    assert network.get(f"/preview/{key}/2026-05/message.eml").status_code == 200
    for closed in (
        f"/phone/{key}/2026-06",
        f"/preview/{key}/2026-06/message.eml",
        f"/phone/{key}/2026-05/frame/email?person=1",
        AT,
        f"/phone/x{key}/2026-05",
        f"/phone/{access.phone_pass('2026-05', now=1_700_000_000 - PASS_LASTS)}/2026-05",
    ):
        assert network.get(closed).status_code == 403, closed
    assert network.post(f"/phone/{key}/2026-05").status_code == 403


def test_the_code_for_a_phone_is_shown_where_the_network_reaches_the_studio(network, site, preview):
    accounts.add(site, "maria", Role.EDITOR, PASSWORD)
    _log_in(network, "maria")
    shown = network.get(f"{AT}/phone").text
    assert "<svg" in shown
    assert "192.168.7.5:8000/phone/" in shown
    assert "--host 0.0.0.0" in preview.get(f"{AT}/phone").text


def test_an_editor_neither_sends_nor_sees_who_the_subscribers_are(network, site):
    from newsletter.subscribers.tokens import make_key_file
    from newsletter.workflow.subscribers import add

    make_key_file(site.root / "subscribers" / "secret.key")
    add(site, "eve@example.com", "weekly", name="Eve Apple")
    accounts.add(site, "li", Role.EDITOR, PASSWORD)
    accounts.add(site, "wang", Role.SENDER, PASSWORD)
    _log_in(network, "li")
    page = network.get(f"{AT}?person=1").text
    assert "Log out" in page
    assert "Eve Apple" not in page
    assert "Send …" not in page
    assert "Eve Apple" not in network.get(f"{AT}/frame/email?person=1").text
    assert network.get(f"{AT}/send").status_code == 403
    assert network.post(f"{AT}/send/go", data={"count": "1"}).status_code == 403
    network.post("/logout")
    _log_in(network, "wang")
    assert "Eve Apple" in network.get(f"{AT}?person=1").text
    assert "Dear Eve Apple" in network.get(f"{AT}/frame/email?person=1").text
