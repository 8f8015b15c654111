"""Who may do what with the API, how often, and what is told to everybody else."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from newsletter.problems import UsageError
from newsletter.publication import with_settings
from newsletter.settings import ApiSettings
from newsletter.store import api_keys as store
from newsletter.store.engine import open_store
from newsletter.web.public import public_app
from newsletter.workflow import accounts, api_keys

PROBLEM = "application/problem+json"


def test_without_a_key_nothing_is_told(program: Any) -> None:
    for key in ("", "nl_wrong", "Bearer", program.key[:-1], program.key + "x"):
        answer = program.ask("GET /subscribers", key=key)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == PROBLEM
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["code"] == "unauthorized"


def test_however_often_a_wrong_key_is_shown_it_is_told_that_it_is_wrong(program: Any) -> None:
    assert {program.ask("GET /lists", key=f"nl_{n}").status_code for n in range(40)} == {401}


def test_a_parameter_that_is_misspelled_is_refused_and_not_passed_over(program: Any) -> None:
    answer = program.ask("GET /subscribers?emial=ada@example.com")
    assert answer.status_code == 422
    assert [one["where"] for one in answer.json()["errors"]] == ["query.emial"]


def test_a_cookie_opens_nothing_and_none_is_set(program: Any) -> None:
    account = accounts.add
    account(program.publication, "maria", accounts.Role.ADMIN, "a long enough password")
    session = accounts.log_in(program.publication, "maria", "a long enough password", "127.0.0.1")
    assert isinstance(session, accounts.Session)
    cookies = f"session={session.token}; Authorization=Bearer {program.key}"
    answer = program.ask("GET /lists", key="", headers={"Cookie": cookies})
    assert answer.status_code == 401
    assert "set-cookie" not in program.ask("GET /lists").headers
    assert "access-control-allow-origin" not in program.ask("GET /lists").headers


def test_a_key_does_only_what_its_scopes_say(program: Any) -> None:
    reader = program.key_for("lists:read")
    assert program.ask("GET /lists", key=reader).status_code == 200
    for what, needs in {
        "POST /lists": "lists:write",
        "GET /subscribers": "subscribers:read",
        "DELETE /subscribers/1": "subscribers:forget",
        "POST /campaigns": "campaigns:send",
    }.items():
        answer = program.ask(what, {}, key=reader)
        assert (answer.status_code, answer.json()["needs"]) == (403, needs)


def test_the_key_is_asked_for_before_the_body_is_looked_at(program: Any) -> None:
    answer = program.ask("POST /lists", key="", content=b"{", headers={"content-type": "text/x"})
    assert answer.status_code == 401
    reader = program.key_for("lists:read")
    assert program.ask("POST /lists", key=reader, content=b"{").status_code == 403


def test_a_revoked_or_ended_key_opens_nothing(program: Any) -> None:
    made, token = api_keys.make(program.publication, "short", ["lists:read"], days=1)
    assert program.ask("GET /lists", key=token).status_code == 200
    api_keys.revoke(program.publication, "short")
    assert program.ask("GET /lists", key=token).status_code == 401
    assert not made.alive(made.made + datetime.timedelta(days=2))
    with pytest.raises(UsageError):
        api_keys.revoke(program.publication, "short")


def test_only_the_hash_of_a_key_is_kept_and_when_it_was_used(program: Any) -> None:
    database = (program.publication.root / "subscribers" / "newsletter.db").read_bytes()
    wal = program.publication.root / "subscribers" / "newsletter.db-wal"
    database += wal.read_bytes() if wal.exists() else b""
    assert program.key.encode() not in database
    assert program.key[:8].encode() in database
    (before,) = api_keys.all_keys(program.publication)
    assert before.used is None
    program.ask("GET /lists")
    (after,) = api_keys.all_keys(program.publication)
    assert after.used is not None


def test_a_scope_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        api_keys.parse_scopes(["subscriber:read"])
    assert caught.value.hint == "Did you mean subscribers:read?"


@pytest.mark.parametrize("rate", [3])
def test_so_many_requests_a_minute_are_heard(program: Any) -> None:
    for _ in range(3):
        assert program.ask("GET /lists").status_code == 200
    refused = program.ask("GET /lists")
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert program.ask("GET /lists", key=program.key_for("lists:read")).status_code == 200


def test_a_method_that_is_none_is_told_which_there_are(program: Any) -> None:
    answer = program.ask("PUT /lists", {})
    assert answer.headers["allow"] == "GET, POST"


def test_a_failure_tells_nothing_of_what_is_inside(
    program: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(publication: object) -> None:
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr("newsletter.web.api.lists.workflow.all_lists", broken)
    answer = program.ask("GET /lists")
    assert (answer.status_code, answer.json()["code"]) == (500, "failed")
    assert "secret" not in answer.text
    assert "secret of the inside" in caplog.text


def test_it_can_be_switched_off(program: Any) -> None:
    from starlette.testclient import TestClient

    closed = with_settings(program.publication, api=ApiSettings(enabled=False))
    with TestClient(public_app(closed), base_url="https://orchard.example.com") as client:
        headers = {"Authorization": f"Bearer {program.key}"}
        assert client.get("/api/v1/lists", headers=headers).status_code == 404


def test_the_same_request_with_the_same_key_is_carried_out_once(program: Any) -> None:
    once = {"Idempotency-Key": "order-1"}
    first = program.ask("POST /lists", {"name": "monthly"}, headers=once)
    again = program.ask("POST /lists", {"name": "monthly"}, headers=once)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    without = program.ask("POST /lists", {"name": "monthly"})
    assert without.status_code == 409

    other = program.ask("POST /lists", {"name": "yearly"}, headers=once)
    assert (other.status_code, other.json()["code"]) == (409, "other-request")
    refusal = {"Idempotency-Key": "order-2"}
    for _ in range(2):
        assert program.ask("POST /lists", {"name": "weekly"}, headers=refusal).status_code == 409
    assert len(program.ask("GET /lists").json()["items"]) == 2


@pytest.mark.parametrize("header", ["", " ", "x" * 256, "a b", "\u00e9".encode()])
def test_an_idempotency_key_is_printable_and_short(program: Any, header: str | bytes) -> None:
    answer = program.ask("POST /lists", {"name": "m"}, headers={"Idempotency-Key": header})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_one_programs_idempotency_key_is_not_anothers(program: Any) -> None:
    once = {"Idempotency-Key": "order-1"}
    program.ask("POST /lists", {"name": "monthly"}, headers=once)
    other = program.key_for("lists:write")
    answer = program.ask("POST /lists", {"name": "yearly"}, key=other, headers=once)
    assert answer.status_code == 201


def test_a_request_that_is_under_way_is_not_begun_again_but_one_that_failed_is(
    program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsletter.web.api import lists as api_lists

    once = {"Idempotency-Key": "order-1"}
    inner: list[int] = []
    make = api_lists.workflow.make_new_list

    def slow(*arguments: Any, **options: Any) -> Any:
        inner.append(program.ask("POST /lists", {"name": "m"}, headers=once).status_code)
        raise RuntimeError("it fails")

    monkeypatch.setattr(api_lists.workflow, "make_new_list", slow)
    assert program.ask("POST /lists", {"name": "m"}, headers=once).status_code == 500
    assert inner == [409]
    monkeypatch.setattr(api_lists.workflow, "make_new_list", make)
    assert program.ask("POST /lists", {"name": "m"}, headers=once).status_code == 201


def test_answers_are_kept_for_a_day_and_go_with_the_person_they_name(
    program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsletter.workflow import repeated

    body = {"email": "ada@example.com", "consent": {"text": "yes"}, "lists": ["weekly"]}
    made = program.ask("POST /subscribers", body, headers={"Idempotency-Key": "a"}).json()
    key = api_keys.all_keys(program.publication)[0]

    def kept() -> int:
        from sqlalchemy import func, select

        from newsletter.store.schema_access import api_answers

        with open_store(program.publication) as opened, opened.reading() as connection:
            assert store.key_by_id(connection, key.id)
            return connection.execute(select(func.count()).select_from(api_answers)).scalar_one()

    assert kept() == 1
    program.ask(f"DELETE /subscribers/{made['id']}")
    assert kept() == 0

    program.ask("POST /lists", {"name": "m"}, headers={"Idempotency-Key": "b"})
    tomorrow = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=25)
    monkeypatch.setattr(repeated, "now", lambda: tomorrow)
    program.ask("POST /lists", {"name": "n"}, headers={"Idempotency-Key": "c"})
    assert kept() == 1
