"""Imports, issues and campaigns by way of the API."""

from __future__ import annotations

import time
from typing import Any

import pytest

from newsletter.store.engine import open_store
from newsletter.workflow import steering
from newsletter.workflow.publish import publish
from newsletter.workflow.worker import Worker

CSV = "email,name\nada@example.com,Ada\nnobody,\n"
CONSENT = "consent=signed%20up%20at%20the%20fair"


def _import(program: Any, query: str, content: str | bytes = CSV, kind: str = "text/csv") -> Any:
    headers = {"content-type": kind}
    return program.ask(f"POST /imports?{query}", content=content, headers=headers)


def test_an_import_is_dry_unless_it_is_applied_and_can_be_undone(program: Any) -> None:
    dry = _import(program, f"list=weekly&{CONSENT}")
    assert dry.status_code == 200
    told = dry.json()
    assert (told["id"], told["applied"], told["new"], told["invalid"]) == (None, False, 1, 1)
    assert told["invalid_lines"] == [{"line": 3, "file": "", "reason": "there is no @ in it"}]
    assert program.ask("GET /subscribers").json()["items"] == []

    done = _import(program, f"list=weekly&apply=true&{CONSENT}")
    assert done.status_code == 201
    number = done.json()["id"]
    again = _import(program, f"list=weekly&apply=true&{CONSENT}")
    assert (again.status_code, again.headers.get("location")) == (200, None)
    assert [again.json()[key] for key in ("id", "applied", "new", "unchanged")] == [
        None,
        True,
        0,
        1,
    ]
    assert len(program.ask("GET /imports").json()["items"]) == 1
    assert program.ask("GET /imports").json()["items"][0]["counts"]["new"] == 1
    (ada,) = program.ask("GET /subscribers?status=confirmed").json()["items"]
    assert ada["subscriptions"][0]["consent"]["text"] == "signed up at the fair"
    event = program.ask(f"GET /subscribers/{ada['id']}/events").json()["items"][0]
    assert event["actor"] == "api:everything"

    assert program.ask(f"POST /imports/{number}/undo").json() == {"put_back": 1, "kept": 0}
    assert program.ask(f"POST /imports/{number}/undo").status_code == 409
    assert program.ask("GET /subscribers").json()["items"] == []


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        ('[{"email": "ada@example.com"}]', "application/json", 200),
        ("邮箱,姓名\nada@example.com,李雷\n".encode("gb18030"), "text/csv", 200),
        (b"", "text/csv", 422),
        (b"PK\x03\x04 broken", "application/zip", 422),
        (b"\xff\xfe\x00", "application/octet-stream", 422),
        (b"a,b\n1,2\n", "text/html", 415),
    ],
)
def test_a_file_is_read_or_refused_and_nothing_fails(
    program: Any, content: str | bytes, kind: str, status: int
) -> None:
    assert _import(program, "list=weekly", content, kind).status_code == status


def test_an_import_never_raises_a_status(program: Any) -> None:
    left = "email,status\nada@example.com,unsubscribed\n"
    _import(program, "list=weekly&apply=true", left)
    told = _import(program, f"list=weekly&apply=true&{CONSENT}").json()
    assert told["blocked"] == 1
    assert program.ask("GET /subscribers?status=unsubscribed").json()["items"]


def test_issues_are_told_written_and_published(program: Any) -> None:
    (issue,) = program.ask("GET /issues").json()["items"]
    assert issue == {"slug": "2026-05", "written": True, "published": None}
    assert program.ask("GET /issues/2026-05/problems").status_code == 200
    publish(program.publication, "2026-05")
    shown = program.ask("GET /issues/2026-05").json()["published"]
    assert (shown["revision"], shown["title"]) == (1, "The Orchard in May")
    assert shown["url"] == "https://orchard.example.com/issues/2026-05/"


@pytest.mark.parametrize(
    "slug", ["none", "%2E%2E", "%2Fetc%2Fpasswd", "2026-05%2F%2E%2E%2F2026-05"]
)
def test_no_path_is_taken_for_an_issue(program: Any, slug: str) -> None:
    assert program.ask(f"GET /issues/{slug}/problems").status_code == 404
    planned = program.ask("POST /plans", {"issue": "../issues/2026-05", "lists": ["weekly"]})
    assert planned.status_code == 404


def _people(program: Any, count: int) -> None:
    lines = "".join(f"p{number}@example.com\n" for number in range(count))
    _import(program, f"list=weekly&apply=true&{CONSENT}", f"email\n{lines}")


def test_a_campaign_is_planned_confirmed_by_count_and_sent_by_a_server(program: Any) -> None:
    _people(program, 3)
    plan = program.ask("POST /plans", {"issue": "2026-05", "lists": ["weekly"]}).json()
    assert (plan["recipients"], plan["lists"]) == (3, {"weekly": 3})
    body = {"issue": "2026-05", "lists": ["weekly"], "digest": plan["digest"]}
    wrong = program.ask("POST /campaigns", body | {"confirm": 4})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "not-confirmed")
    assert program.ask("GET /campaigns").json()["items"] == []

    once = {"Idempotency-Key": "may"}
    body |= {"confirm": 3, "audience": plan["audience"]}
    begun = program.ask("POST /campaigns", body, headers=once)
    assert begun.status_code == 202
    assert program.ask("POST /campaigns", body, headers=once).json() == begun.json()
    number = begun.json()["id"]
    _carry_out(program, number)
    done = program.ask(f"GET /campaigns/{number}").json()
    assert done["books"]["states"] == {"accepted": 3}
    assert len(program.mails) == 3

    got = program.ask(f"GET /campaigns/{number}/deliveries?limit=2").json()
    rest = program.ask(f"GET /campaigns/{number}/deliveries?cursor={got['next']}").json()
    addresses = [one["address"] for one in got["items"] + rest["items"]]
    assert addresses == [f"p{number}@example.com" for number in range(3)]
    reader = program.key_for("campaigns:read")
    assert program.ask(f"GET /campaigns/{number}/deliveries", key=reader).status_code == 403


def _carry_out(program: Any, number: int) -> None:
    worker = Worker(lambda: program.publication, lambda text: None)
    worker.start()
    end = time.monotonic() + 30
    while steering.show(program.publication, number)[0].status != "finished":
        assert time.monotonic() < end
        time.sleep(0.05)
    worker.stop()


def test_what_changed_since_the_plan_is_not_sent(program: Any) -> None:
    _people(program, 2)
    plan = program.ask("POST /plans", {"issue": "2026-05"}).json()
    body = {"issue": "2026-05", "confirm": 2, "digest": "0" * 64}
    assert program.ask("POST /campaigns", body).json()["code"] == "changed"
    body |= {"digest": plan["digest"], "audience": "0" * 64}
    assert program.ask("POST /campaigns", body).json()["code"] == "changed"


def test_a_scheduled_campaign_is_cancelled_resumed_and_paused(program: Any) -> None:
    _people(program, 2)
    body = {"issue": "2026-05", "lists": ["weekly"], "confirm": 2, "at": "2099-12-01 09:00"}
    made = program.ask("POST /campaigns", body).json()
    assert (made["status"], made["wake"][:16]) == ("scheduled", "2099-12-01T09:00")
    path = f"/campaigns/{made['id']}"
    assert program.ask(f"POST {path}/resume", {}).json()["code"] == "not-confirmed"
    assert program.ask(f"POST {path}/resume", {"confirm": 2}).status_code == 202
    assert program.ask(f"POST {path}/cancel").json()["status"] == "cancelled"
    assert program.ask(f"POST {path}/cancel").status_code == 409
    assert program.ask(f"POST {path}/pause").status_code == 409
    assert program.ask(f"POST {path}/resume", {"confirm": 2}).status_code == 409
    assert program.mails == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"at": "yesterday"}, "conflict"),
        ({"at": "2099-12-01 09:00", "hold": 5}, "conflict"),
        ({"lists": ["none"]}, "unknown-list"),
    ],
)
def test_what_makes_no_sense_is_refused(program: Any, more: dict[str, Any], code: str) -> None:
    _people(program, 1)
    answer = program.ask("POST /campaigns", {"issue": "2026-05", "confirm": 1} | more)
    assert (answer.status_code, answer.json()["code"]) == (409, code)


def test_an_issue_with_errors_is_not_sent_and_they_are_named(program: Any) -> None:
    _people(program, 1)
    article = program.publication.issues_folder / "2026-05" / "01-fruit" / "01-apples.md"
    article.write_text(article.read_text().replace("blossom.png", "gone.png"))
    answer = program.ask("POST /campaigns", {"issue": "2026-05", "confirm": 1})
    assert (answer.status_code, answer.json()["code"]) == (422, "content")
    assert answer.json()["problems"][0]["file"].endswith("01-apples.md")
    with open_store(program.publication):
        assert program.ask("GET /campaigns").json()["items"] == []


def test_a_segment_is_saved_counted_read_mailed_to_and_removed(program: Any) -> None:
    _people(program, 3)
    body = {"condition": "email starts p1 or email starts p2"}
    saved = program.ask("PUT /segments/some", body)
    assert (saved.status_code, saved.json()["count"], saved.json()["by"]) == (
        200,
        2,
        "api:everything",
    )
    assert [one["name"] for one in program.ask("GET /segments").json()["items"]] == ["some"]
    inside = program.ask("GET /subscribers?segment=some&limit=1").json()
    assert [one["email"] for one in inside["items"]] == ["p1@example.com"]
    rest = program.ask(f"GET /subscribers?segment=some&cursor={inside['next']}").json()
    assert [one["email"] for one in rest["items"]] == ["p2@example.com"]

    plan = {"issue": "2026-05", "lists": ["weekly"], "segment": "some"}
    assert program.ask("POST /plans", plan).json()["recipients"] == 2
    begun = program.ask("POST /campaigns", plan | {"confirm": 2}).json()
    _carry_out(program, begun["id"])
    assert sorted(mail["to"] for mail in program.mails) == ["p1@example.com", "p2@example.com"]
    assert program.ask(f"GET /campaigns/{begun['id']}").json()["segment"] == "some"

    assert program.ask("DELETE /segments/some").status_code == 204
    assert program.ask("GET /segments/some").status_code == 404
    assert program.ask("GET /subscribers?segment=some").status_code == 409
    assert program.ask("POST /plans", plan).json()["code"] == "conflict"


def test_a_condition_that_cannot_be_read_is_told_with_its_place(program: Any) -> None:
    answer = program.ask("PUT /segments/some", {"condition": "email = a and nothing = b"})
    assert (answer.status_code, answer.json()["position"]) == (422, 15)
    gone = program.ask("PUT /segments/some", {"condition": "list = none"})
    assert gone.status_code == 409
    assert program.ask("GET /segments").json()["items"] == []
