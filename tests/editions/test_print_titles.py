"""Where lines of titles and of code end."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest

from newsletter.checks.rules import check_pages
from newsletter.editions.page_lines import printed_pages
from newsletter.editions.print import render_print
from newsletter.issues.reader import read_issue
from newsletter.model.issue import Issue
from newsletter.publication import Publication

LONG = "Neue Donaudampfschifffahrtsgesellschaften"
LONGEST = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetzentwurf"
CODE = (
    "public String saveDto(UserDto userDto) {"
    + " " * 12
    + "userDto.setPassword(encoder.encode(userDto.getPassword()));"
)


def issue_of(folder: Path, head: str, titles: list[str], text: str = "Text.") -> Issue:
    """Each title over the section, over an article, under it and in it."""
    section = folder / "issue" / "01-part"
    section.mkdir(parents=True)
    (folder / "issue" / "issue.md").write_text(f"---\ntitle: {titles[0]}\n{head}\n---\n")
    (section / "section.md").write_text(f"---\ntitle: {titles[0]}\n---\n")
    for number, title in enumerate(titles):
        front = f"---\ntitle: {title}\nsubtitle: {title}\n---"
        body = f"{front}\n\n{text}\n\n## {title}\n\nMore.\n"
        (section / f"0{number}-one.md").write_text(body, encoding="utf-8")
    issue = read_issue(folder / "issue", default_language="en").issue
    assert issue is not None
    return issue


@pytest.mark.parametrize("theme", ["starter", "magazine"])
def test_no_line_of_a_title_ends_inside_of_a_term(
    tmp_path: Path, publication: Publication, theme: str
) -> None:
    """On the cover, in the contents, over section and article, in subtitles and headings, whatever the line's length."""
    begin = "The cells of every kind of the cells of"
    titles = [f"{begin[: 27 + length]} the CAR-T and then CAR-T" for length in range(9)]
    head = f"language: en\ntheme: {theme}\nlayout: {{ columns: 2 }}"
    document = pypdfium2.PdfDocument(
        render_print(issue_of(tmp_path, head, titles), publication).pdf
    )
    words = " ".join(page.get_textpage().get_text_range() for page in document)
    # Where a line ends in it, its hyphen is another sign, or a line's end stands behind it.
    assert words.count("CAR-T") == words.count("CAR") > 60


def test_no_line_of_a_title_or_of_code_is_too_long(
    tmp_path: Path, publication: Publication
) -> None:
    """A word that has a line of its own goes there, whatever that does to the line before it."""
    issue = issue_of(tmp_path, "language: de", [LONG, LONGEST], f"```\n{CODE}\n```")
    edition = render_print(issue, publication)
    told = check_pages(printed_pages(edition.pdf, edition.area), issue)
    assert [problem.message for problem in told if problem.code == "print-overfull"] == []
