"""Suppressions by way of the API: who may add them, and who may lift which."""

from __future__ import annotations

from typing import Any

import pytest

from newsletter.store.engine import open_store
from newsletter.store.subscribers import suppress
from newsletter.workflow import people
from newsletter.workflow.subscribers import add


def test_an_address_and_a_domain_are_suppressed_told_and_lifted(program: Any) -> None:
    add(program.publication, "ada@example.com", "weekly")
    made = program.ask(
        "POST /suppressions", {"value": "Ada@Example.COM", "reason": "asked by letter"}
    )
    assert made.status_code == 201
    one = made.json()
    assert (one["value"], one["kind"], one["reason"]) == (
        "ada@example.com",
        "manual",
        "asked by letter",
    )
    assert made.headers["location"] == f"/api/v1/suppressions/{one['id']}"
    assert program.ask(f"GET /suppressions/{one['id']}").json() == one
    again = program.ask("POST /suppressions", {"value": "ada@example.com", "reason": "another"})
    assert (again.status_code, again.json()) == (200, one)

    domain = program.ask("POST /suppressions", {"value": "spam.example"}).json()
    assert (domain["value"], domain["is_domain"]) == ("spam.example", True)
    (person,) = program.ask("GET /subscribers").json()["items"]
    assert person["suppressed"] is True

    lifted = program.ask(f"DELETE /suppressions/{one['id']}?why=wrote%20again")
    assert lifted.status_code == 204
    assert program.ask(f"DELETE /suppressions/{one['id']}").status_code == 404
    assert program.ask("GET /subscribers").json()["items"][0]["suppressed"] is False
    events = people.person(program.publication, person["id"])["events"]  # type: ignore[index]
    assert [(e["kind"], e["by"]) for e in events if "suppress" in e["kind"]] == [
        ("suppressed", "api:everything"),
        ("suppression lifted", "api:everything"),
    ]


def test_they_come_in_pages_by_kind_and_by_words(program: Any) -> None:
    for number in range(5):
        program.ask("POST /suppressions", {"value": f"p{number}@example.com"})
    program.ask("POST /suppressions", {"value": "x@example.com", "kind": "complaint"})
    first = program.ask("GET /suppressions?limit=4").json()
    rest = program.ask(f"GET /suppressions?limit=4&cursor={first['next']}").json()
    values = [one["value"] for one in first["items"] + rest["items"]]
    assert values == [f"p{number}@example.com" for number in range(5)] + ["x@example.com"]
    assert rest["next"] is None
    (complaint,) = program.ask("GET /suppressions?kind=complaint").json()["items"]
    assert complaint["value"] == "x@example.com"
    found = program.ask("GET /suppressions?search=P3").json()["items"]
    assert [one["value"] for one in found] == ["p3@example.com"]


@pytest.mark.parametrize("kind", ["manual", "complaint"])
def test_what_only_an_admin_lifts_needs_a_scope_of_its_own(program: Any, kind: str) -> None:
    made = program.ask("POST /suppressions", {"value": "ada@example.com", "kind": kind}).json()
    writer = program.key_for("suppressions:write", "suppressions:read")
    refused = program.ask(f"DELETE /suppressions/{made['id']}", key=writer)
    assert (refused.status_code, refused.json()["needs"]) == (403, "suppressions:lift")
    assert program.ask(f"GET /suppressions/{made['id']}", key=writer).status_code == 200
    admin = program.key_for("suppressions:write", "suppressions:lift")
    assert program.ask(f"DELETE /suppressions/{made['id']}", key=admin).status_code == 204


def test_what_a_bounce_made_is_lifted_by_whoever_may_write(program: Any) -> None:
    with open_store(program.publication) as store, store.writing() as connection:
        suppress(connection, "ada@example.com", "550 no such user", "bounce")
    (one,) = program.ask("GET /suppressions").json()["items"]
    writer = program.key_for("suppressions:write")
    assert program.ask("GET /suppressions", key=writer).status_code == 403
    assert program.ask(f"DELETE /suppressions/{one['id']}", key=writer).status_code == 204


def test_a_number_is_never_given_twice(program: Any) -> None:
    first = program.ask("POST /suppressions", {"value": "a@example.com"}).json()["id"]
    program.ask(f"DELETE /suppressions/{first}")
    assert program.ask("POST /suppressions", {"value": "b@example.com"}).json()["id"] != first
    assert program.ask(f"DELETE /suppressions/{first}").status_code == 404
    assert len(program.ask("GET /suppressions").json()["items"]) == 1


def test_a_repeated_request_acts_once_and_what_is_no_address_is_told(program: Any) -> None:
    once = {"Idempotency-Key": "one"}
    first = program.ask("POST /suppressions", {"value": "a@example.com"}, headers=once)
    again = program.ask("POST /suppressions", {"value": "a@example.com"}, headers=once)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotency-replayed"] == "true"
    wrong = program.ask("POST /suppressions", {"value": "not an address"})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["where"] == "body.value"
