"""Every repair of mjml-python: the defect shown on the library itself, then that ours has none."""

from __future__ import annotations

from pathlib import Path

import pytest
from mjml import mjml2html

from newsletter.editions.mjml import compile_mjml
from newsletter.editions.template_lines import Rendered
from newsletter.problems import ContentError, Problem


def in_column(content: str, head: str = "") -> str:
    """The content starts on line 5."""
    return (
        f"<mjml><mj-head>{head}</mj-head>\n<mj-body>\n<mj-section>\n<mj-column>\n"
        f"{content}\n</mj-column>\n</mj-section>\n</mj-body></mjml>"
    )


def rendered(source: str) -> Rendered:
    notes = tuple(f"skeleton.mjml.j2:{line}" for line in range(1, source.count("\n") + 2))
    return Rendered(source, notes)


def compiled(content: str, head: str = "") -> str:
    return compile_mjml(rendered(in_column(content, head)))


def raw(content: str, head: str = "") -> str:
    return mjml2html(in_column(content, head), fonts={})


def problems(content: str) -> tuple[Problem, ...]:
    with pytest.raises(ContentError) as caught:
        compiled(content)
    return caught.value.problems


AWKWARD = '<mj-text><img alt="中　文\u00a0❤\ufe0f" title="a\\b" src=\'x"y\' width="1" /></mj-text>'


def test_the_library_writes_attributes_in_debug_notation_and_ours_keeps_every_character() -> None:
    broken = raw(AWKWARD)
    assert r"\u{3000}" in broken
    assert r"a\\b" in broken
    assert r"x\"y" in broken
    html = compiled(AWKWARD)
    assert 'alt="中　文\u00a0❤\ufe0f" title="a\\b" src="x&quot;y"' in html


def test_the_library_breaks_a_style_of_several_lines_and_ours_keeps_it() -> None:
    source = '<mj-text><p style="color:red;\n\tmargin:0">x</p></mj-text>'
    assert r"color:red;\n\tmargin:0" in raw(source)
    assert 'style="color:red;\n\tmargin:0"' in compiled(source)


def test_the_library_glues_words_at_a_line_break_between_tags_and_ours_does_not() -> None:
    source = "<mj-text><b>a</b>\n<i>b</i></mj-text>"
    assert "<b>a</b><i>b</i>" in raw(source)
    assert "<b>a</b>\n<i>b</i>" in compiled(source)


def test_the_library_takes_unknown_tags_silently_and_ours_tells_their_line() -> None:
    assert "<mj-foo>" in raw("<mj-foo>x</mj-foo>")
    assert str(problems("<mj-foo></mj-foo>")[0]) == (
        "skeleton.mjml.j2:5: error: unknown component <mj-foo> [mjml]\n    Did you mean <mj-body>?"
    )


def test_the_library_loses_a_wrong_closing_tag_silently_and_ours_tells_it() -> None:
    assert "中文" in raw("<mj-text>中文</mj-txt>")
    assert problems("<mj-text>中文</mj-txt>")[0].source.line == 5


def test_a_mistake_that_the_library_tells_by_bytes_is_told_by_line() -> None:
    content = "<mj-text>中文中文中文</mj-text>\n\n<mj-text>中文<![CDATA[x]]></mj-text>"
    with pytest.raises(ValueError, match=r"at position \d+:\d+"):
        raw(content)
    (problem,) = problems(content)
    assert (problem.source.file, problem.source.line) == ("skeleton.mjml.j2", 7)


@pytest.mark.parametrize("fault", ["a < b", "<mj-text padding=0></mj-text>", "a & b < c"])
def test_a_mistake_that_the_library_tells_without_a_place_is_told_by_line(fault: str) -> None:
    content = f"<mj-text>中文</mj-text>\n<mj-text>{fault}</mj-text>"
    with pytest.raises(ValueError, match=r"unable to parse next template in root template$"):
        raw(content)
    assert problems(content)[0].source.line == 6


def test_nesting_that_takes_the_library_down_is_refused_before() -> None:
    deep = "<mj-text>" + "<div>" * 20_000 + "</div>" * 20_000 + "</mj-text>"
    assert problems(deep)[0].message == "nested more than 50 deep"


def test_the_librarys_hidden_preview_is_white_and_ours_is_dark() -> None:
    head = "<mj-preview>Words</mj-preview>"
    assert "display:none;font-size:1px;color:#ffffff" in raw("", head)
    html = compiled("", head)
    assert "display:none;font-size:1px;color:#1f282c" in html
    assert "color:#ffffff" not in html


def test_neighbouring_outlook_comments_of_the_library_are_merged_and_stay_balanced() -> None:
    assert "<![endif]--><!--[if mso | IE]>" in raw("<mj-text>x</mj-text>")
    html = compiled("<mj-text>x</mj-text>")
    assert "<![endif]--><!--[if mso | IE]>" not in html
    assert html.count("<!--[if") == html.count("<![endif]-->")


def test_the_library_loads_web_fonts_by_default_and_ours_never() -> None:
    source = in_column("<mj-text>x</mj-text>")
    assert "fonts.googleapis.com" in mjml2html(source)
    assert "http" not in compile_mjml(rendered(source)).replace("http://www.w3.org", "").replace(
        "http-equiv", ""
    )


def test_the_library_leaves_inline_rules_as_they_are_and_ours_refuses_them() -> None:
    head = '<mj-style inline="inline">p{color:red}</mj-style>'
    assert "p{color:red}</style>" in raw("", head)
    with pytest.raises(ContentError) as caught:
        compiled("", head)
    assert caught.value.problems[0].message == "<mj-style> has no attribute inline"


def test_the_same_source_compiles_to_the_same_bytes() -> None:
    source = rendered(in_column("<mj-text>x</mj-text>"))
    first = compile_mjml(source)
    compile_mjml.cache_clear()
    assert compile_mjml(source) == first


def test_files_are_named_as_the_editor_knows_them() -> None:
    mjml = Rendered("<mj-foo/>", ("/pub/templates/email/x/skeleton.mjml.j2:3",), (Path("/pub"),))
    with pytest.raises(ContentError) as caught:
        compile_mjml(mjml)
    assert str(caught.value.problems[0].source) == "templates/email/x/skeleton.mjml.j2:3"
