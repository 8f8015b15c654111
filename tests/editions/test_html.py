"""Blocks and inlines as HTML: semantic, escaped, one way to write each kind."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

import pytest
from lxml import html as lxml_html

from newsletter.editions.html import HtmlWriter, Surroundings
from newsletter.editions.markers import Markers
from newsletter.editions.words import load_words
from newsletter.model.blocks import (
    Align,
    Block,
    BulletList,
    Cell,
    CodeBlock,
    Definition,
    DefinitionList,
    Details,
    Divider,
    Doi,
    Figure,
    Group,
    Heading,
    ListItem,
    Note,
    OrderedList,
    Paragraph,
    Quote,
    Table,
)
from newsletter.model.inlines import (
    Citation,
    Code,
    Emphasis,
    FigureReference,
    FootnoteCall,
    Inline,
    InlineImage,
    LineBreak,
    Link,
    MergeTag,
    Span,
    Strikethrough,
    Strong,
    Subscript,
    Superscript,
    Text,
)
from newsletter.model.issue import Footnote, FurtherLink, Reference
from newsletter.model.picture import Image, Picture
from newsletter.problems import Source
from newsletter.publication import Publication

S = Source("a.md", 1)
EVIL = '<script>alert("1")</script>&"\''


def _text(text: str) -> tuple[Inline, ...]:
    return (Text(text),)


def _paragraph(text: str) -> Paragraph:
    return Paragraph(S, _text(text))


@pytest.fixture
def writer(publication: Publication) -> HtmlWriter:
    picture = Picture("figures/x.png", "image/png", 800, 600, "ab" * 32, b"")
    return HtmlWriter(
        Surroundings(
            "en",
            load_words(publication, "en"),
            "news-a",
            pictures={"x": picture},
            address_of=lambda picture: f"pictures/{picture.digest[:16]}.png",
            web_url="https://n.example/issues/1/",
        )
    )


INLINES: list[tuple[Inline, str]] = [
    (Text(EVIL), '&lt;script&gt;alert("1")&lt;/script&gt;&amp;"\''),
    (Emphasis(_text("a")), "<em>a</em>"),
    (Strong((Emphasis(_text("a")),)), "<strong><em>a</em></strong>"),
    (Strikethrough(_text("a")), "<del>a</del>"),
    (Superscript(_text("2")), "<sup>2</sup>"),
    (Subscript(_text("2")), "<sub>2</sub>"),
    (Code("<b>"), "<code>&lt;b&gt;</code>"),
    (LineBreak(), "<br>"),
    (
        Link('https://x.example/?a=1&b="', _text("x"), 'a "title"'),
        '<a href="https://x.example/?a=1&amp;b=&quot;" title="a &quot;title&quot;">x</a>',
    ),
    (Link("#news-b", _text("there")), '<a href="#news-b">there</a>'),
    (Link("{{ web_url }}", _text("web")), '<a href="https://n.example/issues/1/">web</a>'),
    (Link("{{ unsubscribe_url }}", _text("leave")), "leave"),
    (
        FootnoteCall(2),
        '<sup class="call"><a href="#fn-news-a-2" id="fnref-news-a-2" role="doc-noteref" aria-label="Note 2">2</a></sup>',
    ),
    (Citation(12), '<a href="#ref-news-a-12" class="citation">[12]</a>'),
    (FigureReference(3, "fig-x"), '<a href="#fig-x"><span class="nw">Figure 3</span></a>'),
    (FigureReference(3, "fig-x", _text("the plot")), '<a href="#fig-x">the plot</a>'),
    (MergeTag("subscriber.name", "<reader>"), "&lt;reader&gt;"),
    (MergeTag("unsubscribe_url"), ""),
    (
        InlineImage(Image("x", 'a "b"', width=400)),
        '<img src="pictures/abababababababab.png" alt="a &quot;b&quot;" width="400" height="300" class="inline-picture">',
    ),
    (InlineImage(Image("", "lost")), '<span class="missing">Missing picture: lost</span>'),
    (
        InlineImage(Image("", "far", url="https://x.example/i.png")),
        '<span class="missing"><a href="https://x.example/i.png">far</a></span>',
    ),
    (Span(_text("שלום"), "he", "rtl"), '<span lang="he" dir="rtl">שלום</span>'),
]


@pytest.mark.parametrize(("inline", "expected"), INLINES, ids=lambda v: type(v).__name__)
def test_every_kind_of_inline(writer: HtmlWriter, inline: Inline, expected: str) -> None:
    assert writer.inlines([inline]) == expected


def test_an_english_sentence_in_an_arabic_text_ends_on_its_own_side(
    publication: Publication,
) -> None:
    writer = HtmlWriter(Surroundings("ar", load_words(publication, "ar"), "news-a"))
    assert writer.block(_paragraph("It is done!")) == '<p><span dir="ltr">It is done!</span></p>'
    assert writer.block(_paragraph("It is done. " * 9)).startswith('<p dir="ltr">It is')
    assert writer.block(_paragraph("قال It is done!")) == "<p>قال It is done!</p>"
    link = writer.inline(Link("https://e.example", _text("@ann")))
    assert link == '<a href="https://e.example" dir="ltr">@ann</a>'
    assert writer.inline(Code("render()")) == '<code dir="ltr">render()</code>'


BLOCKS: list[tuple[Block, str]] = [
    (_paragraph("a < b"), "<p>a &lt; b</p>"),
    (Heading(S, 3, _text("H"), "h"), '<h3 id="h">H</h3>'),
    (
        Doi(S, "10.1/x<y"),
        '<p class="doi"><span class="label">DOI</span> <a href="https://doi.org/10.1/x&lt;y">10.1/x&lt;y</a></p>',
    ),
    (
        BulletList(S, (ListItem((_paragraph("a"),)), ListItem((_paragraph("b"),)))),
        "<ul><li>a</li><li>b</li></ul>",
    ),
    (
        BulletList(S, (ListItem((_paragraph("a"), _paragraph("b"))),), tight=False),
        "<ul><li><p>a</p>\n<p>b</p></li></ul>",
    ),
    (
        BulletList(S, (ListItem((_paragraph("a"),), checked=True),)),
        '<ul class="tasks"><li><span class="task" role="img" aria-label="done">☑</span> a</li></ul>',
    ),
    (OrderedList(S, (ListItem((_paragraph("a"),)),), start=3), '<ol start="3"><li>a</li></ol>'),
    (
        DefinitionList(S, (Definition(_text("t"), ((_paragraph("m"),),)),)),
        "<dl><dt>t</dt><dd><p>m</p></dd></dl>",
    ),
    (Quote(S, (_paragraph("q"),)), "<blockquote><p>q</p></blockquote>"),
    (Quote(S, (_paragraph("q"),), True), '<blockquote class="pull"><p>q</p></blockquote>'),
    (
        Note(S, (_paragraph("n"),), "tip"),
        '<div class="note note-tip" role="note"><p class="note-label">Tip</p>\n<p>n</p></div>',
    ),
    (
        Note(S, (_paragraph("n"),), "odd", _text("Own")),
        '<div class="note note-odd" role="note"><p class="note-label">Own</p>\n<p>n</p></div>',
    ),
    (
        Details(S, _text("more"), (_paragraph("d"),)),
        "<details><summary>more</summary>\n<p>d</p>\n</details>",
    ),
    (
        CodeBlock(S, "if a < b:\n", "python"),
        '<pre tabindex="0" dir="ltr"><code class="language-python">if a &lt; b:\n</code></pre>',
    ),
    (Divider(S), "<hr>"),
    (
        Group(S, (_paragraph("سلام"),), language="fa"),
        '<div lang="fa" dir="rtl"><p>سلام</p></div>',
    ),
    (
        Table(
            S,
            head=((Cell(_text("h"), header=True), Cell(_text("n"), Align.RIGHT, header=True)),),
            rows=((Cell(_text("total"), columns=2),),),
            caption=_text("c"),
        ),
        '<div class="table"><table><caption>c</caption><thead><tr><th scope="col">h</th>'
        '<th scope="col" class="align-right">n</th></tr></thead>'
        '<tbody><tr><td colspan="2">total</td></tr></tbody></table></div>',
    ),
    (
        Figure(
            S, Image("x", "alt"), 2, "fig-x", _text("cap"), _text("cred"), url="https://x.example"
        ),
        '<figure id="fig-x" class="figure"><a href="https://x.example">'
        '<img src="pictures/abababababababab.png" alt="alt" width="800" height="600"></a>'
        '<figcaption><b class="figure-number">Figure 2</b> <span class="caption">cap</span>'
        ' <span class="credit">cred</span></figcaption></figure>',
    ),
]


@pytest.mark.parametrize(("block", "expected"), BLOCKS, ids=lambda v: type(v).__name__)
def test_every_kind_of_block(writer: HtmlWriter, block: Block, expected: str) -> None:
    assert writer.blocks([block]) == expected


def test_short_hyphenated_terms_stay_on_one_line_and_words_do_not(writer: HtmlWriter) -> None:
    kept = re.compile('<span class="nw">(.*?)</span>')
    text = "CAR-T细胞、GLP-1RA and β-TrCP; well-known; ABCDEFGH-12345678; see a.example/X-1"
    assert kept.findall(writer.words(text)) == ["CAR-T", "GLP-1RA", "β-TrCP"]


def test_only_the_first_call_of_a_note_has_an_id(writer: HtmlWriter) -> None:
    written = writer.inlines([FootnoteCall(1), FootnoteCall(1)])
    assert written.count("id=") == 1
    assert written.count('href="#fn-news-a-1"') == 2


def test_a_decorative_picture_has_an_empty_alt(writer: HtmlWriter) -> None:
    assert ' alt="" ' in writer.inlines([InlineImage(Image("x"))])


def test_notes_references_and_further_links_are_lists_that_are_led_to(writer: HtmlWriter) -> None:
    notes = writer.footnotes([Footnote(1, S, (_paragraph("n"),))])
    assert '<li id="fn-news-a-1" value="1"><p>n</p> <a href="#fnref-news-a-1"' in notes
    references = writer.references([Reference("Who, When", doi="10.1/x"), Reference("Plain")])
    assert references == (
        '<ol class="references"><li id="ref-news-a-1">Who, When '
        '<a href="https://doi.org/10.1/x">doi:10.1/x</a></li><li id="ref-news-a-2">Plain</li></ol>'
    )
    links = writer.further_links(
        [FurtherLink("https://www.x.example/"), FurtherLink("https://y.example/a", "Y")]
    )
    assert links == (
        '<ul class="further"><li><a href="https://www.x.example/">x.example</a></li>'
        '<li><a href="https://y.example/a">Y</a></li></ul>'
    )
    assert writer.footnotes([]) == writer.references([]) == writer.further_links([]) == ""


def test_with_a_recipient_markers_stand_and_cannot_be_forged(publication: Publication) -> None:
    markers = Markers()
    writer = HtmlWriter(Surroundings("en", load_words(publication, "en"), "a", markers))
    written = writer.inlines(
        [
            MergeTag("subscriber.name", "reader"),
            Link("{{ unsubscribe_url }}", _text("leave")),
            Text(" NLM0000Z "),
            Link("https://x.example/NLM0001Z", (Code("NLM0001Z"),)),
        ]
    )
    assert re.findall("NLM[0-9]{4}Z", written) == ["NLM0000Z", "NLM0001Z"]
    assert '<a href="NLM0001Z">leave</a>' in written
    assert html.unescape(written).count("NLM0000Z") == 2


def test_no_text_of_an_author_becomes_markup(writer: HtmlWriter) -> None:
    evil = _text(EVIL)
    inner: Sequence[Block] = (Paragraph(S, evil),)
    blocks: list[Block] = [
        Heading(S, 3, evil, EVIL),
        Doi(S, EVIL),
        Note(S, tuple(inner), EVIL, evil),
        Details(S, evil, tuple(inner)),
        CodeBlock(S, EVIL, EVIL),
        Group(S, tuple(inner), EVIL, EVIL),
        Table(S, (), ((Cell(evil),),), evil),
        Figure(S, Image("", EVIL), 1, EVIL, evil, evil, url=EVIL),
        Paragraph(S, (Link(EVIL, evil, EVIL), Code(EVIL), MergeTag("subscriber.x", EVIL))),
    ]
    tree = lxml_html.fragment_fromstring(writer.blocks(blocks), create_parent="div")
    assert not tree.xpath(".//script")
    assert not [name for node in tree.iter() for name in node.attrib if name.startswith("on")]
