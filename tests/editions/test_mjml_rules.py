"""What the validator finds in MJML, and that it finds nothing in what is right."""

from __future__ import annotations

import pytest

from newsletter.editions.mjml_rules import MAX_DEPTH, check_mjml, components


def in_column(content: str) -> str:
    return f"<mjml><mj-body><mj-section><mj-column>\n{content}\n</mj-column></mj-section></mj-body></mjml>"


def test_a_whole_layout_of_what_is_allowed_has_no_findings() -> None:
    source = """<mjml lang="zh-Hans" dir="ltr">
<mj-head><mj-title>T</mj-title><mj-preview>P</mj-preview><mj-breakpoint width="600px" />
<mj-attributes><mj-all font-family="Arial" /><mj-class name="a" color="#123" /><mj-text padding="0" /></mj-attributes>
<mj-style>a > b { color: red }</mj-style><mj-raw><meta name="x"><!--[if mso]><style>*{}</style><![endif]--></mj-raw></mj-head>
<mj-body width="640px" background-color="#eeeeee" css-class="c"><mj-wrapper padding="1px 2px"><mj-section padding="10px 0">
<mj-group><mj-column padding="0 20px" width="50%"><mj-text line-height="1.75" align="right">a<br><b>c</b></mj-text>
<mj-image src="x" alt="" width="10px" /><mj-button href="x">B</mj-button><mj-divider border-width="1px" /><mj-spacer height="4px" />
<mj-table><tr><td>x</td></tr></mj-table></mj-column></mj-group></mj-section></mj-wrapper></mj-body></mjml>"""
    assert check_mjml(source) == ()


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        ("<mj-txt>a</mj-txt>", "unknown component <mj-txt>", "Did you mean <mj-text>?"),
        ('<mj-text colour="red">a</mj-text>', "<mj-text> has no attribute colour", "Did you mean color?"),
        ('<mj-text padding="abc">a</mj-text>', '<mj-text> padding="abc" is not a value of that attribute', "It takes: lengths."),
        ('<mj-image src="x" alt="" width="50%" />', '<mj-image> width="50%" is not a value of that attribute', "It takes: pixels."),
        ('<mj-image src="x" width="5px" />', "<mj-image> needs the attribute alt", ""),
        ('<mj-text align="left" align="right">a</mj-text>', "<mj-text> has the attribute align twice", ""),
        ("<mj-column></mj-column>", "<mj-column> cannot stand in <mj-column>", "It can stand in: <mj-group>, <mj-section>."),
        ("bare words", "text directly in <mj-column>: bare words", "Text belongs into mj-text, mj-table, mj-button or mj-raw."),
        ("<hr>", "<hr> directly in <mj-column>", "HTML belongs into mj-text, mj-table, mj-button or mj-raw."),
        ("<mj-raw><div>a</mj-raw>", "<div> is not closed before </mj-raw>", ""),
        ("<mj-raw>a</div></mj-raw>", "</div> closes nothing that is open", ""),
        ("<mj-include />", "<mj-include> is not used here: use Jinja's include", ""),
        ("<mj-social></mj-social>", "<mj-social> is not used here: its icons are loaded from another server", ""),
    ],
)  # fmt: skip
def test_each_mistake_is_told_at_its_line(content: str, message: str, hint: str) -> None:
    (finding,) = check_mjml(in_column(content))
    assert (finding.line, finding.message, finding.hint) == (2, message, hint)


@pytest.mark.parametrize(
    ("padding", "refused"),
    [
        ('padding="20px 0"', False),
        ('padding="20px 0 10px"', False),
        ('padding="20px 0 10px 0"', False),
        ('padding="0"', False),
        ('padding="20px"', True),
        ('padding="0 20px"', True),
        ('padding="0 0 0 20px"', True),
        ('padding-left="4px"', True),
    ],
)
def test_a_section_is_not_padded_at_its_sides(padding: str, refused: bool) -> None:
    source = f"<mjml><mj-body>\n<mj-section {padding}></mj-section></mj-body></mjml>"
    assert bool(check_mjml(source)) is refused


def test_the_depth_is_told_once() -> None:
    deep = in_column(f"<mj-text>{'<b>' * 500}{'</b>' * 500}</mj-text>")
    (finding,) = check_mjml(deep)
    assert finding.message == f"nested more than {MAX_DEPTH} deep"


def test_all_mistakes_are_told_in_one_run_in_order_of_lines() -> None:
    source = in_column("<mj-a />\n<mj-b />\n<mj-text x='1'>\na")
    # The paragraph of line 4, which does not end, is told twice: for its attribute and for its end.
    assert [finding.line for finding in check_mjml(source)] == [2, 3, 4, 4]


def test_every_component_of_the_table_can_stand_somewhere_that_is_in_the_table() -> None:
    for tag, component in components().items():
        assert component.within <= set(components()), tag
        assert set(component.required) <= set(component.attributes), tag
