"""The print view's addresses: layouts that are only looked at, small pictures, the PDF, and keeping a layout."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from newsletter.publication import load_publication
from newsletter.web.studio.choice import Choice, choice_of
from newsletter.workflow.preview import PreviewDesk
from newsletter.workflow.shown import OWN, PrintLook

AT = "/studio/2026-05"
PREVIEW = "/preview/open/2026-05"


def test_a_layout_is_part_of_the_address_and_an_unknown_one_is_none() -> None:
    choice = choice_of("2026-05", {"columns": "2", "paper": "us-letter"})
    assert choice.look == PrintLook(2, "us-letter")
    assert "columns=2&paper=us-letter" in choice.address()
    assert choice_of("2026-05", {"columns": "3", "paper": "a0"}) == Choice("2026-05")


def test_pages_are_looked_at_in_another_layout_and_no_file_changes(
    preview: TestClient, orchard: Path
) -> None:
    files = {path: path.read_bytes() for path in (orchard / "issues").rglob("*.md")}
    own = preview.get(f"{PREVIEW}/pages/2026-05.pdf")
    two = preview.get(f"{PREVIEW}/pages/2026-05.pdf?columns=2&paper=us-letter")
    assert own.headers["content-type"] == two.headers["content-type"] == "application/pdf"
    assert re.search(rb"MediaBox ?\[0 0 595\.\d+ 841\.\d+\]", own.content)
    assert re.search(rb"MediaBox ?\[0 0 612(\.0)? 792(\.0)?\]", two.content)
    assert {path: path.read_bytes() for path in (orchard / "issues").rglob("*.md")} == files


def test_what_the_issue_is_anyway_is_not_chosen_apart_from_it(preview: TestClient) -> None:
    page = preview.get(f"{AT}?view=print&columns=1&paper=a4").text
    assert "Only looked at so" not in page
    assert 'data-look="columns=&amp;paper="' in page
    apart = preview.get(f"{AT}?view=print&columns=2").text
    assert "The issue itself is set in one column on A4." in apart
    assert 'data-look="columns=2&amp;paper="' in apart


def test_the_same_layout_is_typeset_once_whatever_it_is_called(orchard: Path) -> None:
    desk = PreviewDesk(orchard)
    own = desk.printing.pages("2026-05", OWN)
    assert desk.printing.pages("2026-05", PrintLook(1, "a4")) is own
    assert desk.printing.pages("2026-05", PrintLook(2)).version != own.version


def test_a_layout_that_is_kept_is_written_into_the_issue_and_can_be_taken_back(
    preview: TestClient, orchard: Path
) -> None:
    issue = orchard / "issues" / "2026-05" / "issue.md"
    before = issue.read_text()
    form = {"columns": "2", "paper": ""}
    headers = {"accept": "application/json", "origin": "http://127.0.0.1:8000"}
    done = preview.post(f"{AT}/do/layout", data=form, headers=headers)
    assert done.json() == {"ok": True}
    assert issue.read_text() == before.replace(
        "\n---\n\nDear", "\nlayout: {columns: 2}\n---\n\nDear"
    )
    assert "Only looked at so" not in preview.get(f"{AT}?view=print&columns=2").text
    preview.post(f"{AT}/do/undo", headers=headers)
    assert issue.read_text() == before


def test_a_layout_that_there_is_not_is_refused(preview: TestClient, orchard: Path) -> None:
    headers = {"accept": "application/json", "origin": "http://127.0.0.1:8000"}
    told = preview.post(f"{AT}/do/layout", data={"columns": "9"}, headers=headers)
    assert told.status_code == 409
    assert "columns cannot be 9" in told.json()["message"]


@pytest.mark.parametrize("width", ["120", "640"])
def test_pages_are_pictures_small_and_large(preview: TestClient, width: str) -> None:
    picture = preview.get(f"{PREVIEW}/pages/1.png?width={width}&columns=2")
    assert picture.headers["content-type"] == "image/png"
    assert int.from_bytes(picture.content[16:20], "big") == int(width)


@pytest.mark.parametrize("width", ["121", "x", "-1", "99999999999"])
def test_other_widths_are_not_drawn(preview: TestClient, width: str) -> None:
    assert preview.get(f"{PREVIEW}/pages/1.png?width={width}").status_code == 404


def test_the_strip_leads_to_every_page_without_scripts(preview: TestClient, orchard: Path) -> None:
    pages = load_pages(orchard)
    text = preview.get(f"{AT}?view=print").text
    for number in range(1, pages + 1):
        assert f'href="#page-{number}"' in text
        assert f'id="page-{number}"' in text


def test_the_first_three_pages_come_first_and_the_others_when_they_are_looked_at(
    preview: TestClient, orchard: Path
) -> None:
    article = orchard / "issues" / "2026-05" / "01-fruit" / "02-plums.md"
    filler = "\n\n".join(f"Filling number {n} of a long article. " * 14 for n in range(60))
    article.write_text(f"---\ntitle: Plums\n---\n\n{filler}\n")
    text = preview.get(f"{AT}?view=print").text
    large = re.findall(r'<li id="page-\d+"><img([^>]*?) alt=', text)
    small = re.findall(r'<a href="#page-\d+"[^>]*><img([^>]*?) alt=', text)
    assert len(large) == len(small) > 4
    assert ["lazy" in one for one in large] == [n >= 3 for n in range(len(large))]
    assert ["lazy" in one for one in small] == [n >= 3 for n in range(len(large))]


def load_pages(root: Path) -> int:
    assert load_publication(root, {}).settings.print.columns == 1
    return len(PreviewDesk(root).printing.pages("2026-05").sizes)
