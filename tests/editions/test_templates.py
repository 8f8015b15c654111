"""The Jinja environment: autoescape, nothing undefined, mistakes with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.editions.templates import (
    environment,
    exists,
    render_template,
    theme_file,
    theme_styles,
)
from newsletter.problems import ContentError
from newsletter.publication import Publication, load_publication


@pytest.fixture
def own(new_publication: Path) -> Publication:
    """A publication with a web theme of its own."""
    folder = new_publication / "templates" / "web" / "starter"
    folder.mkdir(parents=True)
    (folder / "greeting.j2").write_text("<p>{{ name }}</p>", encoding="utf-8")
    (folder / "wrong.j2").write_text("one\ntwo\n{% if %}\n", encoding="utf-8")
    (folder / "undefined.j2").write_text("one\n{{ nobody.knows }}\n", encoding="utf-8")
    (folder / "sum.j2").write_text("\n{{ 1 + '1' }}", encoding="utf-8")
    (folder / "latin.j2").write_bytes("one\ncaf\u00e9\n".encode("latin-1"))
    (folder / "lost.j2").write_text("one\n{% include 'greting.j2' %}\n", encoding="utf-8")
    (folder / "near.j2").write_text("{{ nme }}", encoding="utf-8")
    (folder / "within.j2").write_text("{{ light['acent'] }}", encoding="utf-8")
    (folder / "macros.j2").write_text("{% macro one() %}1{% endmacro %}", encoding="utf-8")
    (folder / "calls.j2").write_text(
        "{% import 'macros.j2' as m %}\n{{ m.two() }}", encoding="utf-8"
    )
    (folder / "outer.j2").write_text("{% include 'undefined.j2' %}", encoding="utf-8")
    return load_publication(new_publication, {})


def test_what_a_template_is_given_is_escaped(own: Publication) -> None:
    shown = render_template(own, environment(own, "web"), "greeting.j2", name="<script>")
    assert shown == "<p>&lt;script&gt;</p>"


def test_the_publications_theme_stands_before_the_packages(own: Publication) -> None:
    templates = environment(own, "web")
    assert exists(templates, "greeting.j2")
    assert exists(templates, "index.html.j2")
    assert not exists(templates, "kinds/nobody.html.j2")
    assert theme_file(templates, "greeting.j2") == "<p>{{ name }}</p>"


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("wrong.j2", "templates/web/starter/wrong.j2:3"),
        ("undefined.j2", "templates/web/starter/undefined.j2:2"),
        ("sum.j2", "templates/web/starter/sum.j2:2"),
        ("outer.j2", "templates/web/starter/undefined.j2:2"),
        ("missing.j2", "missing.j2"),
        ("latin.j2", "templates/web/starter/latin.j2:2"),
        ("lost.j2", "templates/web/starter/lost.j2:2"),
    ],
)
def test_a_mistake_in_a_template_is_told_with_file_and_line(
    own: Publication, name: str, place: str
) -> None:
    with pytest.raises(ContentError) as caught:
        render_template(own, environment(own, "web"), name)
    (problem,) = caught.value.problems
    assert str(problem.source) == place
    assert problem.code == "template-error"


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("near.j2", "'nme' is undefined", "Did you mean name?"),
        ("within.j2", "'dict object' has no attribute 'acent'", "Did you mean accent?"),
        ("lost.j2", "no template greting.j2", "Did you mean greeting.j2?"),
        ("calls.j2", "the file that is imported has no macro two", ""),
        ("latin.j2", "the file is not UTF-8 text", "Save it as UTF-8."),
        ("sum.j2", "unsupported operand", "docs/themes.md says what a template is given."),
    ],
)
def test_what_may_have_been_meant_is_told(
    own: Publication, name: str, message: str, hint: str
) -> None:
    values = {"name": "Ann", "light": {"accent": "#000000"}}
    with pytest.raises(ContentError) as caught:
        render_template(own, environment(own, "web"), name, **values)
    (problem,) = caught.value.problems
    assert problem.message.startswith(message)
    assert problem.hint == hint


def test_a_style_sheet_that_is_no_utf_8_is_told_as_well(own: Publication) -> None:
    templates = environment(own, "web")
    with pytest.raises(ContentError) as caught:
        theme_file(templates, "latin.j2")
    assert str(caught.value.problems[0].source) == "templates/web/starter/latin.j2:2"


def test_a_style_sheet_that_is_not_closed_is_told_at_the_brace(own: Publication) -> None:
    theme = own.root / "templates" / "web" / "starter"
    templates = environment(own, "web")
    (theme / "more.css").write_text("/* { */\na::after{content:'}'}\n")
    assert theme_styles(templates).endswith("}\n")
    for css, line in (("a{}\nb{color:red\nc{}\n", 2), ("a{}\n\n}\n", 3)):
        (theme / "more.css").write_text(css)
        with pytest.raises(ContentError) as caught:
            theme_styles(templates)
        (problem,) = caught.value.problems
        assert str(problem.source) == f"templates/web/starter/more.css:{line}"
