"""Design tokens: laid over each other, checked, and never too faint to read."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.editions.colour import contrast, with_contrast
from newsletter.editions.print_page import page_of
from newsletter.editions.tokens import load_tokens
from newsletter.model.issue import Issue
from newsletter.problems import Source
from newsletter.publication import Publication, load_publication, with_settings


def test_the_starters_tokens_are_readable_and_complete(publication: Publication) -> None:
    tokens, problems = load_tokens(publication)
    assert problems == ()
    assert tokens.light["accent"] == "#1f5f7a"
    assert set(tokens.light) == set(tokens.dark)
    assert (tokens.web["body"].pixels, tokens.web["body"].phone_line) == (18, 1.8)
    for colours in (tokens.light, tokens.dark):
        assert contrast(colours["muted"], colours["paper"]) >= 4.5
        assert contrast(colours["on-band-2"], colours["band"]) >= 4.5


def test_black_on_white_has_the_highest_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_a_colour_that_is_too_faint_is_darkened_with_a_warning(publication: Publication) -> None:
    tokens, problems = load_tokens(with_settings(publication, tokens={"accent": "#ffcc00"}))
    assert contrast(tokens.light["accent"], tokens.light["paper"]) >= 4.5
    assert [(p.code, p.severity.value) for p in problems] == [("token-contrast", "warning")]
    assert "#ffcc00" in problems[0].message


def test_a_brand_colour_set_once_is_readable_in_the_dark_as_well(publication: Publication) -> None:
    tokens, problems = load_tokens(with_settings(publication, tokens={"accent": "#8a1c1c"}))
    assert problems == ()
    assert tokens.light["accent"] == "#8a1c1c"
    assert tokens.dark["accent"] != "#8a1c1c"
    assert contrast(tokens.dark["accent"], tokens.dark["tint"]) >= 4.5


def test_a_dark_colour_can_be_named_apart(publication: Publication) -> None:
    own = with_settings(publication, tokens={"accent": "#8a1c1c", "accent-dark": "#e0a0a0"})
    assert load_tokens(own)[0].dark["accent"] == "#e0a0a0"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"acent": "#8a1c1c"}, "token-unknown"),
        ({"accent": "red"}, "token-colour"),
        ({"accent": 3}, "token-colour"),
        ({"font-serif": "x;} body{display:none"}, "token-font"),
    ],
)
def test_a_mistake_in_the_settings_is_told_and_the_starters_value_stands(
    publication: Publication, given: dict[str, str | int | float], code: str
) -> None:
    tokens, problems = load_tokens(with_settings(publication, tokens=given))
    assert [problem.code for problem in problems] == [code]
    assert tokens == load_tokens(publication)[0]


def test_the_publications_file_of_tokens_is_laid_over_the_starters(new_publication: Path) -> None:
    (new_publication / "templates").mkdir()
    (new_publication / "templates" / "tokens.toml").write_text(
        'stray = 1\n[light]\nhead = "#000000"\n[web]\nbody = [19, 1.8, 17, 1.8]\ntitle = [1]\n',
        encoding="utf-8",
    )
    tokens, problems = load_tokens(load_publication(new_publication, {}))
    assert tokens.light["head"] == "#000000"
    assert tokens.web["body"].pixels == 19
    assert [problem.code for problem in problems] == ["tokens-syntax", "token-unknown"]


def test_a_mistake_in_a_themes_tokens_is_told_with_its_line(new_publication: Path) -> None:
    folder = new_publication / "templates" / "tokens"
    folder.mkdir(parents=True)
    own = load_publication(new_publication, {})
    (folder / "mine.toml").write_text(
        '[light]\nacent = "#123456"\nmuted = "#cccccc"\n[dark]\naccent = "#303030"\n'
        "[web]\nbody = [18]\n[print]\nlatin = [12, 10, 300, 0]\n"
        "han-two-columns = [9, 15, 300, 18]\nmargins = [1, 2]\n"
    )
    _, problems = load_tokens(own, "mine")
    assert [(one.code, str(one.source)) for one in problems] == [
        ("token-unknown", "templates/tokens/mine.toml:2"),
        ("token-size", "templates/tokens/mine.toml:7"),
        ("token-size", "templates/tokens/mine.toml:9"),  # lines that would overlap
        ("token-size", "templates/tokens/mine.toml:10"),  # wider than the paper
        ("token-size", "templates/tokens/mine.toml:11"),
        ("token-contrast", "templates/tokens/mine.toml:3"),
        ("token-contrast", "templates/tokens/mine.toml:5"),
    ]
    (folder / "mine.toml").write_text('[colours]\naccent = "#123456"\n')
    _, (problem,) = load_tokens(own, "mine")
    assert (problem.message, problem.source.line) == ("no tokens are called [colours]", 2)
    (folder / "mine.toml").write_text('[light]\naccent = "#123456"\nmuted = \n')
    _, problems = load_tokens(own, "mine")
    assert [str(one.source) for one in problems] == ["templates/tokens/mine.toml:3"]


def test_a_faint_colour_of_the_settings_is_told_at_its_line(new_publication: Path) -> None:
    settings = new_publication / "newsletter.toml"
    settings.write_text(settings.read_text() + '\n[tokens]\naccent = "#ffcc00"\n')
    _, (problem,) = load_tokens(load_publication(new_publication, {}))
    lines = settings.read_text().splitlines()
    assert lines[problem.source.line - 1] == 'accent = "#ffcc00"'


def test_one_file_sets_the_printed_page_as_well(new_publication: Path) -> None:
    (new_publication / "templates").mkdir()
    (new_publication / "templates" / "tokens.toml").write_text(
        "[print]\nlatin = [12, 18, 360, 0]\nmargins = [100, 90]\n"
    )
    own = load_publication(new_publication, {})
    issue = Issue(Source("issue.md"), slug="one", title="One", language="en")
    page = page_of(issue, own, load_tokens(own)[0])
    assert (page.size, page.pitch, page.measure, page.top) == (12, 18, 360, 100)
    assert page.side == pytest.approx((595.276 - 360) / 2)
    assert 90 <= page.bottom < 90 + 18
    assert page.height / 18 == pytest.approx(round(page.height / 18))


def test_a_colour_moves_towards_white_on_a_dark_ground() -> None:
    moved = with_contrast("#1f5f7a", "#161e22", 4.5)
    assert 4.5 <= contrast(moved, "#161e22") < 5
