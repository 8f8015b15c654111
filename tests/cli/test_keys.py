"""`newsletter keys`: a key is shown once, listed without itself, and ended by its name or number."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from newsletter.cli.main import cli
from newsletter.problems import UsageError


def _run(root: Path, *arguments: str) -> str:
    result = CliRunner().invoke(
        cli, ["--publication", str(root), "keys", *arguments], catch_exceptions=True
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout


def test_a_key_is_made_listed_and_revoked(new_publication: Path) -> None:
    token = _run(new_publication, "create", "website", "--scope", "sign-ups:write").split()[0]
    assert token.startswith("nl_")
    assert len(token) == 46
    listed = _run(new_publication, "list")
    assert "website" in listed
    assert "never used" in listed
    assert token not in listed
    assert token[:8] in listed
    data = json.loads(_run(new_publication, "list", "--json"))["keys"]
    assert data[0]["scopes"] == ["sign-ups:write"]
    assert "key" not in data[0]
    assert "revoked" in _run(new_publication, "revoke", "website")
    assert "No keys" in _run(new_publication, "list")
    assert "revoked" in _run(new_publication, "list", "--all")


def test_a_second_key_of_a_name_and_a_wrong_scope_are_refused(new_publication: Path) -> None:
    _run(new_publication, "create", "website", "--scope", "lists:read", "--days", "30")
    assert "until" in _run(new_publication, "list")
    for arguments, told in (
        (("create", "website", "--scope", "lists:read"), "there is a key website already"),
        (("create", "other", "--scope", "lists:reed"), "no such scope: lists:reed"),
        (("revoke", "9"), "no such key: 9"),
    ):
        with pytest.raises(UsageError, match=told):
            _run(new_publication, *arguments)
