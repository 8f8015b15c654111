"""Saved mappings: what was said once for a kind of file is said again by its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from newsletter.cli.main import cli
from newsletter.problems import UsageError
from newsletter.publication import Publication, load_publication
from newsletter.workflow.mappings import (
    SavedMapping,
    read_mapping,
    save_mapping,
    saved_mappings,
)

ODD = SavedMapping({'Kon"takt\\ ä': "email", "邮箱": "-", "x = y\n[z]": "a\x7fb"}, delimiter="\t")


@pytest.fixture
def here(new_publication: Path) -> Publication:
    return load_publication(new_publication, {})


def test_a_mapping_is_read_as_it_was_saved_whatever_is_in_it(here: Publication) -> None:
    path = save_mapping(here, "contacts", ODD)
    assert path == here.root / "subscribers" / "mappings" / "contacts.toml"
    assert read_mapping(here, "contacts") == ODD
    assert read_mapping(here, str(path)) == ODD
    assert saved_mappings(here) == ("contacts",)


def test_what_is_said_beats_what_was_saved() -> None:
    saved = SavedMapping({"A": "email", "B": "name"}, list="weekly", delimiter=";")
    said = SavedMapping({"B": "-"}, list="other")
    assert saved.under(said) == SavedMapping({"A": "email", "B": "-"}, "other", delimiter=";")


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "a\nb"])
def test_a_name_that_is_none_is_refused(here: Publication, name: str) -> None:
    with pytest.raises(UsageError):
        save_mapping(here, name, ODD)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("colums = 1", "there is no key colums"),
        ("columns = 1", "columns is a table of texts"),
        ("[columns]\nA = 1", "columns is a table of texts"),
        ("list = 1", "list is a text"),
        ("list =", "Invalid value"),
    ],
)
def test_a_file_that_says_something_else_is_refused(
    here: Publication, tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "m.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=told):
        read_mapping(here, str(path))
    with pytest.raises(UsageError, match="there is no mapping nothing"):
        read_mapping(here, "nothing")


def test_the_next_file_is_imported_as_the_first_was(here: Publication, tmp_path: Path) -> None:
    file = tmp_path / "kontakte.csv"
    file.write_bytes("Kontakt;Notiz;Stadt\na@example.com;geheim;Köln\n".encode("cp1252"))
    told = ["--publication", str(here.root), "subscribers", "import", str(file)]
    first = [*told, "--list", "weekly", "--map", "Notiz=-", "--map", "Stadt=city"]
    done = CliRunner().invoke(
        cli,
        [*first, "--encoding", "windows-1252", "--consent", "fair", "--save-mapping", "kontakte"],
    )
    assert done.exit_code == 0, done.output
    saved = read_mapping(here, "kontakte")
    assert (saved.list, saved.encoding, saved.consent) == ("weekly", "cp1252", "fair")
    done = CliRunner().invoke(cli, [*told, "--mapping", "kontakte", "--apply"])
    assert done.exit_code == 0, done.output
    listed = CliRunner().invoke(
        cli, ["--publication", str(here.root), "subscribers", "list", "--json"]
    )
    assert (
        '"attributes": {"city": "Köln"}, "list": "weekly", "status": "confirmed"' in listed.output
    )


def test_an_encoding_that_nobody_knows_is_refused(here: Publication, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("email\na@example.com\n")
    told = ["--publication", str(here.root), "subscribers", "import", str(file), "--list", "w"]
    done = CliRunner().invoke(cli, [*told, "--encoding", "klingon"])
    assert done.exit_code == 2
    assert "there is no encoding klingon" in done.output
