"""Approving an issue by way of the API: two people's steps are two keys' steps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from newsletter.publication import with_settings
from newsletter.web.public import public_app
from newsletter.workflow.subscribers import add

PLAN = {"issue": "2026-05", "lists": ["weekly"]}


@pytest.fixture
def careful(program: Any, orchard: Path) -> Iterator[Any]:
    """The program at a publication that wants two people."""
    publication = with_settings(program.publication, approval="required")
    with TestClient(public_app(publication), base_url="https://orchard.example.com") as client:
        program.publication, program.client = publication, client
        for number in range(2):
            add(publication, f"p{number}@example.com", "weekly")
        yield program


def test_what_one_key_approved_another_sends_and_never_the_same(careful: Any) -> None:
    editor = careful.key_for("campaigns:approve", "campaigns:send", "campaigns:read")
    sender = careful.key_for("campaigns:send", "campaigns:read")
    plan = careful.ask("POST /plans", PLAN, key=editor).json()
    assert (plan["needs_approval"], plan["approved_by"], plan["void"]) == (True, "", "")
    unapproved = careful.ask("POST /campaigns", PLAN | {"confirm": 2}, key=sender)
    assert unapproved.status_code == 409
    assert "approv" in unapproved.json()["detail"]
    assert careful.ask("POST /approvals", PLAN, key=sender).json()["needs"] == "campaigns:approve"

    approved = careful.ask("POST /approvals", PLAN | {"digest": plan["digest"]}, key=editor)
    assert approved.status_code == 201
    number = approved.json()["id"]
    assert approved.headers["location"] == f"/api/v1/campaigns/{number}"
    assert (approved.json()["status"], approved.json()["digest"]) == ("approved", plan["digest"])
    again = careful.ask("POST /approvals", PLAN, key=editor)
    assert (again.status_code, again.json()["id"]) == (200, number)
    told = careful.ask("POST /plans", PLAN, key=sender).json()
    assert told["approved_by"] == approved.json()["approved_by"] != ""

    own = careful.ask("POST /campaigns", PLAN | {"confirm": 2}, key=editor)
    assert (own.status_code, "somebody else" in own.json()["detail"]) == (409, True)
    at = PLAN | {"confirm": 2, "at": "2099-12-01 09:00"}
    scheduled = careful.ask("POST /campaigns", at, key=sender)
    assert scheduled.status_code == 202
    assert (scheduled.json()["id"], scheduled.json()["status"]) == (number, "scheduled")
    resumed = careful.ask(f"POST /campaigns/{number}/resume", {"confirm": 2}, key=editor)
    assert resumed.status_code == 409
    assert careful.ask("POST /approvals", PLAN, key=editor).status_code == 409
    cancelled = careful.ask(f"POST /campaigns/{number}/cancel", key=sender)
    assert cancelled.json()["status"] == "cancelled"


def test_an_edit_voids_an_approval_and_it_is_given_anew(careful: Any) -> None:
    first = careful.ask("POST /approvals", PLAN).json()
    article = careful.publication.issues_folder / "2026-05" / "01-fruit" / "01-apples.md"
    article.write_text(article.read_text() + "\nOne more line.\n")
    plan = careful.ask("POST /plans", PLAN).json()
    assert plan["approved_by"] == ""
    assert plan["void"]
    sender = careful.key_for("campaigns:send")
    refused = careful.ask("POST /campaigns", PLAN | {"confirm": 2}, key=sender)
    assert (refused.status_code, refused.json()["code"]) == (409, "changed")
    other = careful.ask("POST /approvals", PLAN | {"digest": first["digest"]})
    assert (other.status_code, other.json()["code"]) == (409, "changed")
    anew = careful.ask("POST /approvals", PLAN | {"digest": plan["digest"]})
    assert anew.status_code == 201
    assert anew.json()["digest"] == plan["digest"] != first["digest"]


def test_an_approval_is_taken_back_and_repeated_once(careful: Any) -> None:
    once = {"Idempotency-Key": "approve"}
    made = careful.ask("POST /approvals", PLAN, headers=once)
    assert careful.ask("POST /approvals", PLAN, headers=once).json() == made.json()
    number = made.json()["id"]
    assert careful.ask(f"POST /campaigns/{number}/cancel").json()["status"] == "cancelled"
    assert careful.ask("POST /plans", PLAN).json()["approved_by"] == ""


def test_without_the_rule_one_key_approves_and_holds(program: Any) -> None:
    add(program.publication, "p@example.com", "weekly")
    made = program.ask("POST /approvals", PLAN)
    assert made.status_code == 201
    held = program.ask("POST /campaigns", PLAN | {"confirm": 1, "hold": 3600})
    assert (held.json()["id"], held.json()["status"]) == (made.json()["id"], "held")


def test_an_issue_with_errors_is_not_approved(program: Any) -> None:
    article = program.publication.issues_folder / "2026-05" / "01-fruit" / "01-apples.md"
    article.write_text(article.read_text().replace("blossom.png", "gone.png"))
    answer = program.ask("POST /approvals", PLAN)
    assert (answer.status_code, answer.json()["code"]) == (422, "content")
    assert program.ask("GET /campaigns").json()["items"] == []
