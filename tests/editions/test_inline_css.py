"""Every repair of premailer: the defect shown on the library itself, then that ours has none."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from premailer import Premailer

from newsletter.editions.inline_css import check_css, inline_document, inline_fragment
from newsletter.editions.template_lines import Rendered
from newsletter.problems import ContentError


def raw(html: str, **options: object) -> str:
    options = {"cssutils_logging_level": logging.CRITICAL, **options}
    return str(Premailer(html, **options).transform(pretty_print=False))


def document(style: str, body: str = "<p>x</p>") -> str:
    return f"<!doctype html><html><head><style>{style}</style></head><body>{body}</body></html>"


def test_premailer_drops_a_lower_case_doctype_and_ours_keeps_it() -> None:
    assert not raw(document("p{color:red}")).lower().startswith("<!doctype")
    assert inline_document(document(""), "p{color:red}").startswith("<!doctype html><html>")


RESPONSIVE = "@media only screen and (min-width:480px){.c{width:50%!important}}"


def test_premailer_takes_important_out_of_media_rules_and_ours_leaves_style_elements_alone() -> (
    None
):
    assert "!important" not in raw(document(RESPONSIVE))
    assert f"<style>{RESPONSIVE}</style>" in inline_document(document(RESPONSIVE), "p{margin:0}")


def test_premailer_deletes_outlooks_dark_rules_and_ours_keeps_them() -> None:
    rule = "[data-ogsc] .a { color: #fff !important }"
    assert "data-ogsc" not in raw(document(rule))
    assert rule in inline_document(document(rule), "p{margin:0}")


def test_premailer_inlines_the_reset_of_mjml_and_ours_only_the_themes_rules() -> None:
    reset = "p{display:block;margin:13px 0}"
    assert "13px" in raw(document(reset)).split("<body>")[1]
    body = inline_document(document(reset), "p{color:red}").split("<body>")[1]
    assert body.startswith('<p style="color:red">x</p>')


def test_premailer_adds_presentational_attributes_and_ours_does_not() -> None:
    css = "td{text-align:right;vertical-align:top;background-color:#eee;width:50%}"
    table = "<table><tr><td>x</td></tr></table>"
    assert 'align="right"' in raw(document(css, table))
    assert inline_fragment(table, css) == (
        '<table><tr><td style="text-align:right;vertical-align:top;background-color:#eee;width:50%">'
        "x</td></tr></table>"
    )


def test_cssutils_reads_imported_files_and_ours_reads_none(tmp_path: Path) -> None:
    outside = tmp_path / "outside.css"
    outside.write_text("p { color: red }")
    read: list[str] = []
    import cssutils.util

    kept = cssutils.util._defaultFetcher
    cssutils.util._defaultFetcher = lambda url: (read.append(url), (None, b""))[1]
    try:
        raw(document(f"@import url({outside.as_uri()});"), allow_network=False)
    finally:
        cssutils.util._defaultFetcher = kept
    assert read == [outside.as_uri()]

    with pytest.raises(ContentError):
        inline_fragment("<p>x</p>", f"@import url({outside.as_uri()});")


def test_once_in_use_nothing_is_fetched_even_by_a_sheet_that_got_through() -> None:
    inline_fragment("<p>x</p>", "p{color:red}")
    import cssutils.util

    assert cssutils.util._defaultFetcher("http://example.com/x.css") == (None, b"")


def test_premailer_dies_of_a_style_that_is_a_tags_name_and_ours_refuses_style_attributes() -> None:
    html = document("p{color:red}", '<p style="p">x</p>')
    with pytest.raises(TypeError):
        raw(html)
    with pytest.raises(ContentError):
        inline_fragment('<p style="p">x</p>', "p{color:red}")


def test_the_word_style_in_text_is_no_style_attribute() -> None:
    text = '<p>write &lt;p style="x"&gt;</p>'
    assert inline_fragment(text, "b{color:red}") == '<p>write &lt;p style="x"&gt;</p>'


@pytest.mark.parametrize(
    "rule",
    ["p{x:y", "p:first-child{x:y}", "#a{x:y}", "a[href]{x:y}", "*{x:y}", "p>b{x:y}", "p{x:y!important}"],
)  # fmt: skip
def test_what_premailer_inlines_wrongly_is_refused_at_its_line(rule: str) -> None:
    css = Rendered(
        f"/* a\ncomment */\np {{ x: y }}\n{rule}", tuple(f"a.css:{n}" for n in range(1, 5))
    )
    (problem,) = check_css(css)
    assert (problem.code, str(problem.source)) == ("email-css", "a.css:4")


@pytest.mark.parametrize("rule", ["@import 'x';", "@charset 'x';", "@media print{p{x:y}}"])
def test_at_rules_are_refused_at_their_line(rule: str) -> None:
    (problem,) = check_css(Rendered(f"p{{x:y}}\n{rule}", ("a.css:1", "a.css:2")))
    assert problem.source.line == 2


def test_tags_classes_and_descendants_are_fine() -> None:
    css = "p{x:y} .a, b.c-d { x:y }\n.note td p { x: y }"
    assert check_css(Rendered(css, ("a.css:1", "a.css:2"))) == ()


def test_a_fragment_keeps_text_marks_and_addresses() -> None:
    html = '<p>中文 &amp; α &lt;b&gt; NLM0000Z<br>x</p>\n<a href="https://e.example/?a=1&amp;b=NLM0001Z">l</a>'
    assert inline_fragment(html, "b{color:red}") == html


def test_more_specific_rules_win_whatever_their_order() -> None:
    css = ".a{color:red} p{color:blue;margin:0} .n .a{color:green}"
    assert inline_fragment('<p class="a">x</p>', css) == (
        '<p class="a" style="color:red;margin:0">x</p>'
    )
    assert 'style="color:green' in inline_fragment('<div class="n"><p class="a">x</p></div>', css)


def test_a_fragment_inlined_alone_is_the_same_as_inside_a_document() -> None:
    html = '<p class="a">中文 <a href="https://e.example/">l</a></p>\n<table class="n"><tr><td>x</td></tr></table>'
    css = "p{margin:0} .a{color:red} p a{color:blue} .n td{padding:1px 2px}"
    whole = inline_document(document("", html), css)
    assert inline_fragment(html, css) in whole


def test_outlook_comments_are_kept() -> None:
    body = "<!--[if mso | IE]><table><tr><td><![endif]--><p>x</p><!--[if mso | IE]></td></tr></table><![endif]-->"
    assert body.replace("<p>", '<p style="color:red">') in inline_document(
        document("", body), "p{color:red}"
    )
