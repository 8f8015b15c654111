"""Small issues and mails, made by hand, each rule's test changing one thing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from newsletter.checks.context import IssueContext, MailContext
from newsletter.checks.document import parse
from newsletter.model.blocks import Block, Paragraph
from newsletter.model.edition import EmailEdition, Marker
from newsletter.model.inlines import Inline, Text
from newsletter.model.issue import Article, Issue, Section
from newsletter.problems import Problem, Source
from newsletter.publication import Publication, Sender, Settings, with_settings

GOOD_HTML = """<!doctype html>
<html lang="en" dir="ltr"><head><title>The Orchard</title></head><body>
<div role="article" lang="en" dir="ltr">
<p><a href="https://orchard.example.com/issues/apples/">Read on the web</a> <a href="NLM0000Z">Unsubscribe</a></p>
<h1>The Orchard</h1>
<h2 id="fruit-apples">Apples</h2>
{body}
<p>1 Example Lane,<br>Exampletown</p>
</div></body></html>"""
GOOD_TEXT = "https://orchard.example.com/issues/apples/\n\nThe Orchard\n\nApples\n{body}\n\n1 Example Lane, Exampletown\nNLM0000Z\n"


@pytest.fixture
def orchard() -> Publication:
    settings = Settings(
        name="The Orchard",
        sender=Sender(email="editor@orchard.example.com"),
        address="1 Example Lane, Exampletown",
        base_url="https://orchard.example.com",
    )
    return Publication(Path("/nowhere"), settings)


@pytest.fixture
def issue_of() -> Callable[..., Issue]:
    """An issue with one article made of the given blocks (or runs of text, a paragraph each)."""

    def make(*blocks: Block | str | tuple[Inline, ...], **changes: Any) -> Issue:
        article = Article(
            Source("01-fruit/01-apples.md"),
            slug="apples",
            anchor="fruit-apples",
            title="Apples",
            blocks=tuple(_block(block, line) for line, block in enumerate(blocks, 5)),
        )
        issue = Issue(
            Source("issue.md"),
            slug="apples",
            title="The Orchard",
            language="en",
            subject="Apples in the morning",
            preheader="What the frost of April did to apples, pears and cherries",
            sections=(
                Section(Source("01-fruit/section.md"), "fruit", "Fruit", articles=(article,)),
            ),
        )
        return dataclasses.replace(issue, **changes)

    return make


def _block(block: Block | str | tuple[Inline, ...], line: int) -> Block:
    source = Source("01-fruit/01-apples.md", line)
    if isinstance(block, str):
        return Paragraph(source, (Text(block),))
    if isinstance(block, tuple):
        return Paragraph(source, block)
    return block


@pytest.fixture
def told_by(orchard: Publication) -> Callable[..., list[str]]:
    """What an issue rule says of an issue: `file:line code`, in order."""

    def run(rule: Any, issue: Issue, **settings: Any) -> list[str]:
        publication = with_settings(orchard, **settings) if settings else orchard
        return shown(rule.check(IssueContext(issue, publication)))

    return run


@pytest.fixture
def told_of_mail(orchard: Publication, issue_of: Callable[..., Issue]) -> Callable[..., list[str]]:
    """What a mail rule says of a mail whose body holds the given html, all else being well."""

    def run(rule: Any, body: str = "<p>Red ones.</p>", **changes: Any) -> list[str]:
        issue = changes.pop("issue", None) or issue_of("Red ones.")
        edition = EmailEdition(
            subject="Apples",
            preheader="Red ones",
            html=GOOD_HTML.replace("{body}", body),
            text=GOOD_TEXT.replace("{body}", "Red ones."),
            language="en",
            markers=(Marker("NLM0000Z", "unsubscribe_url"),),
            pictures=(),
            picture_base="https://orchard.example.com/issues/apples/",
            embedded=False,
            html_bytes=2_000,
            budget=96_000,
        )
        edition = dataclasses.replace(edition, **changes)
        return shown(rule.check(MailContext(edition, issue, orchard, parse(edition.html))))

    return run


def shown(problems: Iterable[Problem]) -> list[str]:
    return [f"{problem.source} {problem.code}" for problem in problems]
