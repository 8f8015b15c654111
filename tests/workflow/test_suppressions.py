"""Suppressions: they win over everything, are lifted by those who may, and every change says who made it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from newsletter.problems import UsageError
from newsletter.publication import Publication, load_publication
from newsletter.store.engine import open_store
from newsletter.store.schema import events
from newsletter.workflow import subscribers, suppressions
from newsletter.workflow.importing import import_file


@pytest.fixture
def here(new_publication: Path) -> Publication:
    return load_publication(new_publication, {})


def _events(here: Publication, kind: str) -> list[Any]:
    with open_store(here) as store, store.reading() as connection:
        return list(connection.execute(select(events).where(events.c.kind == kind)))


def test_an_address_is_suppressed_in_its_normal_form_once(here: Publication) -> None:
    kept, added = suppressions.add(here, " Anna@EXAMPLE.com ", reason="asked by phone", actor="eve")
    assert (kept.value, kept.is_domain, kept.reason, added) == (
        "anna@example.com",
        False,
        "asked by phone",
        True,
    )
    kept, added = suppressions.add(here, "ANNA@example.com", reason="again", actor="eve")
    assert (kept.reason, added) == ("asked by phone", False)
    with pytest.raises(UsageError, match="is suppressed: asked by phone"):
        subscribers.add(here, "anna@example.com", "weekly")


@pytest.mark.parametrize("text", ["spam.example.com", "@SPAM.example.com"])
def test_a_domain_bars_everybody_at_it_from_an_import(
    here: Publication, text: str, tmp_path: Path
) -> None:
    assert suppressions.add(here, text, actor="eve")[0].is_domain
    file = tmp_path / "people.csv"
    file.write_text("email\nbob@spam.example.com\nanna@example.com\n")
    report = import_file(here, file, "weekly", apply=True, consent="at the fair")
    assert (report.new, report.blocked) == (1, 1)


@pytest.mark.parametrize("kind", ["manual", "complaint"])
def test_only_an_admin_lifts_what_an_operator_or_a_complaint_made(
    here: Publication, kind: str
) -> None:
    suppressions.add(here, "anna@example.com", kind=kind, actor="eve")
    with pytest.raises(UsageError, match="only an admin lifts that"):
        suppressions.lift(here, "anna@example.com", actor="sam", admin=False)
    assert suppressions.find(here, "anna@example.com") is not None
    suppressions.lift(here, "anna@example.com", actor="ada", admin=True, why="her letter")
    assert suppressions.find(here, "anna@example.com") is None
    (lifted,) = _events(here, "suppression lifted")
    assert (lifted.actor, lifted.data["suppressed_as"], lifted.data["why"]) == (
        "ada",
        kind,
        "her letter",
    )


def test_a_bounce_is_lifted_by_whoever_may_send(here: Publication) -> None:
    suppressions.add(here, "anna@example.com", kind="bounce", actor="campaign:1")
    suppressions.lift(here, "anna@example.com", actor="sam", admin=False)
    assert suppressions.counts(here) == {}


def test_events_of_suppressions_hold_no_address(here: Publication) -> None:
    subscribers.add(here, "anna@example.com", "weekly")
    suppressions.add(here, "anna@example.com", actor="eve")
    suppressions.add(here, "nobody@example.com", actor="eve")
    suppressions.lift(here, "nobody@example.com", actor="eve", admin=True)
    with open_store(here) as store, store.reading() as connection:
        rows = list(connection.execute(select(events)))
    assert rows
    assert not any("example.com" in repr(tuple(row)) for row in rows)
    of_anna = [row for row in rows if row.kind == "suppressed" and row.subscriber_id]
    assert len(of_anna) == 1


def test_a_file_is_brought_in_as_a_whole_and_the_export_reads_back(
    here: Publication, tmp_path: Path, new_publication: Path
) -> None:
    file = tmp_path / "blocked.txt"
    file.write_text("anna@example.com\n\nspam.example.com\nnot an address\nANNA@example.com\n")
    dry = suppressions.import_file(here, file, reason="old system", actor="eve")
    assert (dry.new, dry.known, dry.invalid, dry.invalid_lines[0][:2]) == (
        2,
        1,
        1,
        (4, "not an address"),
    )
    assert suppressions.counts(here) == {}
    suppressions.import_file(here, file, reason="=old system", actor="eve", apply=True)
    exported = "".join(suppressions.export(here))
    assert "'=old system" in exported
    for value in ("anna@example.com", "spam.example.com"):
        suppressions.lift(here, value, actor="eve", admin=True)
    copy = tmp_path / "export.csv"
    copy.write_text(exported, encoding="utf-8", newline="")
    again = suppressions.import_file(here, copy, actor="eve", apply=True)
    assert (again.new, again.known, again.invalid) == (2, 0, 0)
    assert "".join(suppressions.export(here)) == exported


def test_a_table_names_reason_and_kind_in_columns(here: Publication, tmp_path: Path) -> None:
    file = tmp_path / "bounced.csv"
    file.write_text(
        "Date;E-Mail;Reason;Kind\n2024-01-01;anna@example.com;550 no such user;bounce\n"
    )
    report = suppressions.import_file(here, file, actor="eve", apply=True)
    assert report.new == 1
    (kept,) = suppressions.page(here)
    assert (kept.value, kept.reason, kept.kind) == (
        "anna@example.com",
        "550 no such user",
        "bounce",
    )


def test_pages_go_on_after_a_value(here: Publication) -> None:
    for number in range(5):
        suppressions.add(here, f"p{number}@example.com", actor="eve")
    first = suppressions.page(here, most=2)
    second = suppressions.page(here, most=2, after=first[-1].value)
    assert [one.value[:2] for one in (*first, *second)] == ["p0", "p1", "p2", "p3"]
    assert [one.value for one in suppressions.page(here, search="P3@")] == ["p3@example.com"]
