"""Running heads and feet: section, article and page on every page, and no line that could be taken for a sentence."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from newsletter.editions.page_images import opened
from newsletter.editions.print import render_print
from newsletter.editions.print_heads import is_name, names_beside, running_title
from newsletter.issues.reader import read_issue
from newsletter.model.issue import Issue, Layout
from newsletter.model.language import columns
from newsletter.publication import Publication, with_settings

LONG = "How a quiet group of retired engineers learned to read the water of their town"
SUBTITLED = "CRISPR in sickle cell disease: what the first hundred patients have told us since"
SHORT = "Nine ways in which the moss tells of the air, and how to ask it yourself"
WORDS = re.compile(r"[^\W\d_]{2,}")


@pytest.mark.parametrize(
    ("title", "running"),
    [
        ("The brook that reports its own nitrate", "The brook that reports its own nitrate"),
        (LONG, "How a quiet group of retired engineers learned…"),
        (SUBTITLED, "CRISPR in sickle cell disease"),
        (
            "Interview: what a registry of all patients has to offer",
            "Interview: what a registry of all patients…",
        ),
        (
            "Gene Therapy for Inherited Deafness Reaches Its Third Year in Trials",
            "Gene Therapy for Inherited Deafness Reaches Its Third Year in Trials",
        ),
        ("通用型 CAR-T 的三道关：来源、排异与成本", "通用型 CAR-T 的三道关：来源、排异与成本"),
        (
            "从实验室走到病床的那些年：" + "一种没有人看好的疗法怎样变成了常规" * 2,
            "从实验室走到病床的那些年",
        ),
        ("字" * 50, "字" * 35 + "…"),
        ("DNA" * 40, "DNA" * 23 + "DN…"),
    ],
)
def test_a_long_title_leaves_its_subtitle_then_its_last_words(title: str, running: str) -> None:
    assert running_title(title) == running
    assert is_name(running)
    assert columns(running) <= 72


def test_a_publication_leaves_its_date_then_its_place_to_the_section() -> None:
    name = "Letters from the river"
    both, alone = names_beside("Water", name, "3 October 2026")
    assert both.replace("\u2068", "").replace("\u2069", "") == f"{name} · 3 October 2026"
    assert alone == name
    assert names_beside("Fields and what grows", name, "3 October 2026") == []
    assert names_beside("Fields near us", name, "3 October 2026") == [name]


def issue_of_long_titles(folder: Path, layout: Layout, theme: str) -> Issue:
    sections = {"Water": (LONG, SUBTITLED), f"Everything we know about {LONG}": (SHORT,)}
    for number, (section, articles) in enumerate(sections.items()):
        part = folder / "issue" / f"0{number}-part"
        part.mkdir(parents=True)
        (part / "section.md").write_text(f"---\ntitle: {section}\n---\n")
        for nth, title in enumerate(articles):
            short = "short_title: Nine ways of moss\n" if title == SHORT else ""
            text = "Water runs down and tells where it has been. " * 160
            (part / f"0{nth}-one.md").write_text(f'---\ntitle: "{title}"\n{short}---\n\n{text}\n')
    (folder / "issue" / "issue.md").write_text(
        "---\ntitle: Heads\nlanguage: en\ndate: 2026-10-03\n---\n"
    )
    issue = read_issue(folder / "issue", default_language="en").issue
    assert issue is not None
    return replace(issue, layout=layout, theme=theme)


@pytest.mark.parametrize(("across", "theme"), [(1, "starter"), (2, "magazine")])
def test_heads_and_feet_of_any_titles_are_no_sentences(
    tmp_path: Path, publication: Publication, across: int, theme: str
) -> None:
    issue = issue_of_long_titles(tmp_path, Layout(columns=across), theme)
    named = with_settings(publication, name="The orchard review of fields and of waters")
    edition = render_print(issue, named)
    assert edition.problems == ()
    seen: list[tuple[str, str]] = []
    with opened(edition.pdf) as document:
        for number in range(1, len(document)):
            page = document[number]
            width, height = page.get_size()
            text = page.get_textpage()
            places = ((0, height - 62, width, height), (0, 0, width, 62))
            head, foot = (
                re.sub("[\u2068\u2069]", "", text.get_text_bounded(*place)) for place in places
            )
            assert foot.endswith(f"{number + 1} / {len(document)}")
            seen.append((head, foot))
            for line in (head, foot):
                words = WORDS.findall(line)
                assert len(words) < 8 or sum(word[0].islower() for word in words) < 4, line
    pages = "\n".join(head + "|" + foot for head, foot in seen)
    for line in (
        "3 October 2026 Water|How a quiet group of retired engineers learned… ",
        "3 October 2026 Water|CRISPR in sickle cell disease ",
        "\nEverything we know about How a quiet group…|Nine ways of moss ",
    ):
        assert line in pages


def test_an_advertisement_names_no_page(tmp_path: Path, publication: Publication) -> None:
    folder = tmp_path / "issue"
    folder.mkdir()
    (folder / "issue.md").write_text("---\ntitle: Ad\n---\n")
    for name, kind in (("01-water", "articles"), ("02-partner", "sponsor")):
        (folder / name).mkdir()
        (folder / name / "section.md").write_text(f"---\ntitle: {name[3:]}\nkind: {kind}\n---\n")
        (folder / name / "01.md").write_text(f"---\ntitle: About {name[3:]}\n---\nText.\n")
    issue = read_issue(folder, default_language="en").issue
    assert issue is not None
    edition = render_print(issue, publication)
    with opened(edition.pdf) as document:
        page = document[len(document) - 1]
        width, height = page.get_size()
        text = page.get_textpage()
        assert "About partner" in text.get_text_bounded()
        assert "water" in text.get_text_bounded(0, height - 62, width, height)
        assert "About water" in text.get_text_bounded(0, 0, width, 62)


def test_a_foot_does_not_say_what_the_head_says(tmp_path: Path, publication: Publication) -> None:
    part = tmp_path / "issue" / "01-water"
    part.mkdir(parents=True)
    (tmp_path / "issue" / "issue.md").write_text("---\ntitle: One\npublisher: The desk\n---\n")
    (part / "section.md").write_text("---\ntitle: Water\n---\n")
    (part / "01.md").write_text("---\ntitle: Water\n---\nText.\n")
    issue = read_issue(tmp_path / "issue", default_language="en").issue
    assert issue is not None
    with opened(render_print(issue, publication).pdf) as document:
        page = document[len(document) - 1]
        width, height = page.get_size()
        text = page.get_textpage()
        assert "Water" in text.get_text_bounded(0, height - 62, width, height)
        assert text.get_text_bounded(0, 0, width, 62).startswith("The desk")


def test_what_an_article_is_about_is_read_aloud_on_the_page_of_contents(
    tmp_path: Path, publication: Publication
) -> None:
    """Words that stand on a page are hidden from nobody: a paragraph of the entry, as PDF/UA lets it have."""
    folder = tmp_path / "issue"
    folder.mkdir()
    (folder / "issue.md").write_text("---\ntitle: Contents\n---\n")
    part = folder / "01-part"
    part.mkdir()
    (part / "section.md").write_text("---\ntitle: Part\n---\n")
    for number in range(3):
        (part / f"0{number}.md").write_text(
            f"---\ntitle: Piece {number}\nsubtitle: About it\n---\nText.\n"
        )
    issue = read_issue(folder, default_language="en").issue
    assert issue is not None
    edition = render_print(issue, publication)
    assert edition.problems == ()
    with pikepdf.open(io.BytesIO(edition.pdf)) as pdf:
        entries = [
            element
            for element in pdf.objects
            if isinstance(element, pikepdf.Dictionary) and element.get("/S") == "/TOCI"
        ]
        kinds = [
            [str(child.get("/S")) for child in entry.K if hasattr(child, "get")]
            for entry in entries
        ]
    assert kinds.count(["/Reference", "/P"]) == 3
