"""The print edition as a PDF: whole, right, accessible, the same twice, and deaf to what an author injects."""

from __future__ import annotations

import io
import os
import re
import resource
import struct
import subprocess
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pdfua
import pikepdf
import pypdfium2
import pytest

from newsletter.editions.page_images import opened
from newsletter.editions.page_lines import printed_pages
from newsletter.editions.print import _lay_stage, render_print
from newsletter.editions.print_engine import Limits
from newsletter.editions.print_room import close_room
from newsletter.issues.reader import read_issue
from newsletter.model.blocks import Doi, Paragraph, block_inlines
from newsletter.model.edition import PrintEdition
from newsletter.model.inlines import Link, Text, walk
from newsletter.model.issue import Issue, Layout, Medium, Treatment
from newsletter.problems import ContentError
from newsletter.publication import Publication, load_publication, with_settings

INJECTIONS = [
    '#read("/etc/passwd")',
    "] $x^2$ #panic() @ref <label> *not bold* _not italic_",
    '"; #import "@preview/x:0.1.0": * //',
    "\\u{41} = Heading - list + enum / term: https://",
]


ENDLESS = (
    "#for a in range(9000) { for b in range(9000) { for c in range(9000) { let d = a + b } } }"
)


def read(path: Path, language: str = "en") -> Issue:
    issue = read_issue(path, default_language=language).issue
    assert issue is not None
    return issue


def lone(folder: Path, text: str, language: str = "en") -> Issue:
    file = folder / "2026-11-01.md"
    file.write_text(text, encoding="utf-8")
    return read(file, language)


def words_of(pdf: bytes, page: int | None = None) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        numbers = range(len(document)) if page is None else [page]
        texts = []
        for number in numbers:
            sheet = document[number]
            text = sheet.get_textpage()
            texts.append(text.get_text_bounded())
            text.close()
            sheet.close()
        return "\n".join(texts)
    finally:
        document.close()


def letters(text: str) -> str:
    """Without what setting in lines changes: spaces, breaks, soft hyphens."""
    return re.sub(r"[\s\u00ad\u200b\ufffe\x02-]+", "", text)


@pytest.fixture(scope="module")
def english_issue(repository: Path) -> Issue:
    """Every feature of the format once."""
    return read(repository / "issues" / "2026-11-en")


@pytest.fixture(scope="module")
def english(english_issue: Issue, publication: Publication) -> PrintEdition:
    return render_print(english_issue, publication)


@pytest.fixture(scope="module")
def chinese(repository: Path, publication: Publication) -> PrintEdition:
    return render_print(read(repository / "issues" / "2026-10-zh", "zh-Hans"), publication)


@pytest.fixture(scope="module", params=["english", "chinese"])
def edition(request: pytest.FixtureRequest) -> PrintEdition:
    found: PrintEdition = request.getfixturevalue(request.param)
    return found


def test_the_sample_issues_print_without_a_problem(edition: PrintEdition) -> None:
    assert edition.problems == ()


def test_qpdf_finds_nothing_wrong(edition: PrintEdition, qpdf: str, tmp_path: Path) -> None:
    path = tmp_path / "print.pdf"
    path.write_bytes(edition.pdf)
    done = subprocess.run([qpdf, "--check", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pdfua_finds_no_error(edition: PrintEdition, tmp_path: Path) -> None:
    path = tmp_path / "print.pdf"
    path.write_bytes(edition.pdf)
    report = pdfua.validate(path)
    assert [str(finding) for finding in report.findings] == []


def assert_in_reading_order(issue: Issue, pdf: bytes) -> None:
    """The first words of each paragraph follow each other as they were written; DOIs are whole."""
    printed = words_of(pdf)
    assert not re.search("[\u200b\u2060]", printed), "signs that nobody typed and nobody sees"
    text, at, seen = letters(printed), 0, 0
    for _, article in issue.articles():
        if article.treatments.get(Medium.PRINT, Treatment.FULL) is not Treatment.FULL:
            continue
        for block in article.blocks:
            if isinstance(block, Paragraph) and isinstance(block.children[0], Text):
                begins = letters(block.children[0].text)[:10]
                at = text.find(begins, at)
                assert at >= 0, (article.title, begins)
                seen += 1
            elif isinstance(block, Doi):
                assert block.doi in re.sub(r"[\r\n]", "", printed), block.doi
    assert seen > 10


def test_copied_text_is_in_reading_order_with_whole_dois(
    english_issue: Issue, english: PrintEdition, chinese: PrintEdition, repository: Path
) -> None:
    assert_in_reading_order(english_issue, english.pdf)
    assert_in_reading_order(read(repository / "issues" / "2026-10-zh", "zh-Hans"), chinese.pdf)


def test_copied_text_of_the_magazine_in_two_columns_is_in_reading_order(
    repository: Path, publication: Publication
) -> None:
    issue = read(repository / "issues" / "2026-10-zh", "zh-Hans")
    issue = replace(issue, theme="magazine", layout=Layout(2, "us-letter"))
    pdf = render_print(issue, publication).pdf
    assert_in_reading_order(issue, pdf)
    words = words_of(pdf)
    assert "CAR-T" in words
    assert not re.search(r"CAR-\s", words)


def test_time_and_pages_grow_with_the_text_and_not_faster(
    tmp_path: Path, publication: Publication
) -> None:
    """Five hundred pages are printed as pages are, one after another."""
    words = "Cells that were frozen on Monday were alive on Friday, which nobody had expected. " * 6
    body = "\n\n".join(f"{words}{number}." for number in range(650))

    def spent(paragraphs: int) -> tuple[int, float]:
        text = "\n\n".join(body.split("\n\n")[:paragraphs])
        folder = tmp_path / str(paragraphs)
        folder.mkdir()
        issue = read(_folder(folder, [f"---\ntitle: A\n---\n\n{text}"] * 5))
        close_room()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        pages = render_print(issue, publication).pages
        close_room()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return pages, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    few, quick = spent(60)
    many, slow = spent(650)
    assert many > 500, (few, quick, many, slow)
    assert slow / many < 1.5 * quick / few, (few, quick, many, slow)


@pytest.mark.parametrize("theme", ["starter", "magazine"])
def test_after_an_edit_only_what_changed_is_set_anew(
    tmp_path: Path, publication: Publication, theme: str
) -> None:
    """A style that holds the issue would make every line another: then this costs what a first print costs."""
    words = "Cells that were frozen on Monday were alive on Friday, which nobody had expected. " * 6
    body = "\n\n".join(f"{words}{number}." for number in range(120))
    folder = _folder(tmp_path, [f"---\ntitle: A\n---\n\n{body}"] * 3)
    issue = replace(read(folder), theme=theme)
    (folder / "01-news" / "02-a.md").write_text(f"---\ntitle: A\n---\n\nNew. {body}")
    edited = replace(read(folder), theme=theme)

    def spent(*issues: Issue) -> float:
        close_room()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        for one in issues:
            render_print(one, publication)
        close_room()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    first = spent(issue)
    assert spent(issue, edited) - first < 0.6 * first


def _folder(folder: Path, articles: list[str]) -> Path:
    (folder / "issue.md").write_text("---\ntitle: Long\n---\n")
    (folder / "01-news").mkdir()
    (folder / "01-news" / "section.md").write_text("---\ntitle: News\n---\n")
    for number, text in enumerate(articles, 1):
        (folder / "01-news" / f"{number:02}-a.md").write_text(text)
    return folder


def test_it_says_who_what_and_in_which_language_it_is(chinese: PrintEdition) -> None:
    with pikepdf.open(io.BytesIO(chinese.pdf)) as pdf:
        assert len(pdf.pages) == chinese.pages
        assert str(pdf.Root.Lang) == "zh-CN"
        assert bool(pdf.Root.MarkInfo.Marked)
        with pdf.open_metadata() as about:
            assert about["dc:title"].startswith("晨曦生物观察")
            assert about["dc:creator"] == ["晨曦生物观察编辑部"]
            assert about["dc:description"]
            assert about["pdfuaid:part"] == "1"
            assert about["pdfaid:part"] == "2"
            assert about["pdfaid:conformance"] == "A"
            assert about["xmp:CreateDate"].startswith("2026-10-")


def test_every_font_is_embedded_and_none_is_drawn_by_procedures(edition: PrintEdition) -> None:
    with pikepdf.open(io.BytesIO(edition.pdf)) as pdf:
        fonts = [
            o
            for o in pdf.objects
            if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/Font"
        ]
        composite = [font for font in fonts if font.Subtype == "/Type0"]
        assert composite
        assert {str(font.Subtype) for font in fonts} <= {"/Type0", "/CIDFontType2", "/CIDFontType0"}
        for font in composite:
            assert re.match(r"/[A-Z]{6}\+Noto", str(font.BaseFont))
            assert "/ToUnicode" in font
            assert "/FontFile2" in font.DescendantFonts[0].FontDescriptor


def test_the_outline_holds_every_section_and_article(
    english: PrintEdition, english_issue: Issue
) -> None:
    with pikepdf.open(io.BytesIO(english.pdf)) as pdf, pdf.open_outline() as outline:
        sections = {
            entry.title: [child.title for child in entry.children] for entry in outline.root
        }
    for section in english_issue.sections:
        articles = [
            article.title
            for article in section.articles
            if article.treatments.get(Medium.PRINT) is not Treatment.OMIT
        ]
        assert [title for title in sections[section.title] if title in articles] == articles


def test_the_numbers_on_the_contents_page_are_where_the_outline_leads(
    edition: PrintEdition,
) -> None:
    contents = letters(words_of(edition.pdf, 1))
    entries = list(outline_pages(edition.pdf))
    assert len(entries) > 5
    for title, page in entries:
        assert re.search(re.escape(letters(title)) + r"\.*" + str(page) + r"(?!\d)", contents), (
            title
        )


def outline_pages(pdf: bytes) -> list[tuple[str, int]]:
    """Title and printed page number of sections and articles."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [
            (mark.get_title(), mark.get_dest().get_index() + 1)
            for mark in document.get_toc(max_depth=2)
        ]
    finally:
        document.close()


def test_every_link_of_the_issue_is_a_link_in_the_pdf(
    english: PrintEdition, english_issue: Issue
) -> None:
    found = web_links(english.pdf)
    assert set(links_of(english_issue)) <= found
    assert all(url.startswith(("http://", "https://", "mailto:", "tel:")) for url in found)
    assert not any("{{" in url for url in found)


def web_links(pdf: bytes) -> set[str]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        actions = [note.get("/A") for page in document.pages for note in page.get("/Annots", ())]
        return {str(action.URI) for action in actions if action is not None and "/URI" in action}


def links_of(issue: Issue) -> Iterator[str]:
    """Every web address that the printed articles link to, in text, references and further reading."""
    for _, article in issue.articles():
        if article.treatments.get(Medium.PRINT, Treatment.FULL) is not Treatment.FULL:
            continue
        yield from (link.url for link in article.links)
        yield from (entry.address for entry in article.references if entry.address)
        for block in article.all_blocks():
            if isinstance(block, Doi):
                yield block.url
            for inlines in block_inlines(block):
                for inline in walk(inlines):
                    if isinstance(inline, Link) and inline.url.startswith("http"):
                        yield inline.url


def test_no_page_is_blank(edition: PrintEdition) -> None:
    for number in range(edition.pages):
        assert len(letters(words_of(edition.pdf, number))) > 60, f"page {number + 1}"


def test_nothing_stands_outside_the_type_area(edition: PrintEdition) -> None:
    """Overfull lines would: every character lies between the margins, give or take hanging punctuation."""
    document = pypdfium2.PdfDocument(edition.pdf)
    try:
        for number in range(1, len(document)):
            sheet = document[number]
            text = sheet.get_textpage()
            boxes = [text.get_charbox(n) for n in range(text.count_chars())]
            width = sheet.get_width()
            left = min(box[0] for box in boxes if box[2] > box[0])
            right = max(box[2] for box in boxes if box[2] > box[0])
            assert left > width * 0.135, f"page {number + 1}"
            assert right < width * 0.865, f"page {number + 1}"
            text.close()
            sheet.close()
    finally:
        document.close()


def test_two_columns_and_letter_paper_are_settings(
    english_issue: Issue, english: PrintEdition, publication: Publication
) -> None:
    issue = replace(english_issue, layout=Layout(2, "us-letter"))
    edition = render_print(issue, publication)
    with pikepdf.open(io.BytesIO(edition.pdf)) as pdf:
        assert [float(n) for n in pdf.pages[0].mediabox] == pytest.approx([0, 0, 612, 792], abs=0.1)
    assert edition.pages < english.pages
    assert edition.problems == ()


def test_the_same_issue_gives_the_same_bytes(
    english_issue: Issue, english: PrintEdition, publication: Publication
) -> None:
    assert render_print(english_issue, publication).pdf == english.pdf


@pytest.mark.parametrize("injection", INJECTIONS)
def test_what_looks_like_template_source_is_printed_as_it_stands(
    injection: str, tmp_path: Path, publication: Publication
) -> None:
    body = "".join("\\" + c if c in "\\`*_[]<>#$-+=&" else c for c in injection)
    issue = lone(tmp_path, f"---\ntitle: '{injection}'\n---\n\nBefore {body} after.\n")
    edition = render_print(issue, publication)
    printed = letters(words_of(edition.pdf))
    assert letters(injection) in printed.split(letters("Before"))[-1]
    assert "root:x" not in printed


def test_rare_surnames_and_symbols_print_in_text_and_headings(
    tmp_path: Path, publication: Publication
) -> None:
    signs = "α β γ Ⅱ ① ℃ ≥ 邴 禤"
    issue = lone(
        tmp_path,
        f"---\ntitle: {signs}\n---\n\n## {signs}\n\n{signs} **{signs}**\n\n### {signs}\n\n{signs}\n",
        "zh-Hans",
    )
    edition = render_print(issue, publication)
    assert edition.problems == ()
    printed = letters(words_of(edition.pdf))
    # On the cover, in the section's band, in text, bold, in a heading, in text.
    assert printed.count(letters(signs)) >= 6


def test_a_character_without_a_font_is_told_and_never_fatal(
    tmp_path: Path, publication: Publication
) -> None:
    issue = lone(tmp_path, "---\ntitle: 姓\ue001\n---\n\n他姓\ue001。\n", "zh-Hans")
    edition = render_print(issue, publication)
    assert [problem.code for problem in edition.problems] == ["missing-glyph"]
    assert "姓〓" in letters(words_of(edition.pdf))


def test_arabic_reads_from_the_right(tmp_path: Path, publication: Publication) -> None:
    text = f"---\ntitle: نشرة\nlanguage: ar\n---\n\n{'العلاج هو CAR-T نهج جديد جدًا. ' * 9}\n"
    edition = render_print(lone(tmp_path, text, "ar"), publication)
    assert edition.problems == ()
    left, right = edition.area.columns[0]
    _, first, second, *_ = printed_pages(edition.pdf, edition.area).pages[1].lines
    # PDFium tells each sign of such a text by itself: they are found to be whole lines, each with its widest space.
    for line in (first, second):
        assert line.box.left - left < 4
        assert right - line.box.right < 4
        assert 0 < line.gap < 12
    # No letter is put together from a bare shape and its dots, which would be copied as other letters.
    assert first.text.startswith("العلاج هو")
    assert "نهج جديد" in first.text
    with pikepdf.open(io.BytesIO(edition.pdf)) as pdf:
        assert str(pdf.Root.Lang) == "ar"
        assert str(pdf.Root.ViewerPreferences.Direction) == "/R2L"


@pytest.mark.parametrize("columns", [1, 2])
def test_a_long_chinese_title_is_broken_at_its_mark_and_leaves_no_word_alone(
    tmp_path: Path, publication: Publication, columns: int
) -> None:
    title = "Nature | 创新尝试：首次在人体淋巴结中培育'微型肝脏'"
    part = tmp_path / "issue" / "01-part"
    part.mkdir(parents=True)
    (part / "section.md").write_text("---\ntitle: 动态\n---\n", encoding="utf-8")
    (part / "01-one.md").write_text(f'---\ntitle: "{title}"\n---\n\n正文。\n', encoding="utf-8")
    (tmp_path / "issue" / "issue.md").write_text(
        "---\ntitle: 刊\nlanguage: zh-Hans\ntheme: magazine\n---\n", encoding="utf-8"
    )
    issue = replace(read(tmp_path / "issue", "zh-Hans"), layout=Layout(columns=columns))
    edition = render_print(issue, publication)
    rows = [
        line.text
        for page in printed_pages(edition.pdf, edition.area).pages[1:]
        for line in page.lines
    ]
    first = next(at for at, row in enumerate(rows) if row.startswith("Nature"))
    assert rows[first].endswith("创新尝试：")
    following = rows[first + 1 : rows.index("正文。")]
    assert letters("".join(following)) == letters(title.partition("：")[2])
    assert min(map(len, following)) > 6


def test_a_latin_name_keeps_its_place_in_an_arabic_running_head(
    tmp_path: Path, publication: Publication
) -> None:
    text = "---\ntitle: نشرة\nlanguage: ar\ndate: 2026-12-01\n---\n\nالعلاج هو نهج جديد.\n"
    named = with_settings(publication, name="Dawn Review")
    edition = render_print(lone(tmp_path, text, "ar"), named)
    with opened(edition.pdf) as document:
        words, height = document[1].get_textpage(), document[1].get_height()
        head = [
            (words.get_charbox(n)[0], words.get_text_range(n, 1))
            for n in range(words.count_chars())
            if words.get_charbox(n)[1] > height - 70
        ]
    name = min(left for left, sign in head if sign == "D")
    # A number after a Latin name would join it, and stand on the other side of it than its month.
    assert all(left < name for left, sign in head if sign in "1026")
    assert any(sign == "6" for _, sign in head)


def test_many_sections_without_articles_fill_their_page_of_contents_and_share_no_number_of_a_note(
    tmp_path: Path, publication: Publication
) -> None:
    """Rows that each stay with the next would all go to a later page together; notes “1” of two of them to one."""
    folder = tmp_path / "issue"
    folder.mkdir()
    (folder / "issue.md").write_text("---\ntitle: Many\n---\n")
    for number in range(40):
        text = f"Text.[^1]\n\n[^1]: Said {number}."
        (folder / f"{number:02}-part.md").write_text(f"---\ntitle: Part {number}\n---\n\n{text}\n")
    issue = read_issue(folder, default_language="en").issue
    assert issue is not None
    pdf = render_print(issue, publication).pdf
    rows = [len(re.findall(r"Part \d+", words_of(pdf, page))) for page in (1, 2, 3)]
    assert rows[0] >= 20
    assert rows[1] >= 15
    notes = re.findall(r"(\d+)Said (\d+)", words_of(pdf))
    assert len(notes) == 40
    assert all(int(mark) == int(number) + 1 for mark, number in notes)


def test_a_table_that_is_higher_than_the_page_goes_on_on_the_next(
    tmp_path: Path, publication: Publication
) -> None:
    """Of few rows, too: one that stayed whole would stand over the page's foot, its rows over each other."""
    cells = "\n".join(f"| row {n} | {n} | {'A sentence of a long cell. ' * 50} |" for n in range(4))
    text = f"---\ntitle: T\nlanguage: en\n---\n\n| Name | No. | What |\n|-|-|-|\n{cells}\n"
    edition = render_print(lone(tmp_path, text), with_settings(publication, language="en"))
    pages = printed_pages(edition.pdf, edition.area).pages
    assert all(f"row {number}" in words_of(edition.pdf, 1) for number in range(3))
    assert len(pages) == 3
    assert (
        min(line.box.bottom for page in pages[1:] for line in page.lines) > edition.area.bottom - 3
    )


def test_a_link_to_what_is_not_printed_leads_to_the_web_edition_and_is_told(
    tmp_path: Path, publication: Publication
) -> None:
    folder = tmp_path / "issue"
    folder.mkdir()
    (folder / "issue.md").write_text("---\ntitle: T\n---\n")
    part = folder / "01-news"
    part.mkdir()
    (part / "section.md").write_text("---\ntitle: News\n---\n")
    (part / "01-a.md").write_text("---\ntitle: A\n---\n\nSee [the other](02-b.md).\n")
    (part / "02-b.md").write_text("---\ntitle: B\nprint: omit\n---\n\nOnly on the web.\n")
    issue = read_issue(folder, default_language="en").issue
    assert issue is not None
    edition = render_print(issue, publication)
    assert [(one.code, one.source.file) for one in edition.problems] == [
        ("print-link-web", "01-news/01-a.md")
    ]
    assert f"{publication.issue_url(issue.slug)}#news-b" in web_links(edition.pdf)


def test_every_link_inside_the_pdf_has_a_page_to_lead_to(edition: PrintEdition) -> None:
    with pikepdf.open(io.BytesIO(edition.pdf)) as pdf:
        pages = {page.obj.objgen for page in pdf.pages}
        inside = [
            note.A.D if "/A" in note and "/D" in note.A else note.get("/Dest")
            for page in pdf.pages
            for note in page.get("/Annots", ())
            if str(note.get("/Subtype")) == "/Link" and "/URI" not in note.get("/A", {})
        ]
        names = pikepdf.NameTree(pdf.Root.Names.Dests)
        assert len(inside) > 10
        for place in inside:
            if isinstance(place, pikepdf.Array):
                assert place[0].objgen in pages
            else:
                assert names[str(place)][0].objgen in pages


def test_a_lone_text_is_printed_under_its_title(tmp_path: Path, publication: Publication) -> None:
    edition = render_print(lone(tmp_path, "---\ntitle: Alone\n---\n\nOnly text.\n"), publication)
    assert edition.pages == 2
    assert re.search(r"Alone\s+Only text\.", words_of(edition.pdf, 1))


def test_a_picture_that_is_missing_leaves_a_labelled_box(
    tmp_path: Path, publication: Publication
) -> None:
    issue = lone(
        tmp_path, '---\ntitle: T\n---\n\nText.\n\n![A heron](heron.png "The heron")\n\nMore.\n'
    )
    printed = words_of(render_print(issue, publication).pdf)
    assert "Missing picture" in printed
    assert "A heron" in printed


def test_the_stage_holds_no_link_even_when_a_theme_does(tmp_path: Path, repository: Path) -> None:
    root = tmp_path / "publication"
    theme = root / "templates" / "print" / "own"
    theme.mkdir(parents=True)
    (root / "newsletter.toml").write_text(
        'name = "T"\ntheme = "own"\n[sender]\nemail = "a@b.example"\n'
    )
    (theme / "secret.typ").symlink_to("/etc/passwd")
    (theme / "folder").symlink_to("/etc")
    stage = tmp_path / "stage"
    _lay_stage(stage, load_publication(root, {}), "", {}, {})
    laid = [
        Path(folder) / name
        for folder, folders, files in os.walk(stage)
        for name in (*folders, *files)
    ]
    assert stage / "issue.typ" in laid
    assert not [path for path in laid if path.is_symlink() or "secret" in path.name]


def test_a_template_cannot_read_outside_the_stage(tmp_path: Path) -> None:
    publication = own_theme(tmp_path, '#read("/etc/passwd")')
    with pytest.raises(ContentError) as caught:
        render_print(lone(tmp_path, "---\ntitle: T\n---\n\nText.\n"), publication)
    (problem,) = caught.value.problems
    assert str(tmp_path) not in str(problem)
    assert "root:x" not in str(problem)


def test_a_mistake_in_a_theme_is_told_with_its_line_and_no_path_of_this_machine(
    tmp_path: Path,
) -> None:
    publication = own_theme(tmp_path, "#set text(lang: 5)", before="// a comment\n\n")
    with pytest.raises(ContentError) as caught:
        render_print(lone(tmp_path, "---\ntitle: T\n---\n\nText.\n"), publication)
    (problem,) = caught.value.problems
    assert problem.code == "print-template"
    assert (problem.source.file, problem.source.line) == ("templates/print/own/issue.typ", 3)
    assert "/tmp" not in str(problem)


def test_a_template_that_never_ends_is_stopped_by_the_clock(tmp_path: Path) -> None:
    publication = own_theme(tmp_path, ENDLESS)
    issue = lone(tmp_path, "---\ntitle: T\n---\n\nText.\n")
    with pytest.raises(ContentError) as caught:
        render_print(issue, publication, limits=Limits(clock=2.0))
    assert [problem.code for problem in caught.value.problems] == ["print-limit"]


def test_a_template_that_eats_processor_time_or_memory_is_stopped_by_the_kernel(
    tmp_path: Path,
) -> None:
    publication = own_theme(tmp_path, ENDLESS)
    issue = lone(tmp_path, "---\ntitle: T\n---\n\nText.\n")
    with pytest.raises(ContentError) as caught:
        render_print(issue, publication, limits=Limits(processor=1, clock=30.0))
    assert [problem.code for problem in caught.value.problems] == ["print-limit"]
    greedy = own_theme(tmp_path, '#let s = "x" * 1000000\n#for i in range(40) { s = s + s }\n#s')
    with pytest.raises(ContentError) as caught:
        render_print(issue, greedy, limits=Limits(memory=700 * 1024**2, clock=30.0))
    assert [problem.code for problem in caught.value.problems] == ["print-limit"]


def test_a_pdf_that_cannot_be_accessible_is_printed_all_the_same_and_told(tmp_path: Path) -> None:
    drawing = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"
    publication = own_theme(
        tmp_path, f'#set document(title: "T")\n#image(bytes("{drawing}"))\nText'
    )
    edition = render_print(lone(tmp_path, "---\ntitle: T\n---\n\nText.\n"), publication)
    (problem,) = edition.problems
    assert problem.code == "print-standard"
    assert "alt" in problem.message
    assert edition.pages == 1


def test_a_theme_may_replace_one_file_and_leave_the_rest(tmp_path: Path) -> None:
    publication = own_theme(tmp_path, "")
    theme = publication.root / "templates" / "print" / "own"
    (theme / "issue.typ").unlink()
    (theme / "parts").mkdir()
    (theme / "parts" / "cover.typ").write_text("#let cover = [Our own cover #pagebreak()]\n")
    edition = render_print(lone(tmp_path, "---\ntitle: T\n---\n\nThe text.\n"), publication)
    assert "Our own cover" in words_of(edition.pdf, 0)
    assert "The text." in words_of(edition.pdf)


def own_theme(folder: Path, source: str, before: str = "") -> Publication:
    root = folder / "publication"
    theme = root / "templates" / "print" / "own"
    theme.mkdir(parents=True, exist_ok=True)
    (root / "newsletter.toml").write_text(
        'name = "T"\ntheme = "own"\n[sender]\nemail = "a@b.example"\n'
    )
    (theme / "issue.typ").write_text(before + source)
    return load_publication(root, {})


@pytest.mark.sample
@pytest.mark.parametrize("columns", [1, 2])
def test_the_real_sample_prints_whole(sample: Path, publication: Publication, columns: int) -> None:
    issue = replace(read(sample, "zh-Hans"), layout=Layout(columns, "a4"))
    edition = render_print(issue, publication)
    assert edition.problems == ()
    titles = [article.title for _, article in issue.articles()]
    assert len(titles) == 8
    with pikepdf.open(io.BytesIO(edition.pdf)) as pdf, pdf.open_outline() as outline:
        printed = [child.title for section in outline.root for child in section.children]
        streams = [o for o in pdf.objects if isinstance(o, pikepdf.Stream)]
        pictures = [stream for stream in streams if stream.get("/Subtype") == "/Image"]
    assert list(map(letters, printed)) == list(map(letters, titles))
    assert_in_reading_order(issue, edition.pdf)
    # One is on the cover as well, larger where columns are narrow.
    assert len(pictures) in (34, 35)
    assert set(links_of(issue)) <= web_links(edition.pdf)


def test_a_picture_that_only_the_engine_finds_broken_is_told_and_leaves_a_box(
    tmp_path: Path, publication: Publication
) -> None:
    """Its check sums are right and its pixels are missing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 90, 90, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"no pixels")) + chunk(b"IEND", b"")
    (tmp_path / "hollow.png").write_bytes(b"\x89PNG\r\n\x1a\n" + head + body)
    issue = lone(tmp_path, '---\ntitle: A\n---\n\nText.\n\n![A picture](hollow.png "It")\n')
    edition = render_print(issue, publication)
    assert [problem.code for problem in edition.problems] == ["picture-unreadable"]
    assert letters("A picture") in letters(words_of(edition.pdf))


def test_an_archive_gets_pdf_a_1b_whose_outline_holds_its_targets(
    english_issue: Issue, publication: Publication, qpdf: str, tmp_path: Path
) -> None:
    printing = msgspec.structs.replace(publication.settings.print, standard="pdf-a-1b")
    settings = msgspec.structs.replace(publication.settings, print=printing)
    edition = render_print(english_issue, replace(publication, settings=settings))
    path = tmp_path / "print.pdf"
    path.write_bytes(edition.pdf)
    assert subprocess.run([qpdf, "--check", str(path)], capture_output=True).returncode == 0
    with pikepdf.open(path) as pdf:
        assert pdf.pdf_version == "1.4"
        assert len(pdf.pages) == edition.pages
        with pdf.open_metadata() as about:
            assert (about["pdfaid:part"], about["pdfaid:conformance"]) == ("1", "B")
        entry = pdf.Root.Outlines.First
        assert entry.Dest.objgen == (0, 0)
    assert edition.problems == ()
    assert len(list(outline_pages(edition.pdf))) > 5
