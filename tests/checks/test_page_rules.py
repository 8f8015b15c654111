"""What a reader of the printed pages would stumble over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from newsletter.checks import check_pages
from newsletter.editions.page_lines import printed_pages
from newsletter.editions.print import render_print
from newsletter.model.issue import Article, Issue, Layout, Section
from newsletter.model.printed import (
    Bookmark,
    Box,
    Line,
    Photograph,
    Printed,
    PrintedPage,
    TypeArea,
)
from newsletter.problems import Source
from newsletter.publication import Publication
from newsletter.workflow.issues import read

ONE = TypeArea(((100, 500),), 80, 780)
TWO = TypeArea(((60, 290), (310, 540)), 80, 780)
COVER = PrintedPage(1, (), ())


def issue() -> Issue:
    article = Article(Source("01-news/02-chip.md", 1), "chip", "chip", "The chip", ())
    section = Section(Source("01-news/section.md", 1), "news", "News", articles=(article,))
    return Issue(Source("issue.md", 1), "x", "X", "zh-Hans", sections=(section,))


def line(left: float, right: float, bottom: float, text: str = "words of a line") -> Line:
    return Line(Box(left, bottom, right, bottom + 10), text)


def full(area: TypeArea, *, column: int = 0, down_to: float = 80) -> tuple[Line, ...]:
    left, right = area.columns[column]
    rows = range(770, int(down_to) - 1, -18)
    return tuple(line(left, right, bottom) for bottom in rows)


def told(
    pages: tuple[PrintedPage, ...], area: TypeArea = ONE, bookmarks: tuple[Bookmark, ...] = ()
) -> list[tuple[str, str]]:
    found = check_pages(Printed((COVER, *pages), bookmarks, area), issue())
    return [(problem.code, problem.source.file) for problem in found]


def test_full_pages_are_fine() -> None:
    pages = (PrintedPage(2, full(ONE), ()), PrintedPage(3, full(ONE), ()))
    assert told(pages) == []


def test_a_line_over_the_margin_is_told_with_its_article() -> None:
    long = line(100, 540, 400, "https://example.com/without-any-place-to-break")
    pages = (PrintedPage(2, (*full(ONE), long), ()),)
    bookmarks = (Bookmark(0, "News", 2, 780), Bookmark(1, "The chip", 2, 700))
    assert told(pages, bookmarks=bookmarks) == [("print-overfull", "01-news/02-chip.md")]


def test_a_line_may_span_two_columns_where_it_has_them_to_itself() -> None:
    across = line(60, 540, 770)
    below = tuple(one for n in (0, 1) for one in full(TWO, column=n) if one.box.top < 770)
    assert told((PrintedPage(2, (across, *below), ()),), TWO) == []
    into_the_other = line(60, 330, 410)
    found = told((PrintedPage(2, (*below, into_the_other), ()),), TWO)
    assert found == [("print-overfull", "issue.md")]


def test_a_heading_at_the_foot_is_told_and_one_with_text_below_is_not() -> None:
    heading = line(100, 160, 82, "The chip")
    alone = PrintedPage(2, (*full(ONE, down_to=120), heading), ())
    bookmarks = (Bookmark(1, "The chip", 2, 95),)
    following = PrintedPage(3, full(ONE), ())
    assert ("print-heading-stranded", "01-news/02-chip.md") in told(
        (alone, following), bookmarks=bookmarks
    )
    with_text = PrintedPage(
        2, (*full(ONE, down_to=140), line(100, 160, 110, "The chip"), line(100, 500, 88)), ()
    )
    higher = (Bookmark(1, "The chip", 2, 124),)
    assert told((with_text, following), bookmarks=higher) == []


def test_a_third_of_a_page_left_empty_is_told_unless_a_section_ends_there() -> None:
    contents = PrintedPage(2, full(ONE), ())
    short = PrintedPage(3, full(ONE, down_to=500), ())
    last = PrintedPage(4, full(ONE), ())
    assert told((contents, short, last)) == [("print-hole", "issue.md")]
    new_section = (Bookmark(0, "News", 4, 778),)
    assert told((contents, short, last), bookmarks=new_section) == []
    pictured = PrintedPage(3, short.lines, (Box(120, 90, 480, 490),))
    assert told((contents, pictured, last)) == []


def test_a_last_line_of_one_character_is_told() -> None:
    lines = (*full(ONE, down_to=120), line(100, 111, 104, "变。"))
    assert told((PrintedPage(2, lines, ()),)) == [("print-lone-character", "issue.md")]
    two = (*full(ONE, down_to=120), line(100, 122, 104, "改变。"))
    assert told((PrintedPage(2, two, ()),)) == []


def test_a_line_with_a_hole_is_told_unless_something_stands_in_it() -> None:
    rows = [replace(one, gap=3.0) for one in full(ONE)]
    rows[4] = replace(rows[4], gap=15.0)
    assert told((PrintedPage(2, tuple(rows), ()),)) == [("print-loose-line", "issue.md")]
    middle = rows[4].box.bottom + 5
    sign = Box(200, middle - 4, 214, middle + 4)
    assert told((PrintedPage(2, tuple(rows), (), (), (sign,)),)) == []
    rows[4] = replace(rows[4], text="The chip . . . . . . 7")
    assert told((PrintedPage(2, tuple(rows), ()),)) == []
    title = Line(Box(100, 300, 500, 324), "A title of large letters", 20.0)
    rows[4] = replace(rows[4], gap=3.0)
    assert told((PrintedPage(2, (*rows, title), ()),)) == []


def test_a_section_that_ends_with_a_few_lines_on_a_page_is_told() -> None:
    contents, whole = PrintedPage(2, full(ONE), ()), PrintedPage(3, full(ONE), ())
    remnant = PrintedPage(4, full(ONE, down_to=740), ())
    begins = (Bookmark(0, "News", 3, 778),)
    assert told((contents, whole, remnant), bookmarks=begins) == [
        ("print-page-fill", "01-news/section.md")
    ]
    pictured = replace(remnant, pictures=(Box(120, 300, 480, 720),))
    assert told((contents, whole, pictured), bookmarks=begins) == []
    noted = replace(remnant, lines=(*remnant.lines, line(100, 400, 82, "1 A note.")))
    assert told((contents, whole, noted), bookmarks=begins) == [
        ("print-page-fill", "01-news/section.md")
    ]
    short_section = (*begins, Bookmark(0, "News", 4, 778))
    assert told((contents, whole, remnant), bookmarks=short_section) == []


def test_a_picture_with_too_few_pixels_is_told_with_how_many_it_needs() -> None:
    coarse = Photograph(Box(100, 300, 388, 500), 90.0)
    page = PrintedPage(2, full(ONE), (coarse.box,), (coarse,))
    assert told((page,)) == [("print-picture-coarse", "issue.md")]
    (problem,) = check_pages(Printed((COVER, page), (), ONE), issue())
    assert "800 pixels" in (problem.hint or "")
    fine = replace(page, photographs=(Photograph(coarse.box, 200.0),))
    assert told((fine,)) == []


def test_holes_and_coarse_pictures_are_seen_on_real_pages(new_publication: Path) -> None:
    from PIL import Image

    from newsletter.publication import load_publication

    publication = load_publication(new_publication, {})
    folder = new_publication / "issues" / "x"
    folder.mkdir()
    Image.effect_noise((360, 200), 80).save(folder / "small.png")
    word = "\u2060".join("incomprehensibilities" * 3)
    text = f"We found that this is {word} and this {word} so to say. "
    (folder / "issue.md").write_text(
        f'---\ntitle: X\n---\n\n{text}\n\n![Noise](small.png "Noise")\n\nEnd.\n', "utf-8"
    )
    found = read(publication, "x").issue
    assert found is not None
    edition = render_print(found, publication)
    codes = {one.code for one in check_pages(printed_pages(edition.pdf, edition.area), found)}
    assert codes == {"print-loose-line", "print-picture-coarse"}


@pytest.mark.sample
@pytest.mark.parametrize("columns", [1, 2])
def test_the_real_sample_has_no_hole_no_lone_character_and_nothing_overfull(
    sample: Path, publication: Publication, columns: int
) -> None:
    found = read(publication, str(sample)).issue
    assert found is not None
    laid = replace(found, layout=Layout(columns, "a4"))
    edition = render_print(laid, publication)
    printed = printed_pages(edition.pdf, edition.area)
    gaps = [line.gap for page in printed.pages for line in page.lines if line.gap]
    assert len(gaps) > 400
    assert [str(problem) for problem in check_pages(printed, laid)] == []


@pytest.mark.parametrize("theme", ["starter", "magazine"])
def test_the_sample_issues_have_nothing_overfull_stranded_or_empty(
    publication: Publication, theme: str
) -> None:
    found = read(publication, "2026-10-zh").issue
    assert found is not None
    edition = render_print(replace(found, theme=theme), publication)
    printed = printed_pages(edition.pdf, edition.area)
    assert sum(len(page.lines) for page in printed.pages) > 300
    assert [one.title for one in printed.bookmarks if one.level == 0][1:] == [
        "研究前沿",
        "产业观察",
    ]
    assert [str(problem) for problem in check_pages(printed, found)] == []


def test_an_address_that_cannot_be_broken_is_found_on_a_real_page(
    new_publication: Path,
) -> None:
    from newsletter.publication import load_publication

    publication = load_publication(new_publication, {})
    folder = new_publication / "issues" / "x"
    folder.mkdir()
    word = "\u2060".join("unbreakable" * 9)
    (folder / "issue.md").write_text(f"---\ntitle: X\n---\n\nText.\n\n{word}\n", "utf-8")
    found = read(publication, "x").issue
    assert found is not None
    edition = render_print(found, publication)
    codes = [one.code for one in check_pages(printed_pages(edition.pdf, edition.area), found)]
    assert "print-overfull" in codes
