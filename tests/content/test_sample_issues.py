"""The sample issues are read without a problem and hold what they promise to show."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.issues.reader import read_issue
from newsletter.model.issue import Issue
from newsletter.model.measure import block_text, han_and_words
from newsletter.workflow import publications


def _issue(path: Path, language: str) -> Issue:
    reading = read_issue(path, default_language=language)
    assert [str(problem) for problem in reading.problems] == []
    assert reading.issue is not None
    return reading.issue


def test_the_chinese_sample_is_a_whole_issue(repository: Path) -> None:
    issue = _issue(repository / "issues" / "2026-10-zh", "zh-Hans")
    articles = [article for _, article in issue.articles()]
    characters = sum(han_and_words(block_text(article.blocks))[0] for article in articles)
    assert len(issue.sections) == 2
    assert len(articles) >= 6
    assert sum(len(article.figures) for article in articles) >= 10
    assert characters >= 6000


@pytest.mark.parametrize("slug", ["2026-10-zh", "2026-11-en"])
def test_every_picture_of_a_sample_issue_is_shown_in_it(repository: Path, slug: str) -> None:
    issue = _issue(repository / "issues" / slug, "en")
    folder = repository / "issues" / slug
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("figures/*")}
    assert files == set(issue.pictures)


def test_the_english_sample_shows_every_kind_of_section(repository: Path) -> None:
    issue = _issue(repository / "issues" / "2026-11-en", "zh-Hans")
    assert [section.kind for section in issue.sections] == [
        "lead",
        "articles",
        "briefs",
        "events",
        "sponsor",
    ]
    assert [article.slug for article in issue.sections[2].articles] == ["mesh", "strain", "survey"]


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_a_new_publication_has_a_first_issue_without_a_problem(
    tmp_path: Path, language: str
) -> None:
    publications.init(tmp_path, name="Anna's Letter", email="anna@example.com", language=language)
    issue = _issue(tmp_path / "issues" / "first-issue", language)
    assert issue.title == "Anna's Letter"
    assert len([article for _, article in issue.articles()]) == 2
