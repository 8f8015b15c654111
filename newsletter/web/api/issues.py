"""/issues: what is written and what is published, and what is wrong with an issue."""

from __future__ import annotations

import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from newsletter.model.api_key import Scope
from newsletter.problems import Problem
from newsletter.publication import Publication
from newsletter.web.api.operations import Here, operation
from newsletter.web.api.problems import ApiProblem
from newsletter.web.api.route import KeyedRoute
from newsletter.web.api.shapes import Given
from newsletter.workflow import issues as workflow
from newsletter.workflow.published import Published, all_published

router = APIRouter(route_class=KeyedRoute, tags=["issues"])
Slug = Annotated[str, Path(min_length=1, max_length=200, examples=["2026-10-zh"])]


class CorrectionGiven(Given):
    date: datetime.date
    note: str


class PublishedGiven(Given):
    """The newest revision."""

    revision: int
    published: datetime.datetime
    digest: str
    url: str
    title: str
    language: str
    number: str
    date: datetime.date | None
    articles: list[str]
    corrections: list[CorrectionGiven]


class IssueGiven(Given):
    slug: str = Field(examples=["2026-10-zh"])
    written: bool = Field(description="Whether its files are here; a published one may have gone.")
    published: PublishedGiven | None


class IssuePage(Given):
    items: list[IssueGiven]


class ProblemGiven(Given):
    code: str
    severity: str = Field(examples=["warning"])
    file: str
    line: int
    message: str
    hint: str


class ProblemPage(Given):
    items: list[ProblemGiven]


@router.get(
    "/issues",
    summary="Every issue, written or published, the newest name first",
    response_model=IssuePage,
    **operation(Scope.ISSUES_READ, "listIssues"),
)
def list_issues(here: Here) -> IssuePage:
    return IssuePage(items=_all(here))


@router.get(
    "/issues/{slug}",
    summary="One issue",
    response_model=IssueGiven,
    **operation(Scope.ISSUES_READ, "getIssue", 404),
)
def get_issue(here: Here, slug: Slug) -> IssueGiven:
    for one in _all(here):
        if one.slug == slug:
            return one
    raise ApiProblem("not-found", "There is no issue of this name.")


@router.get(
    "/issues/{slug}/problems",
    summary="What is wrong with an issue, in all editions",
    response_model=ProblemPage,
    **operation(Scope.ISSUES_READ, "checkIssue", 404),
)
def check_issue(here: Here, slug: Slug) -> ProblemPage:
    found = workflow.check(here, written(here, slug))
    return ProblemPage(items=[_problem(one) for one in found])


def written(here: Publication, slug: str) -> str:
    """The issue of this name; never a path, however it may look. Raises a problem where there is none."""
    if slug not in workflow.issue_slugs(here):
        raise ApiProblem("not-found", "There is no issue of this name.")
    return slug


def _all(here: Publication) -> list[IssueGiven]:
    known = set(workflow.issue_slugs(here))
    frozen = {one.slug: one for one in all_published(here)}
    return [
        IssueGiven(
            slug=slug,
            written=slug in known,
            published=_published(here, frozen[slug]) if slug in frozen else None,
        )
        for slug in sorted(known | set(frozen), reverse=True)
    ]


def _published(here: Publication, one: Published) -> PublishedGiven:
    return PublishedGiven(
        revision=one.revision,
        published=one.published,
        digest=one.digest,
        url=here.issue_url(one.slug),
        title=one.title,
        language=one.language,
        number=one.number,
        date=one.date,
        articles=list(one.articles),
        corrections=[CorrectionGiven.model_validate(note) for note in one.corrections],
    )


def _problem(one: Problem) -> ProblemGiven:
    return ProblemGiven(
        code=one.code,
        severity=str(one.severity),
        file=one.source.file,
        line=one.source.line,
        message=one.message,
        hint=one.hint,
    )
