"""What a rule may look at, and where in the editor's files a piece of it was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from newsletter.checks.document import Document, Element, preceding_ids
from newsletter.model.blocks import Block, Figure, block_inlines, walk_blocks
from newsletter.model.edition import EmailEdition
from newsletter.model.inlines import Code, Inline, Text, walk
from newsletter.model.issue import Article, Issue
from newsletter.problems import Source
from newsletter.publication import FILE_NAME, Publication

OBJECT = "\ufffc"
"""Stands in prose for code, which is no prose."""


@dataclass(frozen=True, slots=True)
class IssueContext:
    issue: Issue
    publication: Publication

    @property
    def settings_file(self) -> Source:
        return Source(FILE_NAME)


@dataclass(frozen=True, slots=True)
class MailContext:
    """A finished mail beside what it was made from; `document` is its html, parsed once."""

    edition: EmailEdition
    issue: Issue
    publication: Publication
    document: Document

    def near(self, element: Element) -> Source:
        """The article or section that the element stands in, as far as the mail's anchors tell; else the issue."""
        anchors = anchor_sources(self.issue)
        for identifier in preceding_ids(element):
            if identifier in anchors:
                return anchors[identifier]
        return self.issue.source


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of text as the editor wrote it, and where."""

    source: Source
    inlines: tuple[Inline, ...]

    @property
    def prose(self) -> str:
        """The words without code."""
        return "".join(
            inline.text if isinstance(inline, Text) else OBJECT
            for inline in walk(self.inlines)
            if isinstance(inline, Text | Code)
        )


def anchor_sources(issue: Issue) -> dict[str, Source]:
    """Every anchor that an edition may give to a section, an article or a figure."""
    anchors: dict[str, Source] = {section.anchor: section.source for section in issue.sections}
    for _, article in issue.articles():
        anchors[article.anchor] = article.source
        anchors |= {figure.anchor: figure.source for figure in article.figures}
    return anchors


def all_blocks(issue: Issue) -> Iterator[Block]:
    """Every block of the issue, notes included, in reading order."""
    yield from _with_notes(issue.letter, issue.letter_footnotes)
    for section in issue.sections:
        yield from _with_notes(section.blocks, section.footnotes)
        for article in section.articles:
            yield from article.all_blocks()


def passages(issue: Issue) -> Iterator[Passage]:
    """Every run of text in the issue: titles, then what is in blocks."""
    yield Passage(issue.source, (Text(issue.title),))
    for section in issue.sections:
        yield Passage(section.source, (Text(section.title),))
        for article in section.articles:
            yield Passage(article.source, (Text(article.title),))
            if article.subtitle:
                yield Passage(article.source, (Text(article.subtitle),))
    for block in all_blocks(issue):
        for inlines in block_inlines(block):
            if inlines:
                yield Passage(block.source, inlines)


def figures_by_text(issue: Issue) -> Iterator[tuple[Article | None, tuple[Figure, ...]]]:
    """The figures of each article; those outside of articles come as one group without one."""
    loose = [*issue.letter, *(block for section in issue.sections for block in section.blocks)]
    yield None, tuple(block for block in walk_blocks(loose) if isinstance(block, Figure))
    for _, article in issue.articles():
        yield article, article.figures


def _with_notes(blocks: Iterable[Block], notes: Iterable[object]) -> Iterator[Block]:
    yield from walk_blocks(blocks)
    for note in notes:
        yield from walk_blocks(getattr(note, "blocks", ()))
