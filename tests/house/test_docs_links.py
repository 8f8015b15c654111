"""The documentation leads somewhere: every relative link has its file, every anchor its heading."""

from __future__ import annotations

import re
from pathlib import Path

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
_FENCED = re.compile(r"^(?:    |```).*$|`[^`\n]*`", re.M)


def _pages(repository: Path) -> list[Path]:
    return [
        *repository.glob("*.md"),
        *repository.glob("docs/**/*.md"),
        *repository.glob("subscribers/*.md"),
    ]


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {
        re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings
    }


def test_every_link_of_the_documentation_leads_to_a_file_and_heading(repository: Path) -> None:
    broken = []
    links = 0
    for page in _pages(repository):
        for target, anchor in _LINK.findall(_FENCED.sub("", page.read_text(encoding="utf-8"))):
            links += 1
            file = (page.parent / target).resolve() if target else page
            if not file.exists() or (anchor and anchor not in _anchors(file)):
                broken.append(f"{page.relative_to(repository)}: {target}#{anchor}")
    assert links > 20
    assert broken == []


def test_the_index_of_the_documentation_names_every_page(repository: Path) -> None:
    index = (repository / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {
        page.relative_to(repository / "docs").as_posix()
        for page in (repository / "docs").glob("**/*.md")
    }
    assert sorted(page for page in pages - {"README.md"} if f"({page})" not in index) == []
