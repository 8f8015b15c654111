"""The page of one issue: its outline with sizes, one view of its editions, and the list of problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import HTMLResponse

from newsletter.model.edition import EmailEdition
from newsletter.model.issue import Issue
from newsletter.problems import Problem, Severity, in_order
from newsletter.web.views import page
from newsletter.workflow.preview import PreviewDesk

VIEWS = ("email", "text", "web", "print", "source")
CLIP = 102_400
"""Bytes of html that Gmail shows."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the outline. `size` is bytes of the mail; `shown` how much of the article the mail has."""

    title: str
    section: bool
    file: str
    errors: int = 0
    warnings: int = 0
    size: int = 0
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Meter:
    """The mail's size on a bar that ends at what Gmail shows, or at the mail's own size where that is more."""

    size: int
    budget: int
    clip: int = CLIP

    @property
    def whole(self) -> int:
        return max(self.size, self.clip)

    @property
    def over(self) -> bool:
        return self.size > self.budget


def issue_page(desk: PreviewDesk, slug: str, view: str, query: Mapping[str, str]) -> HTMLResponse:
    shown = desk.shown(slug)
    pages = desk.pages(slug) if view == "print" else desk.known_pages(slug)
    problems = in_order((*shown.problems, *(pages.problems if pages else ())))
    message = desk.message(slug) if view == "source" else None
    return page(
        "issue",
        publication=desk.publication,
        shown=shown,
        view=view,
        views=VIEWS,
        scheme=query.get("scheme", "") if query.get("scheme") in ("light", "dark") else "light",
        outline=_outline(shown.issue, shown.email, problems),
        meter=Meter(shown.email.html_bytes, shown.email.budget) if shown.email else None,
        problems=problems,
        errors=_count(problems, Severity.ERROR),
        warnings=_count(problems, Severity.WARNING),
        pages=pages,
        pdf=f"{shown.issue.slug}.pdf" if shown.issue else "",
        message=message.decode("utf-8", "replace") if message else "",
    )


def _outline(
    issue: Issue | None, email: EmailEdition | None, problems: tuple[Problem, ...]
) -> list[Row]:
    if issue is None:
        return []
    sizes = dict(email.article_bytes) if email else {}
    shown = {cut.anchor: str(cut.shown) for cut in email.cuts} if email else {}
    errors = Counter(p.source.file for p in problems if p.severity is Severity.ERROR)
    warnings = Counter(p.source.file for p in problems if p.severity is Severity.WARNING)
    file = issue.source.file
    rows = [Row("Issue and letter", False, file, errors.pop(file, 0), warnings.pop(file, 0))]
    for section in issue.sections:
        file = section.source.file
        rows.append(Row(section.title, True, file, errors.pop(file, 0), warnings.pop(file, 0)))
        for article in section.articles:
            file = article.source.file
            counts = (errors.pop(file, 0), warnings.pop(file, 0))
            size = sizes.get(article.anchor, 0)
            rows.append(
                Row(article.title, False, file, *counts, size, shown.get(article.anchor, ""))
            )
    return rows


def _count(problems: tuple[Problem, ...], severity: Severity) -> int:
    return sum(problem.severity is severity for problem in problems)
