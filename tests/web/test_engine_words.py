"""What YAML, TOML, Jinja, MJML, Typst and the system say of a mistake is told in Chinese: the programs themselves are
asked, so that a message that they word anew is noticed."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import jinja2
import pytest
import typst
import yaml

from newsletter.issues.front_matter import split_front_matter
from newsletter.problems import ContentError, Source, error
from newsletter.publication import starter_templates
from newsletter.settings_file import read_settings
from newsletter.web.problem_words import catalogue, told
from newsletter.web.words import FOLDER
from newsletter.workflow.preview import PreviewDesk

_HOLE = re.compile(r"\{([a-z_]+)\}")


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.web.problem_words.language", lambda: "zh-Hans")


@cache
def written() -> Mapping[str, Mapping[str, str]]:
    tables = tomllib.loads((FOLDER / "engines.zh-Hans.toml").read_text(encoding="utf-8"))
    tables.pop("hints")
    return tables


def in_words(table: str, text: str) -> str:
    """By one table; fails where only its last line fits."""
    known = catalogue("zh-Hans")
    assert known is not None
    words = known.told(known.values[table], text)
    assert words != text, text
    assert f"说“{text}”" not in words, f"{table}: {text}"
    assert re.search(r"[\u4e00-\u9fff]", words), words
    return words


YAML_MISTAKES = (
    "title: a: b",
    "title: 'May",
    'title: "May',
    "title: [a, b",
    "title: {a: b",
    "\ttitle: May",
    "a:\n\tb: c",
    "title: @home",
    "title: `May`",
    "title: %x",
    "%x",
    'title: "\\q"',
    'title: "\\xzz"',
    "title: | text",
    "tags:\n  - a\n b",
    "a: b\n  c: d",
    "a: b\n- c",
    "title: - a",
    "a\nb: c",
    "a: b\n c",
    "- a\nb: c",
    "title: !<x",
    "title: &",
    "title: *",
    "title: !x!y z",
    "title: ]",
    "title: ,",
    "a: 'b' c",
    '"a" b: c',
    "? a\n? b: : c",
    "a: [b: c: d]",
    "a: {b c",
    "a: >0\n b",
)


@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
def test_what_yaml_says_is_told_in_chinese(loader: type[yaml.SafeLoader]) -> None:
    refused = 0
    for text in YAML_MISTAKES:
        try:
            list(yaml.parse(text, Loader=loader))
        except yaml.MarkedYAMLError as caught:
            in_words("yaml", caught.problem or str(caught))
            refused += 1
    assert refused >= len(YAML_MISTAKES) - 4


@pytest.mark.usefixtures("chinese")
def test_front_matter_that_is_no_yaml_says_so_in_chinese() -> None:
    (problem,) = split_front_matter("---\ntitle: a: b\n---\n", "issue.md").problems
    message, hint = told(problem)
    assert message == "文件头不是有效的 YAML：这里不能出现“: ”；值里有冒号时，请给整个值加引号"
    assert hint != problem.hint


TOML_MISTAKES = (
    "name",
    "name =",
    "name = May",
    "name = 'May",
    'name = "May',
    'name = "\\q"',
    'name = "\\uzzzz"',
    'name = "\\udfff"',
    "name = [1, 2",
    "name = {a = 1",
    "name = {a = 1, a = 2}",
    "[a",
    "[[a]",
    "a = 1\na = 2",
    "[a]\n[a]",
    "a = 1\n[a]",
    "a = {b = 1}\n[a.c]",
    "a = 1 b = 2",
    "= 1",
    "name 1",
    "a = 2020-13-45",
    'a = "b\x01"',
    "a = 1 # \x01",
    'a = "b\nc"',
)


@pytest.mark.parametrize("text", TOML_MISTAKES)
def test_what_toml_says_is_told_in_chinese(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    assert not in_words("toml", str(caught.value)).startswith("“")


@pytest.mark.usefixtures("chinese")
def test_settings_that_are_no_toml_say_where_in_chinese() -> None:
    with pytest.raises(ContentError) as caught:
        read_settings("name = May\n", {})
    message, _ = told(caught.value.problems[0])
    assert message == "不是有效的 TOML：等号后面的值无效；文字请加引号（第 1 行第 8 列）"


JINJA_MISTAKES = (
    "{{ nothing }}",
    "{{ issue.nothing.more }}",
    "{{ issue['nothing'].more }}",
    "{{ 'a'.nothing.more }}",
    "{{ issue",
    "{{ issue }",
    "{{ issue | nothing }}",
    "{% if issue is nothing %}{% endif %}",
    "{% if issue %}",
    "{% for x in issue %}",
    "{% nothing %}",
    "{% endif %}",
    "{% if a %}{% endfor %}",
    "{% if %}{% endif %}",
    "{% for in x %}{% endfor %}",
    "{{ 1 + 'a' }}",
    "{{ 'a' + 1 }}",
    "{{ 1 / 0 }}",
    "{{ 1() }}",
    "{% for x in 5 %}{% endfor %}",
    "{# never",
    "{% block a-b %}{% endblock %}",
    "{% block a %}{% endblock %}{% block a %}{% endblock %}",
    "{{ a. }}",
    "{{ ) }}",
    "{{ (a }}",
    "{{ [a }}",
    "{{ a ! b }}",
    "{% set 1 = 2 %}",
    "{% %}",
    "{{ a b }}",
    "{% include %}",
)


@pytest.mark.parametrize("text", JINJA_MISTAKES)
def test_what_jinja_says_is_told_in_chinese(text: str) -> None:
    templates = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True)
    with pytest.raises((jinja2.TemplateError, TypeError, ZeroDivisionError)) as caught:
        templates.from_string(text).render(issue={"title": "May"}, a=1)
    said = getattr(caught.value, "message", None) or str(caught.value)
    in_words("jinja", said)


TYPST_MISTAKES = (
    *("#x", "#let x = ", "#(1", '#"abc', '#import "nope.typ": a', '#(1 + "a")', "#(1).foo()"),
    *("#(a: 1).b", "#(1,2).at(9)", "#text(size: 1)", "#text(siz: 1pt)[a]", "#text(", "#par()"),
    *("@nope", "#assert(false)", '#panic("x")', "#let f() = f(); #f()", "#(1/0)", "#link()"),
    *('#image("nope.png")', "#let (a, b) = (1,2,3)", "#if 1 [a]", "#for x in 5 [a]", '#rgb("zz")'),
    *("#let x = 1; #x()", "$x", "#show: 3", "#{ let }", '#int("a")', '#"a".at(5)', "*a"),
    *("#let a = 1 b", "#(1pt + 1)", "#block(width: 3)[a]", "#return 3", "#set foo(a: 1)", "#break"),
    *("#math.nope", "#none.a", '#toml(bytes("a="))', "#datetime(year: 1)", "#h(1)", "#[a].pos()"),
    *("#heading(level: 0)[a]", '#range(1,"a")', "#str(none)", "#let x = 1\n#(x.y = 2)", "#)"),
)


@pytest.mark.parametrize("text", TYPST_MISTAKES)
def test_what_typst_says_is_told_in_chinese(text: str, tmp_path: Path) -> None:
    source = tmp_path / "issue.typ"
    source.write_text(text, encoding="utf-8")
    with pytest.raises(typst.TypstError) as caught:
        typst.compile(str(source))
    said = getattr(caught.value, "message", None) or str(caught.value)
    in_words("typst", re.sub(r"^error:\s*", "", said.splitlines()[0]))


@pytest.mark.parametrize("number", [1, 2, 13, 20, 21, 24, 28, 30, 36, 5, 40])
def test_what_the_system_says_of_a_file_is_told_in_chinese(number: int) -> None:
    in_words("system", os.strerror(number))


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("code", "before"),
    [
        ("front-matter-syntax", "the front matter is not valid YAML: "),
        ("settings-syntax", "not valid TOML: "),
        ("template-error", ""),
        ("print-template", ""),
        ("mjml", ""),
        ("file-unreadable", "cannot be read: "),
        ("markdown-unreadable", "this Markdown cannot be read: "),
    ],
)
def test_what_nobody_has_translated_stays_in_quotes_behind_what_can_be_done(
    code: str, before: str
) -> None:
    message, _ = told(error(code, Source("a"), f"{before}flux capacitor <b>overrun</b>"))
    assert "“flux capacitor <b>overrun</b>”" in message
    assert re.search(r"请(检查|对照)", message)


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        ("a length needs a unit - did you mean 1pt?", "长度要有单位；是不是 1pt？"),
        ("recalibrate the flux", "排版程序的提示：“recalibrate the flux”"),
        ("docs/themes.md says what a template is given.", None),
    ],
)
def test_what_typst_advises_is_told_in_chinese(hint: str, expected: str | None) -> None:
    _, words = told(error("print-template", Source("a"), "expected length, found integer", hint))
    assert words == expected if expected else words not in (hint, f"排版程序的提示：“{hint}”")


def test_every_table_is_used_and_ends_in_what_was_said() -> None:
    tables = written()
    problems = tomllib.loads((FOLDER / "problems.zh-Hans.toml").read_text(encoding="utf-8"))
    lines = [*problems["problems"].values(), *tables.values()]
    used = {name for table in lines for words in table.values() for name in _HOLE.findall(words)}
    assert set(tables) <= used
    for name in ("yaml", "toml", "toml_fault", "jinja", "typst", "mjml", "system", "markdown"):
        assert list(tables[name])[-1] == "{original}", name
    for table in tables.values():
        for english, words in table.items():
            assert set(_HOLE.findall(words)) <= set(_HOLE.findall(english)), english


@pytest.mark.usefixtures("chinese")
def test_a_broken_theme_is_told_in_chinese(orchard: Path) -> None:
    own = orchard / "templates" / "email" / "starter"
    whole = starter_templates() / "email" / "starter"
    for path in whole.rglob("*.j2"):
        target = own / path.relative_to(whole)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text(encoding="utf-8") + "\n{{ nothing.at_all }}\n")
    problems = PreviewDesk(orchard).shown("2026-05").problems
    (found,) = [one for one in problems if one.code == "template-error"]
    assert told(found)[0].startswith("模板有错误：没有 'nothing' 这个值")
