"""People by way of the API: the law of consent holds there as everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from newsletter.workflow import importing, signing_up, subscribers

YES = {"text": "I would like to receive The Orchard.", "source": "checkout"}


def _import(program: Any, text: str) -> None:
    path = Path(program.publication.root) / "people.csv"
    path.write_text(text, encoding="utf-8")
    importing.import_file(program.publication, path, "weekly", apply=True)


def _status(program: Any, address: str) -> str:
    found = program.ask(f"GET /subscribers?email={address}").json()["items"]
    return found[0]["subscriptions"][0]["status"] if found else ""


def test_without_a_consent_somebody_is_pending_and_asked_by_mail(program: Any) -> None:
    body = {"email": "Ada@Example.com", "name": "Ada", "lists": ["weekly"]}
    answer = program.ask("POST /subscribers", body)
    assert (answer.status_code, answer.json()["confirmation_sent"]) == (201, True)
    assert _status(program, "ada@example.com") == "pending"
    (mail,) = program.mails
    assert mail["to"] == "Ada@example.com"
    assert mail["subject"].startswith("Please confirm")
    assert "Ada" not in mail.as_string().replace("Ada@example.com", "")

    again = program.ask("POST /subscribers", body)
    assert (again.status_code, again.json()["confirmation_sent"]) == (200, False)
    assert len(program.mails) == 1, "one mail a day"


def test_with_a_consent_somebody_is_confirmed_and_it_is_kept(program: Any) -> None:
    when = "2026-01-02T03:04:05+02:00"
    body = {
        "email": "ada@example.com",
        "lists": ["weekly"],
        "attributes": {"city": "London"},
        "consent": YES | {"when": when, "ip": "192.0.2.7"},
    }
    made = program.ask("POST /subscribers", body).json()
    assert made["subscriptions"][0]["status"] == "confirmed"
    assert made["subscriptions"][0]["consent"] == {
        "when": "2026-01-02T01:04:05Z",
        "source": "api:everything checkout",
        "text": YES["text"],
        "ip": "192.0.2.7",
    }
    assert program.mails == []


@pytest.mark.parametrize("consent", [None, YES])
@pytest.mark.parametrize("status", ["pending", "unsubscribed"])
def test_no_status_is_raised(program: Any, status: str, consent: dict[str, str] | None) -> None:
    _import(program, f"email,status\nada@example.com,{status}\n")
    body = {"email": "ada@example.com", "lists": ["weekly"], "consent": consent}
    assert program.ask("POST /subscribers", body).status_code == 200
    assert _status(program, "ada@example.com") == status


def test_who_is_suppressed_stays_away(program: Any) -> None:
    _import(program, "email,status\nangry@example.com,complained\ngone@example.com,bounced\n")
    for address, consent in (
        ("angry@example.com", None),
        ("angry@example.com", YES),
        ("gone@example.com", YES),
    ):
        body = {"email": address, "lists": ["weekly"], "consent": consent}
        answer = program.ask("POST /subscribers", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "suppressed")
    assert program.mails == []


def test_who_was_forgotten_comes_back_only_by_their_own_word(program: Any) -> None:
    subscribers.forget_person(program.publication, "ada@example.com")
    body = {"email": "ada@example.com", "lists": ["weekly"]}
    refused = program.ask("POST /subscribers", body | {"consent": YES})
    assert (refused.status_code, refused.json()["code"]) == (409, "forgotten")
    asked = program.ask("POST /subscribers", body)
    assert asked.json()["confirmation_sent"] is True


def test_the_limits_of_sign_ups_hold(program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing_up, "MOST_A_NETWORK", 2)
    answers = [
        program.ask(
            "POST /subscribers",
            {"email": f"p{number}@d{number}.example.com", "lists": ["weekly"], "ip": "192.0.2.7"},
        )
        for number in range(3)
    ]
    assert [one.status_code for one in answers] == [201, 201, 429]
    assert answers[2].headers["retry-after"]
    assert len(program.mails) == 2


def test_a_sign_up_learns_nothing_about_anybody(program: Any) -> None:
    _import(
        program,
        "email,status\nknown@example.com,confirmed\nangry@example.com,complained\n"
        "left@example.com,unsubscribed\n",
    )
    form = program.key_for("sign-ups:write")
    answers = {
        (answer.status_code, answer.text)
        for name in ("new", "known", "angry", "left")
        if (answer := program.ask("POST /sign-ups", {"email": f"{name}@example.com"}, key=form))
    }
    assert answers == {(202, '{"answer":"asked"}')}
    assert [mail["to"] for mail in program.mails] == [
        f"{name}@example.com" for name in ("new", "known", "left")
    ]
    assert program.ask("GET /subscribers", key=form).status_code == 403
    bad = program.ask("POST /sign-ups", {"email": "nobody@nowhere"}, key=form)
    assert bad.status_code == 422


def test_people_come_in_pages_and_by_list_status_and_address(program: Any) -> None:
    _import(
        program,
        "email,status\n"
        + "".join(f"p{n:03}@example.com,confirmed\n" for n in range(7))
        + "q@example.com,pending\n",
    )
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = program.ask(f"GET /subscribers?limit=3&cursor={cursor}").json()
        seen += [one["email"] for one in page["items"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == 8

    def found(query: str) -> list[str]:
        return [one["email"] for one in program.ask(f"GET /subscribers?{query}").json()["items"]]

    assert found("status=pending") == ["q@example.com"]
    assert len(found("list=weekly&status=confirmed")) == 7
    assert found("email=P003@EXAMPLE.com") == ["p003@example.com"]
    assert found("email=nobody@example.com") == found("email=nothing") == []


def test_a_person_is_changed_shown_and_erased(program: Any) -> None:
    body = {"email": "ada@example.com", "lists": ["weekly"], "consent": YES}
    number = program.ask("POST /subscribers", body | {"attributes": {"a": "1", "b": "2"}}).json()[
        "id"
    ]
    changed = program.ask(
        f"PATCH /subscribers/{number}",
        {"name": "Ada", "language": "zh-Hans", "attributes": {"b": None, "c": "3"}},
    ).json()
    assert (changed["name"], changed["language"]) == ("Ada", "zh-Hans")
    assert changed["attributes"] == {"a": "1", "c": "3"}
    kinds = [
        one["kind"] for one in program.ask(f"GET /subscribers/{number}/events").json()["items"]
    ]
    assert kinds == ["added", "added", "changed"]
    record = program.ask(f"GET /subscribers/{number}/record").json()
    assert record["subscriptions"][0]["consent"]["text"] == YES["text"]

    assert program.ask(f"DELETE /subscribers/{number}").status_code == 204
    for what in (f"GET /subscribers/{number}", f"DELETE /subscribers/{number}"):
        assert program.ask(what).status_code == 404
    assert program.ask("GET /subscribers").json()["items"] == []


def test_a_person_joins_and_leaves_lists(program: Any) -> None:
    monthly = program.ask("POST /lists", {"name": "monthly"}).json()["id"]
    number = program.ask("POST /subscribers", {"email": "ada@example.com"}).json()["id"]
    path = f"/subscribers/{number}/subscriptions/{monthly}"
    assert program.ask(f"DELETE {path}").status_code == 404
    asked = program.ask(f"PUT {path}", {}).json()
    assert (asked["subscriptions"][0]["status"], asked["confirmation_sent"]) == ("pending", True)
    for _ in range(2):
        left = program.ask(f"DELETE {path}").json()
        assert left["subscriptions"][0]["status"] == "unsubscribed"
    back = program.ask(f"PUT {path}", {"consent": YES}).json()
    assert back["subscriptions"][0]["status"] == "unsubscribed", "a program cannot bring them back"


def test_a_list_that_is_none_is_named_and_nobody_is_added(program: Any) -> None:
    body = {"email": "ada@example.com", "lists": ["weekly", "none"]}
    answer = program.ask("POST /subscribers", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "unknown-list")
    assert program.ask("GET /subscribers").json()["items"] == []


def test_lists_are_made_changed_and_counted(program: Any) -> None:
    made = program.ask("POST /lists", {"name": "monthly", "title": "By month"})
    number = made.json()["id"]
    assert made.headers["location"] == f"/api/v1/lists/{number}"
    changed = program.ask(f"PATCH /lists/{number}", {"public": True}).json()
    assert (changed["title"], changed["public"]) == ("By month", True)
    body = {"email": "ada@example.com", "lists": ["monthly"], "consent": YES}
    program.ask("POST /subscribers", body)
    assert program.ask(f"GET /lists/{number}").json()["counts"] == {"confirmed": 1}
