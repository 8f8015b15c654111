"""Markdown and raw HTML as blocks. Each expected outline is what a reader should see."""

from __future__ import annotations

from textwrap import dedent

import pytest

from newsletter.problems import Severity

LONE_STARS = [
    "**中文，**她",
    "**真。**她",
    "含**「重点」**内容",
    "**注意：**正文",
    "他说**“你好”**了",
    "**CAR-T（嵌合抗原受体）**疗法",
    "*（斜体）*后",
    "**46%**を",
    "**《自然》**杂志",
    "**CD19+**细胞",
    "细胞**（T）**的",
    "~~删除（x）。~~后",
]


@pytest.mark.parametrize("text", LONE_STARS)
def test_emphasis_works_next_to_chinese_and_japanese_punctuation(letter, text):
    assert "**" not in letter(text)
    assert letter(text).strip("p ") != text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a**(b)**c", "p a**(b)**c"),
        ("snake_case_name", "p snake_case_name"),
        ("**bold**text", "p *bold*text"),
        ("** no **", "p ** no **"),
    ],
)
def test_emphasis_in_latin_text_follows_commonmark(letter, text, expected):
    assert letter(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("中文\n第二行", "p 中文第二行"),
        ("中文，\n“第二行”", "p 中文， “第二行”"),
        ("한국어\n둘째", "p 한국어 둘째"),
        ("中文\nLatin", "p 中文 Latin"),
        ("one\ntwo", "p one two"),
        ("**中文**\n第二", "p *中文*第二"),
        ("カタカナ\nひらがな", "p カタカナひらがな"),
        ("line  \nbreak", "p line⏎break"),
    ],
)
def test_a_line_break_between_wide_characters_leaves_no_space(letter, text, expected):
    assert letter(text) == expected


def test_every_kind_of_block_is_read(letter):
    text = """
        Text with *em*, **strong**, ~~gone~~, `code`, H<sub>2</sub>O, m<sup>2</sup>.

        - one
          - inner
        - [x] done
        - [ ] open

        3. three
        4. four

        Term
        : meaning

        > quoted

        ```python
        x = 1
        ```

        ---

        ::: note A *title*
        inside
        :::

        ::: quote
        pulled
        :::

        a | b
        :-|-:
        1 | 2

        https://doi.org/10.1000/182
        """
    assert (
        letter(dedent(text))
        == dedent(
            """
        p Text with _em_, *strong*, ~gone~, `code`, Hsub(2)O, msup(2).
        ul
          li
            p one
            ul
              li
                p inner
          li [x]
            p done
          li [ ]
            p open
        ol 3
          li
            p three
          li
            p four
        dl
          dt Term
            p meaning
        quote
          p quoted
        code python 'x = 1'
        ---
        note note: A _title_
          p inside
        pull quote
          p pulled
        table
          = l*a = r*b
          | l1 | r2
        doi 10.1000/182
        """
        ).strip()
    )


def test_html_opened_before_and_closed_after_a_blank_line_holds_the_markdown_between(letter):
    text = """
        <table>
        <tr><th colspan=2>Head</th></tr>
        <tr><td align="center">

        Some *text*

        </td><td>b<br>c</td></tr>
        </table>

        <details><summary>More <b>here</b></summary>

        - item

        </details>

        <p align="center">
          <a href="https://example.com"><img src="https://example.com/a.png" alt="A"></a>
        </p>

        <div dir="rtl" lang="ar">

        نص

        </div>
        """
    assert (
        letter(dedent(text))
        == dedent(
            """
        table
          = (2x1)*Head
          | cSome _text_ | b⏎c
        details More *here*
          ul
            li
              p item
        figure 1 #fig-a https://example.com/a.png alt='A' to=https://example.com
        group arrtl
          p نص
        """
        ).strip()
    )


def test_html_off_the_closed_list_loses_its_tags_and_keeps_its_words(read_text, show):
    reading = read_text(
        "<marquee>words</marquee>\n\n<script>alert(1)</script>\n\n<style>p{}</style>after"
    )
    assert show(reading) == "p words\np after"
    assert [(p.code, p.source.line) for p in reading.problems] == [
        ("html-unknown", 1),
        ("html-dropped", 3),
        ("html-dropped", 5),
    ]


def test_an_unclosed_style_swallows_nothing(letter):
    assert "words" in letter("<div>\n<style>\n\nwords and more\n\n</div>")


def test_cells_beyond_the_head_are_kept_with_a_warning(read_text, show):
    reading = read_text("a | b\n--|--\n1 | 2 | three *four*\n")
    assert show(reading) == "table\n  = *a = *b\n  | 1 | 2 | three _four_"
    assert [str(p.source) for p in reading.problems] == ["text.md:3"]


def test_tables_that_only_lay_out_a_page_are_read_without_the_table(letter):
    text = '<table role="presentation"><tr><td><p>One</p></td><td><ul><li>Two</li></ul></td></tr></table>'
    assert letter(text) == "p One\nul\n  li\n    p Two"


def test_deep_nesting_is_laid_flat_with_its_words(read_text, show):
    reading = read_text("> " * 10_000 + "words")
    assert show(reading).split("\n")[-1].strip() == "p words"
    assert [p.code for p in reading.problems] == ["nested-too-deep"]


@pytest.mark.parametrize(
    "text",
    ["[" * 50_000, "![" * 30_000, "^[" * 30_000, "{{" * 50_000, "<a '" * 30_000, "*a " * 5_000],
)
def test_text_made_to_be_slow_is_read_in_seconds(read_text, text):
    assert read_text(text).issue is not None


def test_footnotes_are_numbered_by_their_first_call(read_text, show):
    reading = read_text(
        "b[^b] a[^a] b[^b] inline^[in *it*]\n\n[^a]: A\n\n    more\n[^b]: B\n[^c]: never"
    )
    issue = reading.issue
    assert show(reading) == "p b^1 a^2 b^1 inline^3"
    assert [(n.number, show(n.blocks)) for n in issue.letter_footnotes] == [
        (1, "p B"),
        (2, "p A\np more"),
        (3, "p in _it_"),
        (4, "p never"),
    ]
    assert [p.code for p in reading.problems] == ["footnote-unused"]


def test_a_footnote_that_is_not_written_is_told(read_text):
    reading = read_text("one\ntwo[^x]")
    assert [(p.code, p.source.line) for p in reading.problems] == [("footnote-missing", 2)]


def test_github_alerts_are_notes(letter):
    """Their label is a word of the issue's language, so they have no title of their own."""
    assert letter("> [!WARNING]\n> Take care") == "note warning: \n  p Take care"
    assert letter("> [!CAUTION]\n> Take care") == "note warning: \n  p Take care"


@pytest.mark.parametrize(
    "text",
    [
        "para words here\n\n" * 50_000,
        "<table>" + "<tr><td>a</td></tr>" * 50_000 + "</table>",
        "<b>a</b>" * 100_000,
    ],
    ids=["paragraphs", "rows of html", "elements in a line"],
)
def test_a_text_of_more_elements_than_anything_could_set_is_cut_and_told(read_text, text):
    reading = read_text("Begin\n\n" + text)
    assert reading.issue is not None
    assert [p.code for p in reading.problems if p.severity is Severity.ERROR] == ["text-too-long"]


def test_a_table_too_wide_for_any_page_is_shown_as_lines_with_its_links(read_text, show):
    head = "| [one](https://a.example/) " + "| x " * 60 + "|\n"
    reading = read_text("Text\n\n" + head + "|---" * 61 + "|\n" + "| c " * 61 + "|\n")
    assert [(p.code, p.source.line) for p in reading.problems] == [("table-too-wide", 3)]
    shown = show(reading)
    assert "https://a.example/" in shown
    assert shown.count("| x") == 60
    assert shown.count("c |") == 60
