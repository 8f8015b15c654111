"""The API against its own description: schemathesis asks what it likes, and is answered as documented."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS

from newsletter.publication import load_publication
from newsletter.web.api.app import api_app
from newsletter.web.api.problems import KINDS
from newsletter.workflow import importing

REPOSITORY = Path(__file__).resolve().parents[3]
HOST = "orchard.example.com"
pytestmark = pytest.mark.filterwarnings("ignore")


_UNTOLD = "positive_data_acceptance"
"""Left out: a list that does not exist fits the description as well as one that does."""


def _operations() -> list[str]:
    """`GET /lists` and so on."""
    described = api_app(lambda: load_publication(REPOSITORY, {})).openapi()
    return [
        f"{method.upper()} {path}"
        for path, methods in described["paths"].items()
        for method in methods
    ]


@pytest.fixture
def described(program: Any) -> Any:
    """The description of a publication that has people, an issue, a list and an import."""
    path = program.publication.root / "people.csv"
    path.write_text("email,status\nada@example.com,confirmed\nleft@example.com,unsubscribed\n")
    importing.import_file(program.publication, path, "weekly", apply=True)
    return schemathesis.openapi.from_asgi(
        "/api/v1/openapi.json", program.client.app, headers={"Host": HOST}
    )


@pytest.mark.parametrize("what", _operations())
def test_whatever_is_asked_is_answered_as_documented(
    program: Any, described: Any, what: str
) -> None:
    method, _, path = what.partition(" ")
    operation = described[path][method]
    headers = {"Authorization": f"Bearer {program.key}", "Host": HOST}
    excluded = CHECKS.get_by_names([_UNTOLD])

    for mode in GenerationMode:

        @settings(
            max_examples=5,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Case) -> None:
            case.call_and_validate(headers=headers, excluded_checks=excluded)

        with suppress(Unsatisfiable):  # nothing about some requests can be wrong
            ask()


def test_every_operation_has_its_name_scope_example_and_errors(program: Any) -> None:
    described = program.client.get("/api/v1/openapi.json").json()
    names = []
    for path, operations in described["paths"].items():
        for method, one in operations.items():
            names.append(one["operationId"])
            assert one["summary"], path
            assert one["tags"], path
            assert "500" in one["responses"]
            assert any(status[0] == "2" for status in one["responses"])
            if one["tags"] != ["about"]:
                (security,) = one["security"]
                assert len(security["key"]) == 1
                assert {"401", "403", "422", "429", "503"} <= one["responses"].keys()
                if method != "get":
                    assert any(p["name"] == "Idempotency-Key" for p in one["parameters"])
            for status, answer in one["responses"].items():
                if status[0] in "45":
                    shown = answer["content"]["application/problem+json"]["examples"]
                    assert all(str(e["value"]["status"]) == status for e in shown.values())
    assert len(names) == len(set(names)) > 25
    schemas = described["components"]["schemas"]
    assert "HTTPValidationError" not in schemas
    known = program.client.get("/api/v1/problems").json()["items"]
    assert [one["code"] for one in known] == list(KINDS)
