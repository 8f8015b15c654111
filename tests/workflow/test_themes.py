"""What a designer does with themes: see them, copy one, look at an issue in one."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.editions.email_edition import render_email
from newsletter.editions.tokens import load_tokens
from newsletter.problems import ContentError, Severity, UsageError
from newsletter.publication import Publication, load_publication, with_settings
from newsletter.workflow.issues import read
from newsletter.workflow.themes import all_themes, copy_theme, preview_theme


@pytest.fixture
def orchard(new_publication: Path) -> Publication:
    folder = new_publication / "issues" / "2026-12"
    folder.mkdir(parents=True)
    (folder / "issue.md").write_text(
        "---\ntitle: Windfall\ndate: 2026-12-01\n---\n\nDear reader.\n"
    )
    (folder / "01-news.md").write_text("# Apples\n\nThey fell.\n")
    return load_publication(new_publication, {})


def test_both_shipped_themes_are_listed_and_the_one_in_use_is_marked(orchard: Publication) -> None:
    starter, magazine = all_themes(orchard)
    assert (starter.name, starter.used, starter.media) == (
        "starter",
        True,
        ("email", "web", "print", "pages", "mail"),
    )
    assert (magazine.name, magazine.used, magazine.media) == (
        "magazine",
        False,
        ("email", "web", "print"),
    )
    assert magazine.tokens
    assert magazine.shipped
    assert not magazine.own


def test_a_theme_brings_its_own_colours_and_the_publication_is_over_them(
    orchard: Publication,
) -> None:
    plain, _ = load_tokens(orchard)
    magazine, problems = load_tokens(orchard, "magazine")
    own = with_settings(orchard, theme="magazine", tokens={"accent": "#123456"})
    assert problems == ()
    assert plain.light["accent"] != magazine.light["accent"] != "#123456"
    assert load_tokens(own)[0].light["accent"] == "#123456"
    assert load_tokens(own)[0].light["paper"] == magazine.light["paper"]


def test_a_copied_theme_renders_as_its_original_until_it_is_changed(orchard: Publication) -> None:
    made = copy_theme(orchard, "magazine", "mine")
    assert all(path.is_relative_to(orchard.root / "templates") for path in made)
    mine = next(theme for theme in all_themes(orchard) if theme.name == "mine")
    assert mine.own
    assert not mine.shipped
    mails = {
        name: render_email(issue, with_settings(orchard, theme=name)).html
        for name in ("starter", "magazine", "mine")
        if (issue := read(orchard, "2026-12").issue)
    }
    assert mails["mine"] == mails["magazine"] != mails["starter"]
    (orchard.root / "templates" / "email" / "mine" / "more.css.j2").write_text("p { margin: 0 }\n")
    changed = with_settings(orchard, theme="mine")
    issue = read(orchard, "2026-12").issue
    assert issue is not None
    assert render_email(issue, changed).html != mails["magazine"]


def test_a_name_that_is_taken_or_no_name_is_refused_and_nothing_is_written(
    orchard: Publication,
) -> None:
    for new in ("starter", "magazine", "../outside", "a b", ""):
        with pytest.raises(UsageError):
            copy_theme(orchard, "magazine", new)
    with pytest.raises(UsageError, match="there is no theme nope"):
        copy_theme(orchard, "nope", "mine")
    assert not (orchard.root / "templates").exists()


def test_an_issue_is_shown_in_a_theme_without_changing_it(orchard: Publication) -> None:
    before = (orchard.root / "newsletter.toml").read_bytes()
    report = preview_theme(orchard, "magazine")
    assert report.folder == orchard.root / "build" / "themes" / "magazine" / "2026-12"
    assert (report.folder / "print.pdf").read_bytes().startswith(b"%PDF")
    assert "#a02c1d" in (report.folder / "web" / "style.css").read_text()
    assert (orchard.root / "newsletter.toml").read_bytes() == before
    archive = report.folder.parent / "_archive"
    assert "Windfall" in (archive / "index.html").read_text()
    assert "#a02c1d" in (archive / "style.css").read_text()


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("web/mine/card.svg.j2", "</svg>", "", "templates/web/mine/card.svg.j2:"),
        ("web/mine/feed.xml.j2", "</channel>", "", "templates/web/mine/feed.xml.j2:21"),
        ("print/mine/issue.typ", "header-ascent", "ascent", "templates/print/mine/issue.typ:33"),
        (
            "print/mine/parts/cover.typ",
            "// The cover",
            "// Caf\xe9",
            "templates/print/mine/parts/cover.typ:1",
        ),
        ("email/mine/skeleton.mjml.j2", "</mj-head>", "", "templates/email/mine/skeleton.mjml.j2:"),
    ],
)
def test_a_broken_template_is_told_with_its_place_and_what_was_built_stays(
    orchard: Publication, file: str, old: str, new: str, place: str
) -> None:
    copy_theme(orchard, "starter", "mine")
    built = orchard.root / "build" / "themes" / "mine" / "2026-12" / "print.pdf"
    built.parent.mkdir(parents=True)
    built.write_text("the last good one")
    path = orchard.root / "templates" / file
    path.write_bytes(path.read_text().replace(old, new).encode("latin-1", "replace"))
    with pytest.raises(ContentError) as caught:
        preview_theme(orchard, "mine")
    errors = [one for one in caught.value.problems if one.severity is Severity.ERROR]
    assert any(str(one.source).startswith(place) for one in errors), errors
    assert built.read_text() == "the last good one"


def test_a_copy_of_the_starter_has_every_token_to_change(orchard: Publication) -> None:
    copy_theme(orchard, "starter", "mine")
    path = orchard.root / "templates" / "tokens" / "mine.toml"
    path.write_text(path.read_text().replace('accent = "#1f5f7a"', 'accent = "#0b6b3a"'))
    report = preview_theme(orchard, "mine")
    assert report.problems == preview_theme(orchard, "starter").problems
    assert "#0b6b3a" in (report.folder / "web" / "style.css").read_text()
    assert "#0b6b3a" in (report.folder / "email.html").read_text()


@pytest.mark.parametrize("slug", ["2026-10-zh", "2026-11-en"])
def test_the_sample_issues_stand_in_the_magazine_without_errors(
    publication: Publication, slug: str, tmp_path: Path
) -> None:
    from newsletter.workflow.builds import build

    report = build(publication, slug, output=tmp_path / "out", theme="magazine")
    assert [str(one) for one in report.problems if one.severity is not Severity.NOTICE] == []
    assert report.email.html_bytes <= report.email.budget
