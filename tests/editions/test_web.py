"""The web edition: one self-contained folder, whole, readable without its script, with no personal link."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html
from lxml.html import HtmlElement

from newsletter.editions.email_edition import render_email
from newsletter.editions.web import Neighbour, Neighbours, render_web
from newsletter.model.blocks import Block, Figure, Heading, Paragraph
from newsletter.model.inlines import FootnoteCall, Inline, Link, MergeTag, Text
from newsletter.model.issue import (
    Article,
    Footnote,
    FurtherLink,
    Issue,
    Medium,
    Origin,
    Reference,
    Section,
    Treatment,
)
from newsletter.model.picture import Image, Picture
from newsletter.problems import ContentError, Source
from newsletter.publication import Publication, load_publication

S = Source("a.md", 1)
PICTURE = Picture("figures/x.png", "image/png", 800, 600, "ab" * 32, b"png bytes")


def _text(text: str) -> tuple[Inline, ...]:
    return (Text(text),)


def _paragraph(text: str, *more: Inline) -> Paragraph:
    return Paragraph(S, (Text(text), *more))


def _article(name: str, *blocks: Block, **more: object) -> Article:
    article = Article(
        S,
        name,
        f"news-{name}",
        f"Title {name}",
        blocks or (_paragraph(f"Body {name}."),),
        teaser=f"Teaser {name}.",
    )
    return replace(article, **more)  # type: ignore[arg-type]


def _issue(*sections: Section, **more: object) -> Issue:
    issue = Issue(
        S,
        "2024-04",
        "The <Issue>",
        "en",
        date=datetime.date(2024, 4, 30),
        number="2024-04",
        preheader='Dear {{ subscriber.name | default("reader") }}: news & views',
        sections=sections or (Section(S, "news", "News", articles=(_article("a"),)),),
        pictures={"x": PICTURE},
    )
    return replace(issue, **more)  # type: ignore[arg-type]


def _section(*articles: Article) -> Section:
    return Section(S, "news", "News", articles=articles)


def _page(issue: Issue, publication: Publication, **more: object) -> HtmlElement:
    edition = render_web(issue, publication, **more)  # type: ignore[arg-type]
    return html.document_fromstring(edition.files[0].data.decode())


def _meta(page: HtmlElement) -> dict[str, str]:
    found = page.xpath("//meta[@content and (@name or @property)]")
    return {meta.get("name") or meta.get("property"): meta.get("content") for meta in found}


def test_the_folder_holds_the_page_what_it_shows_and_nothing_else(publication: Publication) -> None:
    issue = _issue(_section(_article("a", Figure(S, Image("x", "An x"), 1, "fig-x"))))
    issue = replace(issue, pictures={"x": PICTURE, "unused": replace(PICTURE, digest="cd" * 32)})
    files = {file.path: file for file in render_web(issue, publication).files}
    assert list(files) == [
        "index.html",
        "style.css",
        "contents.js",
        "card.png",
        "pictures/abababababababab.png",
    ]
    assert files["pictures/abababababababab.png"].data == b"png bytes"


def test_a_figure_opens_large_unless_it_leads_elsewhere_or_has_no_words(
    publication: Publication,
) -> None:
    figures = (
        Figure(S, Image("x", "An x"), 1, "fig-x"),
        Figure(S, Image("x", "An x"), 2, "fig-y", url="https://there.example/"),
        Figure(S, Image("x", ""), 3, "fig-z"),
    )
    issue = replace(_issue(_section(_article("a", *figures))), pictures={"x": PICTURE})
    links = _page(issue, publication).xpath("//figure/a")
    assert [(link.get("href"), link.get("class")) for link in links] == [
        ("pictures/abababababababab.png", "large"),
        ("https://there.example/", None),
    ]


def test_the_same_issue_gives_the_same_bytes(publication: Publication) -> None:
    assert render_web(_issue(), publication) == render_web(_issue(), publication)


def test_the_head_says_what_search_engines_and_social_sites_need(publication: Publication) -> None:
    issue = _issue(_section(_article("a", Figure(S, Image("x", "An x"), 1, "fig-x"))))
    page = _page(issue, publication)
    meta = _meta(page)
    assert meta["description"] == "Dear reader: news & views"
    assert meta["og:title"] == "The <Issue>"
    assert meta["og:url"] == "https://news.example.com/issues/2024-04/"
    assert meta["og:image"] == "https://news.example.com/issues/2024-04/card.png"
    assert meta["article:published_time"] == "2024-04-30"
    assert meta["twitter:card"] == "summary_large_image"
    assert page.xpath("//link[@rel='canonical']/@href") == [meta["og:url"]]
    assert page.xpath("//title/text()") == ["The <Issue> · No. 4, 2024"]


def test_headings_begin_with_one_h1_and_skip_no_level(publication: Publication) -> None:
    letter = (Heading(S, 3, _text("Letter"), "l"), _paragraph("x"))
    deep = tuple(Heading(S, level, _text(str(level)), f"h{level}") for level in (3, 4, 5, 6))
    untitled = Section(S, "more", "", articles=(_article("b", *deep),))
    page = _page(_issue(_section(_article("a", *deep)), untitled, letter=letter), publication)
    levels = [int(node.tag[1]) for node in page.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
    assert levels == [1, 2, 2, 3, 4, 5, 6, 6, 2, 3, 4, 5, 6]


def test_the_contents_lead_to_every_article_and_its_first_headings(
    publication: Publication,
) -> None:
    headings = (Heading(S, 3, _text("First"), "h-first"), Heading(S, 4, _text("Deeper"), "h-deep"))
    page = _page(_issue(_section(_article("a", *headings), _article("b"))), publication)
    shown = [(a.get("href"), a.text_content()) for a in page.xpath("//nav[@class='contents']//a")]
    assert shown == [
        ("#news", "News"),
        ("#news-a", "Title a"),
        ("#h-first", "First"),
        ("#news-b", "Title b"),
    ]
    ids = set(page.xpath("//@id"))
    assert all(href.removeprefix("#") in ids for href, _ in shown)


def test_every_article_and_heading_has_a_permalink(publication: Publication) -> None:
    page = _page(_issue(_section(_article("a", Heading(S, 3, _text("H"), "h")))), publication)
    found = page.xpath("//a[@class='permalink']")
    assert [(a.get("href"), a.get("aria-label")) for a in found] == [
        ("#news-a", "Link to this heading"),
        ("#h", "Link to this heading"),
    ]


def test_notes_stand_in_the_row_of_their_block_and_reach_to_the_next(
    publication: Publication,
) -> None:
    wide = Figure(S, Image("x", "x"), 1, "fig-x", wide=True)
    blocks = (
        _paragraph("one", FootnoteCall(1)),
        _paragraph("two"),
        _paragraph("three", FootnoteCall(2)),
        wide,
        _paragraph("four"),
    )
    notes = tuple(Footnote(n, S, (_paragraph(f"note {n}"),)) for n in (1, 2, 3))
    edition = render_web(_issue(_section(_article("a", *blocks, footnotes=notes))), publication)
    page = html.document_fromstring(edition.files[0].data.decode())
    boxes = page.xpath("//div[starts-with(@class, 'sidenotes')]")
    assert [(box.get("class"), box.text_content()) for box in boxes] == [
        ("sidenotes row-1 span-2", "1 note 1"),
        ("sidenotes row-3 span-1", "2 note 2"),
        ("sidenotes row-6 span-1", "3 note 3"),
    ]
    style = edition.files[1].data.decode()
    assert ".row-3.span-1{grid-row:3/span 1}" in style
    assert not page.xpath("//@style")


def test_an_article_is_shown_as_its_editor_wrote(publication: Publication) -> None:
    def treated(name: str, treatment: Treatment) -> Article:
        return _article(name, treatments={Medium.WEB: treatment})

    section = _section(*(treated(t.value, t) for t in Treatment))
    text = _page(_issue(section), publication).text_content()
    shown = re.findall(r"(?:Body|Teaser|Title) \w+", text)
    assert Counter(shown) == {
        "Title full": 2,
        "Body full": 1,
        "Title digest": 2,
        "Teaser digest": 1,
        "Title title": 2,
    }


def test_a_section_of_which_everything_is_omitted_leaves_no_band(publication: Publication) -> None:
    omit = {Medium.WEB: Treatment.OMIT}
    sections = (
        _section(_article("a", treatments=omit)),
        Section(S, "events", "Events", blocks=(_paragraph("x"),), treatments=omit),
        Section(S, "rest", "Rest", blocks=(_paragraph("y"),)),
    )
    page = _page(_issue(*sections), publication)
    assert page.xpath("//h2/text()") == ["Rest"]


@pytest.mark.parametrize(
    "kind", ["articles", "lead", "briefs", "events", "sponsor", "unheard-of", "../x"]
)
def test_every_kind_of_section_shows_its_words(publication: Publication, kind: str) -> None:
    section = replace(_section(_article("a")), kind=kind, blocks=(_paragraph("Introduction."),))
    page = _page(_issue(section), publication)
    for words in ("News", "Introduction.", "Title a", "Body a."):
        assert words in page.xpath("string(//main)")
    assert ("Advertisement" in page.text_content()) is (kind == "sponsor")


def test_the_head_and_the_end_of_an_article_hold_what_was_given(publication: Publication) -> None:
    article = _article(
        "a",
        subtitle="Under",
        authors=("Ann", "Bo"),
        origin=Origin("Journal", "https://j.example/", "2024"),
        doi="10.1/x",
        tags=("Cells",),
        references=(Reference("Who"),),
        links=(FurtherLink("https://l.example/", "More"),),
    )
    page = _page(_issue(_section(article)), publication)
    head = " ".join(page.xpath("string(//article/header)").split())
    assert (
        head == "Cells Title a # Under By Ann, Bo Source Journal 2024 DOI 10.1/x 10 words · 1 min"
    )
    end = " ".join(
        " ".join(node.text_content().split()) for node in page.xpath("//div[@class='end']")
    )
    assert end == "References Who Further reading More"


def test_only_what_exists_is_linked_around_the_issue(publication: Publication) -> None:
    bare = _page(_issue(), publication)
    assert not bare.xpath("//nav[@class='neighbours' or @class='bar']|//p[@class='ways']")
    around = Neighbours(
        Neighbour("March", "../2024-03/"), None, archive_url="../", feed_url="../feed.xml"
    )
    page = _page(_issue(), publication, neighbours=around, pdf_name="issue.pdf")
    assert page.xpath("//nav[@class='neighbours']/a/@href") == ["../2024-03/"]
    assert page.xpath("//p[@class='ways']/a/@href") == ["issue.pdf", "../", "../feed.xml"]


def test_no_personal_link_and_no_marker_reaches_the_page(publication: Publication) -> None:
    block = _paragraph(
        "Hello ",
        MergeTag("subscriber.name", "reader"),
        Link("{{ unsubscribe_url }}", _text(" leave")),
        MergeTag("unsubscribe_url"),
    )
    page = render_web(_issue(_section(_article("a", block))), publication).files[0].data.decode()
    assert "Hello reader leave" in page
    assert "NLM" not in page
    assert "unsubscribe" not in page.lower()


def test_an_address_that_is_written_out_is_not_printed_twice(publication: Publication) -> None:
    url = "https://example.com/a/"
    links = Link(url, _text("example.com/a")), Link(url, _text("words")), Link(url, _text("a"))
    page = _page(_issue(_section(_article("a", _paragraph("See ", *links)))), publication)
    assert [link.get("class") for link in page.xpath("//article//p/a")] == ["bare", None, None]


def test_an_article_in_another_language_and_direction_says_so(publication: Publication) -> None:
    page = _page(_issue(_section(_article("a", language="he"))), publication)
    (article,) = page.xpath("//article")
    assert (article.get("lang"), article.get("dir")) == ("he", "rtl")
    assert page.get("lang") == "en"
    assert _page(_issue(language="ar"), publication).get("dir") == "rtl"


def test_a_mistake_in_a_theme_is_told_with_its_line(new_publication: Path) -> None:
    folder = new_publication / "templates" / "web" / "starter" / "kinds"
    folder.mkdir(parents=True)
    (folder / "articles.html.j2").write_text("\n{{ section.nothing }}", encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        render_web(_issue(), load_publication(new_publication, {}))
    assert str(caught.value.problems[0].source) == "templates/web/starter/kinds/articles.html.j2:2"


@pytest.mark.sample
def test_the_real_sample_is_all_there(publication: Publication, sample: Path) -> None:
    from newsletter.issues.reader import read_issue

    issue = read_issue(sample, default_language="zh-Hans").issue
    assert issue is not None
    edition = render_web(issue, publication)
    page = html.document_fromstring(edition.files[0].data.decode())
    assert len(page.xpath("//article")) == 8
    assert len(page.xpath("//figure//img[@width and @height]")) == 34
    written = "".join(path.read_text(encoding="utf-8") for path in sample.rglob("*.md"))
    addresses = set(re.findall(r"https?://[^\s)\"<>\]]+", written))
    linked = set(page.xpath("//a/@href"))
    assert addresses <= linked
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in linked if href.startswith("#")} <= set(ids)
    assert not page.xpath("//*[starts-with(@src, 'http')]")


@pytest.mark.browser
@pytest.mark.parametrize("width", [375, 768, 1200, 1280, 1440])
def test_the_page_fits_every_screen_and_asks_nobody(
    publication: Publication, repository: Path, tmp_path: Path, chromium: str, width: int
) -> None:
    from playwright.sync_api import sync_playwright

    from newsletter.issues.reader import read_issue

    issue = read_issue(repository / "issues" / "2026-11-en", default_language="en").issue
    assert issue is not None
    for file in render_web(issue, publication).files:
        path = tmp_path / file.path
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(file.data)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": width, "height": 800})
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto((tmp_path / "index.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        overlaps = page.evaluate(
            """() => { const boxes = [...document.querySelectorAll('.sidenotes')]
                 .map(box => box.getBoundingClientRect());
               return boxes.filter((box, i) => i && box.top < boxes[i - 1].bottom).length }"""
        )
        assert overlaps == 0
        if width > 1200:
            text = page.locator(".article .body > p").first
            ems = "p => p.clientWidth / parseFloat(getComputedStyle(p).fontSize)"
            assert text.evaluate(ems) == pytest.approx(33, abs=0.1)  # some 66 letters
            lefts = "['.name h1', '.text p'].map(s => document.querySelector(s).getBoundingClientRect().left)"
            title, words = page.evaluate(lefts)
            assert title == pytest.approx(words, abs=1)
            page.emulate_media(color_scheme="dark")
            white = "getComputedStyle(document.querySelector('.figure img')).backgroundColor"
            assert page.evaluate(white) == "rgb(255, 255, 255)"
        figure = page.locator("a.large").first
        figure.click()
        large = page.locator("dialog[open] img")
        box = large.bounding_box()
        assert box is not None
        assert box["width"] <= width
        assert box["height"] <= 800
        page.keyboard.press("Escape")
        assert large.count() == 0
        assert figure.evaluate("link => link === document.activeElement")
        browser.close()
    assert {url.partition(":")[0] for url in asked} == {"file"}


def test_no_line_of_a_title_ends_inside_of_a_term(publication: Publication) -> None:
    issue = _issue(title="R&D of <CAR-T>")
    title = 'R&amp;D of &lt;<span class="nw">CAR-T</span>&gt;'
    around = Neighbours(previous=Neighbour("PD-L1", "../1/"))
    page = render_web(issue, publication, neighbours=around).files[0].data.decode()
    assert f"<h1>{title}</h1>" in page
    assert '<b><span class="nw">PD-L1</span></b>' in page
    assert title in render_email(issue, publication).html


def test_what_is_folded_up_is_printed_unfolded(publication: Publication) -> None:
    files = {file.path: file.data.decode() for file in render_web(_issue(), publication).files[:2]}
    _, printed = files["style.css"].split("@media print{", 1)
    assert "details::details-content{display:block" in printed
