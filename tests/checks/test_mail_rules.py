"""Rules on the finished mail: what each one finds, and what it must leave alone."""

from __future__ import annotations

import pytest

from newsletter.checks.mail import (
    active_content,
    characters,
    conditional_comments,
    contrast,
    frame,
    leftover_tags,
    legibility,
    link_addresses,
    link_text,
    pictures,
    shown_address,
    size,
    structure,
    style_sheets,
    text_part,
    ways_out,
)
from newsletter.checks.rules import MAIL_RULES
from newsletter.model.edition import EditionFile
from newsletter.model.inlines import Code, Text

ARTICLE = "01-fruit/01-apples.md"


@pytest.mark.parametrize("rule", MAIL_RULES, ids=lambda rule: rule.__name__.rpartition(".")[2])
def test_a_good_mail_is_told_nothing(told_of_mail, rule):
    assert told_of_mail(rule) == []


@pytest.mark.parametrize("rule", MAIL_RULES, ids=lambda rule: rule.__name__.rpartition(".")[2])
def test_no_rule_falls_over_an_empty_mail(told_of_mail, rule):
    told_of_mail(rule, html="", text="", subject="", preheader="", markers=())


def test_a_marker_that_nothing_fills_in_is_told(told_of_mail):
    assert told_of_mail(leftover_tags, "<p>NLM0007Z and NLPB0001Z</p>") == [
        "issue.md mail-unfilled-marker",
        "issue.md mail-unfilled-marker",
    ]


def test_template_syntax_in_any_part_is_told(told_of_mail):
    assert told_of_mail(leftover_tags, subject="Dear {{ name }}") == ["issue.md mail-unfilled-tag"]
    assert told_of_mail(leftover_tags, "<p>{% if x %}</p>") == ["issue.md mail-unfilled-tag"]


def test_braces_that_were_written_as_code_are_text(told_of_mail, issue_of):
    issue = issue_of((Text("Write "), Code("{{ name }}")))
    assert told_of_mail(leftover_tags, "<code>{{ name }}</code>", issue=issue) == []


def test_a_mail_without_a_way_out_is_an_error_in_both_parts(told_of_mail):
    told = told_of_mail(ways_out, html="<p>Hello</p>", text="Hello")
    assert told == [
        "issue.md unsubscribe-link-missing",
        "issue.md unsubscribe-link-missing",
        "issue.md web-version-link-missing",
        "issue.md web-version-link-missing",
    ]


def test_a_mail_that_leaves_the_postal_address_out_is_told_in_each_part(told_of_mail):
    html = '<body><p style="display:none">1 Example Lane, Exampletown</p><p>Hello</p></body>'
    assert told_of_mail(shown_address, html=html, text="Hello") == [
        "issue.md postal-address-hidden",
        "issue.md postal-address-hidden",
    ]


def test_ways_out_below_two_kilobytes_of_text_are_told(told_of_mail):
    body = f"<p>{'apple ' * 400}</p>"
    html = f"""<body>{body}<a href="NLM0000Z">out</a>
    <a href="https://orchard.example.com/issues/apples/">web</a></body>"""
    assert told_of_mail(ways_out, html=html) == [
        "issue.md unsubscribe-link-low",
        "issue.md web-version-link-low",
    ]


def test_hidden_text_is_not_counted_before_the_way_out(told_of_mail):
    html = f"""<body><div style="display:none">{"apple " * 400}</div><a href="NLM0000Z">out</a>
    <a href="https://orchard.example.com/issues/apples/">web</a></body>"""
    assert told_of_mail(ways_out, html=html) == []


def test_an_empty_text_part_is_told(told_of_mail):
    assert told_of_mail(text_part, text=" \n") == ["issue.md mail-text-empty"]


def test_a_text_part_that_says_something_else_is_told(told_of_mail):
    assert told_of_mail(text_part, "<p>" + "苹果今年收成很好。" * 20 + "</p>") == [
        "issue.md mail-text-thin"
    ]


def test_wrapping_and_punctuation_do_not_make_a_text_part_thin():
    assert (
        text_part.coverage("Red apples, ripe in autumn.", "Red apples,\nripe [1] in\nautumn") == 1.0
    )


def test_a_mail_that_gmail_clips_is_told(told_of_mail):
    assert told_of_mail(size, html_bytes=102_399) == []
    assert told_of_mail(size, html_bytes=102_400) == ["issue.md mail-clipped"]


def test_a_control_character_is_told_where_it_was_written(told_of_mail, issue_of):
    issue = issue_of("An apple\x92s core")
    html = "<p>An apple\x92s core</p>"
    assert told_of_mail(characters, html=html, issue=issue) == [
        f"{ARTICLE}:5 mail-control-character"
    ]


def test_a_damaged_character_is_told_where_it_was_written(told_of_mail, issue_of):
    issue = issue_of("Caf\ufffd")
    assert told_of_mail(characters, text="Caf\ufffd", issue=issue) == [
        f"{ARTICLE}:5 mail-damaged-character"
    ]


def test_an_attribute_that_the_compiler_escaped_is_told(told_of_mail):
    assert told_of_mail(characters, r'<img alt="a\u{3000}b" src="x">') == [
        "issue.md mail-escaped-attribute"
    ]


def test_mjml_that_was_not_compiled_is_told(told_of_mail):
    assert told_of_mail(characters, "<mj-text>x</mj-text>") == ["issue.md mail-uncompiled"]


def test_a_frame_without_doctype_language_direction_and_title_is_told(told_of_mail):
    assert told_of_mail(frame, html="<html lang='und'><body><p>x</p></body></html>") == [
        "issue.md mail-doctype",
        "issue.md mail-language",
        "issue.md mail-direction",
        "issue.md mail-title",
        "issue.md mail-body-language",
    ]


GOOD_PICTURE = '<img src="https://orchard.example.com/p/a.png" alt="" width="592">'


def test_a_described_sized_picture_by_https_is_good(told_of_mail):
    assert told_of_mail(pictures, GOOD_PICTURE) == []
    assert (
        told_of_mail(pictures, GOOD_PICTURE.replace("https://orchard.example.com/", "cid:")) == []
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ((' alt=""', ""), "mail-picture-alt"),
        (("https://orchard.example.com/", ""), "mail-picture-address"),
        (
            ("https://orchard.example.com/p/a.png", "data:image/png;base64,AAAA"),
            "mail-picture-address",
        ),
        ((' width="592"', ""), "mail-picture-width"),
        (('"592"', '"1200"'), "mail-picture-width"),
    ],
)
def test_a_picture_that_clients_cannot_show_is_told_at_its_article(told_of_mail, change, code):
    assert told_of_mail(pictures, GOOD_PICTURE.replace(*change)) == [f"{ARTICLE} {code}"]


def test_a_heavy_or_foreign_picture_file_is_told_at_its_article(told_of_mail):
    files = (EditionFile("p/a.png", "image/webp", b"x" * 200_001),)
    assert told_of_mail(pictures, GOOD_PICTURE, pictures=files) == [
        f"{ARTICLE} mail-picture-format",
        f"{ARTICLE} mail-picture-heavy",
    ]


def test_only_pictures_inside_the_mail_are_weighed_together(told_of_mail):
    files = tuple(EditionFile(f"p/{n}.png", "image/png", b"x" * 150_000) for n in range(8))
    assert told_of_mail(pictures, pictures=files) == []
    assert told_of_mail(pictures, pictures=files, embedded=True) == ["issue.md mail-pictures-heavy"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://example.com/", []),
        ("mailto:a@example.com", []),
        ("tel:+491234", []),
        ("NLM0000Z", []),
        ("#fruit-apples", []),
        ("#nowhere", [f"{ARTICLE} mail-link-nowhere"]),
        ("pears.html", [f"{ARTICLE} mail-link-address"]),
        ("//example.com/", [f"{ARTICLE} mail-link-address"]),
        ("javascript:alert(1)", [f"{ARTICLE} mail-link-address"]),
        ("", [f"{ARTICLE} mail-link-address"]),
    ],
)
def test_links_of_a_mail_are_whole(told_of_mail, address, expected):
    assert told_of_mail(link_addresses, f'<p><a href="{address}">x</a></p>') == expected


def test_a_link_with_nothing_to_click_on_is_told(told_of_mail):
    assert told_of_mail(link_text, '<a href="https://example.com/"><img alt=""></a>') == [
        f"{ARTICLE} mail-link-empty"
    ]
    assert told_of_mail(link_text, '<a href="https://example.com/"><img alt="Map"></a>') == []


@pytest.mark.parametrize(
    ("css", "code"),
    [
        ("p{color:#111}" * 1300, "mail-style-large"),
        ("@media (max-width:9px){@supports (x:y){p{color:red}}}", "mail-style-nested"),
        ("@media (max-width:9px){p{color:red}@media print{a{b:c}}}", "mail-style-nested"),
        ("p{color:rgb(0 128 0 / 1)}", "mail-style-rgb"),
        ("p{color:red !IMPORTANT}", "mail-style-important"),
        ("p{color:red ! important}", "mail-style-important"),
    ],
)
def test_css_that_clients_drop_whole_is_told(told_of_mail, css, code):
    assert told_of_mail(style_sheets, f"<style>{css}</style>") == [f"issue.md {code}"]


def test_ordinary_css_is_left_alone(told_of_mail):
    css = "@media (max-width:9px){p{color:rgb(1,2,3)!important}a{color:red !important}} @media print{p{x:y}}"
    assert told_of_mail(style_sheets, f"<style>{css}</style>") == []


def test_layout_tables_say_that_they_are_layout(told_of_mail):
    table = "<table><tr><td><div>x</div></td></tr></table>"
    assert told_of_mail(structure, table) == ["issue.md mail-layout-table"]
    assert told_of_mail(structure, table.replace("<table", "<table role='presentation'")) == []


def test_a_data_table_has_header_cells(told_of_mail):
    assert told_of_mail(structure, "<table><tr><td>1</td></tr></table>") == [
        f"{ARTICLE} table-without-head"
    ]
    assert told_of_mail(structure, "<table><tr><th>n</th></tr><tr><td>1</td></tr></table>") == []


def test_headings_go_down_in_steps_from_one_title(told_of_mail):
    assert told_of_mail(structure, "<h3>a</h3><h5>b</h5>") == [f"{ARTICLE} mail-heading-step"]
    assert told_of_mail(structure, "<h1>again</h1>") == ["issue.md mail-heading-title"]


def test_pale_text_is_told_once_per_pair_of_colours(told_of_mail):
    pale = '<p style="color:#999999">pale</p>'
    assert told_of_mail(contrast, pale + pale) == [f"{ARTICLE} mail-contrast"]


@pytest.mark.parametrize(
    "body",
    [
        '<p style="color:#595959">grey</p>',
        '<div style="background-color:#1f5f7a"><p style="color:#fff">white on a band</p></div>',
        '<td bgcolor="#1f5f7a"><span style="color:white">white</span></td>',
        '<p style="color:#888;font-size:24px">large</p>',
        '<p style="color:#999;display:none">nobody sees it</p>',
    ],
)
def test_text_that_can_be_read_is_left_alone(told_of_mail, body):
    assert told_of_mail(contrast, body) == []


def test_contrast_is_measured_as_wcag_does():
    assert round(contrast.ratio((0, 0, 0), (255, 255, 255)), 2) == 21.0
    assert round(contrast.ratio((119, 119, 119), (255, 255, 255)), 2) == 4.48


def test_small_letters_are_told_but_not_note_numbers(told_of_mail):
    assert told_of_mail(legibility, '<p style="font-size:10px">tiny</p>') == [
        f"{ARTICLE} mail-text-small"
    ]
    assert told_of_mail(legibility, 'x<sup style="font-size:10px">1</sup>') == []


def test_close_lines_are_told_in_chinese_only(told_of_mail):
    body = f'<p style="line-height:1.3">{"苹果" * 60}</p>'
    assert told_of_mail(legibility, body, language="zh-Hans") == [f"{ARTICLE} mail-lines-close"]
    assert told_of_mail(legibility, body, language="en") == []


@pytest.mark.parametrize(
    "body",
    [
        "<script>1</script>",
        "<form></form>",
        '<iframe src="https://example.com/"></iframe>',
        '<link rel="stylesheet" href="https://example.com/a.css">',
        '<p onclick="x()">x</p>',
    ],
)
def test_active_content_is_an_error(told_of_mail, body):
    assert told_of_mail(active_content, body) == [f"{ARTICLE} mail-active-content"]


def test_fonts_from_elsewhere_are_an_error(told_of_mail):
    css = "<style>@import url(https://fonts.example.com/css)</style>"
    assert told_of_mail(active_content, css) == ["issue.md mail-foreign-font"]


def test_conditional_comments_come_in_pairs(told_of_mail):
    pair = "<!--[if mso]><p>x</p><![endif]--><!--[if !mso]><!--><p>y</p><!--<![endif]-->"
    assert told_of_mail(conditional_comments, pair) == []
    assert told_of_mail(conditional_comments, "<!--[if mso]><p>x</p>-->") == [
        "issue.md mail-conditional-comment"
    ]
