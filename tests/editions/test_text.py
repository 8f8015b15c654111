"""The text part: 72 columns, East Asian line breaking, links by number, the plan's cuts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.editions.markers import Markers
from newsletter.editions.text import render_text
from newsletter.editions.text_blocks import TextWriter
from newsletter.editions.text_lines import WIDTH, fill
from newsletter.editions.words import load_words
from newsletter.model.blocks import (
    Align,
    Block,
    BulletList,
    Cell,
    CodeBlock,
    Definition,
    DefinitionList,
    Doi,
    Figure,
    ListItem,
    Note,
    OrderedList,
    Paragraph,
    Quote,
    Table,
)
from newsletter.model.inlines import (
    Citation,
    FigureReference,
    FootnoteCall,
    Inline,
    Link,
    MergeTag,
    Strikethrough,
    Subscript,
    Superscript,
    Text,
)
from newsletter.model.issue import (
    Article,
    Footnote,
    FurtherLink,
    Issue,
    Reference,
    Section,
    Treatment,
)
from newsletter.model.language import columns
from newsletter.model.picture import Image
from newsletter.problems import Source
from newsletter.publication import Publication

S = Source("a.md", 1)


def _text(text: str) -> tuple[Inline, ...]:
    return (Text(text),)


def _paragraph(text: str) -> Paragraph:
    return Paragraph(S, _text(text))


@pytest.fixture
def writer(publication: Publication) -> TextWriter:
    return TextWriter(load_words(publication, "zh-Hans"), None, "https://n.example/issues/1/")


def _shown(writer: TextWriter, *blocks: Block) -> str:
    return "\n".join(writer.blocks(blocks))


def test_lines_break_between_wide_characters_and_at_spaces() -> None:
    assert fill("细胞疗法与药物 and some words", 12) == ["细胞疗法与药", "物 and some", "words"]


def test_no_line_begins_with_closing_or_ends_with_opening_punctuation() -> None:
    assert fill("一二三四五，六", 10) == ["一二三四", "五，六"]
    assert fill("一二三四（五六）", 10) == ["一二三四", "（五六）"]
    assert fill("一二三四。”七", 10) == ["一二三", "四。”七"]
    assert fill("alpha beta (gamma) !", 11) == ["alpha beta", "(gamma) !"]


def test_addresses_and_words_are_never_broken() -> None:
    address = "https://x.example/" + "a" * 80
    assert fill(f"见 {address} 处", 20) == ["见", address, "处"]


@given(
    st.text(
        alphabet=st.sampled_from("细胞疗法，。！？（）《》“”、：abc XYZ 12 (),.!?\n한글ー々ー"),
        max_size=300,
    ),
    st.integers(10, 72),
)
def test_whatever_the_text_its_lines_keep_the_rules(text: str, width: int) -> None:
    lines = [line for line in fill(text, width) if line]
    assert "".join("".join(lines).split()) == "".join(text.split())
    paragraphs = [part.strip() for part in text.split("\n")]
    for line in lines:
        if not any(part.startswith(line[0]) for part in paragraphs):
            assert line[0] not in "，。！？）》”、：),.!?ー々"
        if not any(part.endswith(line[-1]) for part in paragraphs):
            assert line[-1] not in "（《“("


@given(st.text(alphabet=st.sampled_from("细胞疗法与药物研究"), max_size=400))
def test_wide_text_fills_the_line_by_its_width(text: str) -> None:
    lines = fill(text)
    assert all(columns(line) == WIDTH for line in lines[:-1])
    assert columns(lines[-1]) <= WIDTH


def test_links_are_numbered_once_for_each_address(writer: TextWriter) -> None:
    block = Paragraph(
        S,
        (
            Link("https://a.example/", _text("甲")),
            Text("，"),
            Link("https://b.example/", _text("B")),
            Text(" and "),
            Link("https://a.example/", _text("again")),
        ),
    )
    assert _shown(writer, block) == "甲[1]，B [2] and again [1]"
    lines = writer.link_list(
        [FurtherLink("https://a.example/", "甲"), FurtherLink("https://c.example/")]
    )
    assert lines == [
        "链接：",
        "[1] https://a.example/",
        "[2] https://b.example/",
        "",
        "延伸阅读：",
        "[1] 甲",
        "[3] https://c.example/",
    ]


def test_figures_show_their_number_and_alt_and_the_caption_when_it_says_more(
    writer: TextWriter,
) -> None:
    same = Figure(S, Image("x", "细胞"), 1, "fig-x", _text("细胞"), _text("来源：自绘"))
    other = Figure(S, Image("x", "柱状图"), 2, "fig-y", _text("逐年论文数"))
    bare = Figure(S, Image("x"), 3, "fig-z", url="https://a.example/")
    assert _shown(writer, same, other, bare) == (
        "[图 1：细胞]\n来源：自绘\n\n[图 2：柱状图]\n逐年论文数\n\n[图 3] [1]"
    )


def test_every_other_block_reads_as_text(writer: TextWriter) -> None:
    shown = _shown(
        writer,
        Doi(S, "10.1/x"),
        BulletList(S, (ListItem((_paragraph("a"),), True), ListItem((_paragraph("b"),), False))),
        OrderedList(
            S,
            (
                ListItem((_paragraph("九"), BulletList(S, (ListItem((_paragraph("内"),)),)))),
                ListItem((_paragraph("十"),)),
            ),
            start=9,
        ),
        DefinitionList(S, (Definition(_text("CAR"), ((_paragraph("嵌合抗原受体"),),)),)),
        Quote(S, (_paragraph("引文"), _paragraph("二"))),
        Note(S, (_paragraph("正文"),), "data"),
        CodeBlock(S, "a = 1\n\n  b\n"),
    )
    assert shown == (
        "DOI：10.1/x [1]\n\n"
        "- [x] a\n- [ ] b\n\n"
        " 9. 九\n    - 内\n10. 十\n\n"
        "CAR\n    嵌合抗原受体\n\n"
        "> 引文\n>\n> 二\n\n"
        "| 数据\n|\n| 正文\n\n"
        "    a = 1\n\n      b"
    )


def test_a_note_after_a_sentence_keeps_the_one_space_that_was_written(writer: TextWriter) -> None:
    call = FootnoteCall(1)
    assert fill(writer.inlines((Text("It ends."), call, Text(" It begins.")))) == [
        "It ends.〔1〕 It begins."
    ]
    assert fill(writer.inlines((Text("句号。"), call, Text("下一句。")))) == ["句号。〔1〕下一句。"]


def test_a_minus_sign_is_raised_and_lowered_as_a_hyphen_is(writer: TextWriter) -> None:
    assert writer.inlines((Text("10"), Superscript((Text("\u22126"),)))) == "10⁻⁶"
    assert writer.inlines((Text("x"), Subscript((Text("\u22121"),)))) == "x₋₁"


def test_inlines_keep_what_they_mean(writer: TextWriter) -> None:
    block = Paragraph(
        S,
        (
            Text("m"),
            Superscript(_text("2")),
            Text(" H"),
            Subscript(_text("2")),
            Text("O x"),
            Superscript(_text("ab")),
            Text(" "),
            Strikethrough(_text("old")),
            FootnoteCall(1),
            Citation(12),
            FigureReference(3, "fig-x"),
            MergeTag("subscriber.name", "读者"),
        ),
    )
    assert _shown(writer, block) == "m² H₂O x^(ab) ~old~〔1〕[文献 12]图 3读者"


TABLE = Table(
    S,
    head=((Cell(_text("药物"), header=True), Cell(_text("人数"), Align.RIGHT, header=True)),),
    rows=(
        (Cell(_text("甲")), Cell(_text("12"), Align.RIGHT)),
        (Cell(_text("合计 12 人"), columns=2),),
    ),
    caption=_text("临床试验"),
)


def test_a_table_that_fits_is_aligned_by_width(writer: TextWriter) -> None:
    assert _shown(writer, TABLE) == (
        "临床试验\n\n药物        人数\n----------  ----\n甲            12\n合计 12 人"
    )


def test_a_table_that_does_not_fit_is_one_record_a_row(writer: TextWriter) -> None:
    wide = replace(
        TABLE,
        caption=(),
        rows=((Cell(_text("甲" * 40)), Cell(_text("12"))), (Cell(_text("乙")), Cell(()))),
    )
    assert _shown(writer, wide) == f"药物：{'甲' * 33}\n  {'甲' * 7}\n人数：12\n\n药物：乙"


def test_rows_that_span_keep_their_places(writer: TextWriter) -> None:
    table = Table(S, (), ((Cell(_text("a"), rows=2), Cell(_text("b"))), (Cell(_text("c")),)))
    assert _shown(writer, table) == "a  b\n   c"


def _issue() -> Issue:
    def article(name: str) -> Article:
        return Article(
            S,
            name,
            f"news-{name}",
            f"文章 {name}",
            (Paragraph(S, (Text("正文"), FootnoteCall(1))),),
            subtitle="副题",
            teaser="导语。",
            authors=("张三", "李四"),
            doi="10.1/x",
            footnotes=(Footnote(1, S, (_paragraph("注文"),)),),
            references=(Reference("文献", "https://r.example/"),),
        )

    return Issue(
        S,
        "2024-04",
        "刊名",
        "zh-Hans",
        number="4",
        preheader='{{ subscriber.name | default("读者") }}，您好',
        letter=(_paragraph("编者的话"),),
        sections=(
            Section(S, "news", "动态", articles=tuple(map(article, "abcd"))),
            Section(S, "ad", "赞助", kind="sponsor", blocks=(_paragraph("广告词"),)),
        ),
    )


PLAN = {"news-b": Treatment.DIGEST, "news-c": Treatment.TITLE, "news-d": Treatment.OMIT}


def test_the_whole_text_part(publication: Publication) -> None:
    markers = Markers()
    text = render_text(_issue(), publication, plan=PLAN, markers=markers).text
    assert (
        text
        == f"""\
刊名
第 4 期 · 晨曦生物观察编辑部
阅读网页版：
https://news.example.com/issues/2024-04/

NLM0000Z，您好

编者的话

动态
====

文章 a
------
副题

作者：张三、李四
DOI：10.1/x [1]

正文〔1〕

注释：
〔1〕注文

参考文献：
[文献 1] 文献 [2]

链接：
[1] https://doi.org/10.1/x
[2] https://r.example/


文章 b
------
副题

导语。

阅读全文：
https://news.example.com/issues/2024-04/#news-b


* 文章 c
  https://news.example.com/issues/2024-04/#news-c

广告
赞助
====

广告词

{"-" * 72}
晨曦生物观察编辑部
示例市示例区求是路 1 号（示例地址） 邮编 000000

您收到这封邮件，是因为您用 NLM0001Z 订阅了《晨曦
生物观察》。不想再收到，可随时退订，立即生效。

退订：
NLM0002Z
"""
    )
    assert [marker.field for marker in markers.all] == [
        "subscriber.name",
        "subscriber.email",
        "unsubscribe_url",
    ]


def test_a_section_of_which_nothing_is_shown_leaves_no_heading(publication: Publication) -> None:
    plan = {f"news-{name}": Treatment.OMIT for name in "abcd"} | {"ad": Treatment.OMIT}
    text = render_text(_issue(), publication, plan=plan, markers=None).text
    assert "动态" not in text
    assert "赞助" not in text


def test_without_a_recipient_nobody_can_unsubscribe(publication: Publication) -> None:
    text = render_text(_issue(), publication, plan={}, markers=None).text
    assert "退订" not in text
    assert "读者，您好" in text


def test_an_article_in_another_language_has_that_languages_words(publication: Publication) -> None:
    section = _issue().sections[0]
    english = replace(section.articles[0], language="en")
    issue = replace(_issue(), sections=(replace(section, articles=(english,)),))
    assert "References:" in render_text(issue, publication, plan={}, markers=None).text
