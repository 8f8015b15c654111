"""The outline: the issue's files in reading order, with what each costs in the mail and what is wrong in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from newsletter.model.edition import EmailEdition
from newsletter.model.issue import Article, Issue
from newsletter.problems import Problem, Severity


@dataclass(frozen=True, slots=True)
class Row:
    """`kind` is issue, section or article. `size` is bytes of the mail; `shown` how much of the article the
    mail has, empty for all of it. `cut` says that a mail client that clips would hide it."""

    kind: str
    title: str
    file: str
    errors: int = 0
    warnings: int = 0
    size: int = 0
    shown: str = ""
    cut: bool = False
    part: str = ""
    """What moving and putting away call it: an article's file, a section's folder (or file)."""


def outline_of(
    issue: Issue, email: EmailEdition | None, problems: tuple[Problem, ...], cut: frozenset[str]
) -> tuple[Row, ...]:
    """`cut` are the anchors of the articles behind the place where a client clips."""
    counts = _Counts(problems)
    sizes = dict(email.article_bytes) if email else {}
    shown = {one.anchor: str(one.shown) for one in email.cuts} if email else {}
    rows = [Row("issue", "Issue and letter", issue.source.file, *counts.of(issue.source.file))]
    for section in issue.sections:
        total = sum(sizes.get(article.anchor, 0) for article in section.articles)
        file = section.source.file
        rows.append(
            Row("section", section.title, file, *counts.of(file), total, part=_section_part(file))
        )
        for article in section.articles:
            rows.append(_article(article, counts, sizes, shown, article.anchor in cut))
    return tuple(rows)


def titles_of(rows: tuple[Row, ...], letter: str) -> dict[str, str]:
    """What each file is called: by the first of its rows; that of the issue itself is the `letter`."""
    return {row.file: letter if row.kind == "issue" else row.title for row in reversed(rows)}


def _article(
    article: Article, counts: _Counts, sizes: dict[str, int], shown: dict[str, str], cut: bool
) -> Row:
    file, anchor = article.source.file, article.anchor
    numbers = counts.of(file)
    return Row(
        "article",
        article.title,
        file,
        *numbers,
        sizes.get(anchor, 0),
        shown.get(anchor, ""),
        cut,
        part=file,
    )


def _section_part(file: str) -> str:
    """`01-news/section.md` → `01-news`; a section in one file is that file."""
    return file.rpartition("/")[0] or file


class _Counts:
    """Errors and warnings of a file, told once: articles of a single file share it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self._errors = _files(problems, Severity.ERROR)
        self._warnings = _files(problems, Severity.WARNING)

    def of(self, file: str) -> tuple[int, int]:
        return self._errors.pop(file, 0), self._warnings.pop(file, 0)


def _files(problems: tuple[Problem, ...], severity: Severity) -> Counter[str]:
    return Counter(problem.source.file for problem in problems if problem.severity is severity)
