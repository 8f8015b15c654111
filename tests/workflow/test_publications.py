"""`newsletter init` lays a publication whose first issue builds, with a key of its own, over nothing that exists."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from newsletter.problems import Severity, UsageError
from newsletter.publication import load_publication
from newsletter.workflow.issues import check
from newsletter.workflow.publications import init


@pytest.mark.parametrize(
    ("language", "name"), [("en", 'Anna "A": Letter \\ #1'), ("zh-Hans", "果园来信：“第一封”")]
)
def test_the_first_issue_of_a_new_publication_has_no_error(
    tmp_path: Path, language: str, name: str
) -> None:
    init(tmp_path, name=name, email="anna@example.com", language=language)
    publication = load_publication(tmp_path, {})
    assert publication.name == name
    found = check(publication, "first-issue")
    assert [str(problem) for problem in found if problem.severity is Severity.ERROR] == []


def test_the_key_is_for_its_owner_alone_and_git_ignored(tmp_path: Path) -> None:
    init(tmp_path, name="x", email="x@example.com", language="en")
    assert stat.S_IMODE((tmp_path / "subscribers" / "secret.key").stat().st_mode) == 0o600
    assert "/subscribers/secret.key" in (tmp_path / ".gitignore").read_text(encoding="utf-8")


def test_a_publication_is_not_laid_over_another(tmp_path: Path) -> None:
    (tmp_path / "newsletter.toml").write_text("name = 'mine'\n", encoding="utf-8")
    with pytest.raises(UsageError, match="is a publication already"):
        init(tmp_path, name="x", email="x@example.com", language="en")
    assert (tmp_path / "newsletter.toml").read_text(encoding="utf-8") == "name = 'mine'\n"


def test_a_file_that_exists_is_kept(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n", encoding="utf-8")
    init(tmp_path, name="x", email="x@example.com", language="en")
    assert (tmp_path / ".gitignore").read_text(encoding="utf-8") == "mine\n"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"email": "nobody"}, "sender.email: not an address: nobody"),
        ({"language": "the German one"}, "language: not a language tag"),
        ({"name": " "}, "name: is empty"),
    ],
)
def test_what_no_publication_can_have_is_refused_before_anything_is_laid(
    tmp_path: Path, wrong: dict[str, str], told: str
) -> None:
    values = {"name": "The Orchard", "email": "editor@example.com", "language": "en"} | wrong
    with pytest.raises(UsageError, match=told):
        init(tmp_path / "orchard", **values)
    assert not (tmp_path / "orchard").exists()
