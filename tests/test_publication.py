"""newsletter.toml and the environment become one typed value, or a list of everything wrong with line numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.problems import ContentError, NewsletterError, UsageError
from newsletter.publication import find_root, load_publication, secret

MINIMAL = 'name = "The Orchard"\n\n[sender]\nemail = "editor@example.com"\n'


def _write(folder: Path, text: str) -> Path:
    (folder / "newsletter.toml").write_text(text, encoding="utf-8")
    return folder


def _told(folder: Path, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ContentError) as caught:
        load_publication(folder, environment or {})
    return [f"{p.source} {p.code}: {p.message} | {p.hint}" for p in caught.value.problems]


def test_a_minimal_file_gets_every_default(tmp_path: Path) -> None:
    publication = load_publication(_write(tmp_path, MINIMAL), {})
    assert publication.name == "The Orchard"
    assert publication.settings.email.budget == 96_000
    assert publication.settings.print.columns == 1
    assert publication.issue_url("one") == "http://127.0.0.1:8000/issues/one/"


def test_every_mistake_is_told_at_once_with_its_line_and_a_suggestion(tmp_path: Path) -> None:
    text = MINIMAL + '\n[smtp]\nhots = "mail"\n\n[print]\ncolums = 2\n'
    assert _told(_write(tmp_path, text)) == [
        "newsletter.toml:7 settings-unknown-key: unknown key: smtp.hots | Did you mean host?",
        "newsletter.toml:10 settings-unknown-key: unknown key: print.colums | Did you mean columns?",
    ]


def test_a_wrong_type_names_the_key_and_line(tmp_path: Path) -> None:
    assert _told(_write(tmp_path, MINIMAL + '\n[email]\nimages = "inline"\n')) == [
        "newsletter.toml:7 settings-type: email.images: Invalid enum value 'inline' | "
    ]


def test_a_missing_required_key_is_named(tmp_path: Path) -> None:
    assert _told(_write(tmp_path, 'name = "x"\n[sender]\nname = "y"\n')) == [
        "newsletter.toml settings-missing-key: the key sender.email is missing | Add sender.email to newsletter.toml."
    ]


def test_broken_toml_is_told_with_its_line(tmp_path: Path) -> None:
    assert _told(_write(tmp_path, 'name = "x"\nname: y\n'))[0].startswith(
        "newsletter.toml:2 settings-syntax: not valid TOML"
    )


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('base_url = "news.example.com"', "base_url: not a web address: news.example.com"),
        ('language = "中文"', "language: not a language tag: 中文"),
        ('theme = "../../etc"', "theme: not a theme's name: ../../etc"),
    ],
)
def test_values_that_make_no_sense_are_refused(tmp_path: Path, line: str, told: str) -> None:
    assert told in _told(_write(tmp_path, f"{line}\n{MINIMAL}"))[0]


def test_the_environment_overrides_the_file_and_is_typed(tmp_path: Path) -> None:
    environment = {
        "NEWSLETTER__SMTP__PORT": "2525",
        "NEWSLETTER__BASE_URL": "https://n.example.com/",
        "HOME": "/root",
    }
    publication = load_publication(_write(tmp_path, MINIMAL), environment)
    assert publication.settings.smtp.port == 2525
    assert publication.base_url == "https://n.example.com"


def test_a_mistake_in_the_environment_says_so(tmp_path: Path) -> None:
    told = _told(_write(tmp_path, MINIMAL), {"NEWSLETTER__SMTP__PORT": "many"})
    assert told[0].startswith("newsletter.toml settings-type: smtp.port")
    assert told[0].endswith("It was set by the environment.")


def test_a_secret_comes_only_from_where_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "password").write_text("from a file\n", encoding="utf-8")
    monkeypatch.setenv("MAIL_PASSWORD", "from the environment")
    assert secret(tmp_path, "MAIL_PASSWORD", "") == "from the environment"
    assert secret(tmp_path, "", "password") == "from a file"
    assert secret(tmp_path, "", "") == ""
    with pytest.raises(UsageError, match="NOT_SET"):
        secret(tmp_path, "NOT_SET", "")
    with pytest.raises(NewsletterError, match="cannot read the secret"):
        secret(tmp_path, "", "absent")


def test_the_root_is_found_upwards(tmp_path: Path) -> None:
    _write(tmp_path, MINIMAL)
    inner = tmp_path / "issues" / "one"
    inner.mkdir(parents=True)
    assert find_root(inner) == tmp_path


def test_no_publication_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        find_root(tmp_path)
    assert "newsletter init" in caught.value.hint


def test_a_publication_s_own_theme_comes_before_the_starter(tmp_path: Path) -> None:
    own = tmp_path / "templates" / "web" / "starter"
    own.mkdir(parents=True)
    publication = load_publication(_write(tmp_path, MINIMAL), {})
    roots = publication.template_roots("web")
    assert roots[0] == own
    assert len(roots) == 2
