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
        "newsletter.toml:7 settings-type: email.images: must be one of: linked, embedded | "
    ]


def test_a_missing_required_key_is_named(tmp_path: Path) -> None:
    assert _told(_write(tmp_path, 'name = "x"\n[sender]\nname = "y"\n')) == [
        "newsletter.toml:2 settings-missing-key: the key sender.email is missing | Add sender.email to newsletter.toml."
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
    assert told[0].endswith("It was set by the environment: NEWSLETTER__SMTP__PORT.")


def test_every_wrong_value_is_told_at_once_in_plain_words(tmp_path: Path) -> None:
    text = (
        'name = 5\nlanguage = "x"\nwords = { contents = 5 }\nsmtp = { port = 70000, timeout = 0 }\n'
        '[sender]\nemail = "nobody"\n[print]\ncolumns = 3\n[email]\nbudget = "much"\n'
    )
    assert sorted(_told(_write(tmp_path, text))) == [
        "newsletter.toml:1 settings-type: name: must be text in quotes | ",
        "newsletter.toml:10 settings-type: email.budget: must be a whole number | ",
        "newsletter.toml:2 settings-value: language: not a language tag: x | Examples: zh-Hans, en, de, ar.",
        "newsletter.toml:3 settings-type: words: must be text in quotes | ",
        "newsletter.toml:4 settings-type: smtp.port: must be at most 65535 | ",
        "newsletter.toml:4 settings-type: smtp.timeout: must be more than 0 | ",
        "newsletter.toml:6 settings-value: sender.email: not an address: nobody | ",
        "newsletter.toml:8 settings-type: print.columns: must be one of: 1, 2 | ",
    ]


def test_an_empty_file_lacks_both_needed_keys(tmp_path: Path) -> None:
    assert [line.split(" | ")[0] for line in _told(_write(tmp_path, ""))] == [
        "newsletter.toml settings-missing-key: the key name is missing",
        "newsletter.toml settings-missing-key: the key sender is missing",
    ]


def test_a_password_in_the_file_is_refused_with_where_it_belongs(tmp_path: Path) -> None:
    (told,) = _told(_write(tmp_path, MINIMAL + '[smtp]\npassword = "x"\n'))
    assert "unknown key: smtp.password" in told
    assert "never written here" in told


def test_every_kind_of_setting_can_come_from_the_environment(tmp_path: Path) -> None:
    environment = {
        "NEWSLETTER__TOKENS__ACCENT": "#8a1c1c",
        "NEWSLETTER__TOKENS__ACCENT_DARK": "#e0a0a0",
        "NEWSLETTER__WORDS__FIGURE_NUMBER": "Fig. {number}",
        "NEWSLETTER__PRINT__COLUMNS": "2",
        "NEWSLETTER__SMTP__TIMEOUT": "2.5",
        "NEWSLETTER__SENDER__REPLY_TO": "answers@example.com",
    }
    settings = load_publication(_write(tmp_path, MINIMAL), environment).settings
    assert settings.tokens == {"accent": "#8a1c1c", "accent-dark": "#e0a0a0"}
    assert settings.words == {"figure_number": "Fig. {number}"}
    assert (settings.print.columns, settings.smtp.timeout) == (2, 2.5)
    assert settings.sender.reply_to == "answers@example.com"


def test_an_unknown_variable_is_named(tmp_path: Path) -> None:
    (told,) = _told(_write(tmp_path, MINIMAL), {"NEWSLETTER__SMPT__HOST": "x"})
    assert told == (
        "newsletter.toml settings-unknown-key: unknown key: smpt | Did you mean smtp? "
        "It was set by the environment: NEWSLETTER__SMPT__HOST."
    )


def test_the_address_of_an_issue_is_ascii(tmp_path: Path) -> None:
    publication = load_publication(_write(tmp_path, MINIMAL), {})
    assert publication.issue_url("三月") == "http://127.0.0.1:8000/issues/%E4%B8%89%E6%9C%88/"


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
