"""What an issue consists of, for people who look through it: its links, its headings, where each text stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from newsletter.model.blocks import Block, Doi, Figure, Heading, Table, block_inlines, walk_blocks
from newsletter.model.inlines import Link, plain, walk
from newsletter.model.issue import Article, Issue
from newsletter.model.measure import block_text, han_and_words
from newsletter.problems import Source

PLACE_CHARACTERS = 60
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class LinkPlace:
    """A link: where it was written, its words, where it leads."""

    source: Source
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class HeadingPlace:
    """A title or heading, 1 the issue's title. `length` counts Han characters and words, 0 but for articles."""

    source: Source
    level: int
    title: str
    length: int = 0
    figures: int = 0


def links_of(issue: Issue) -> tuple[LinkPlace, ...]:
    """Every link of the issue, in reading order."""
    found: list[LinkPlace] = []
    for blocks in _block_runs(issue):
        for block in walk_blocks(blocks):
            found += _links_in(block)
    for _, article in issue.articles():
        found += [
            LinkPlace(article.source, link.title or link.url, link.url) for link in article.links
        ]
    return tuple(found)


def headings_of(issue: Issue) -> tuple[HeadingPlace, ...]:
    """The issue's title, its sections, articles and headings, in reading order."""
    found = [HeadingPlace(issue.source, 1, issue.title), *_headings(issue.letter)]
    for section in issue.sections:
        found.append(HeadingPlace(section.source, 2, section.title))
        found += _headings(section.blocks)
        for article in section.articles:
            han, words = han_and_words(block_text(article.blocks))
            figures = len(article.figures)
            found.append(HeadingPlace(article.source, 3, article.title, han + words, figures))
            found += _headings(article.blocks, 1)
    return tuple(found)


def places_of(issue: Issue) -> tuple[tuple[str, int, str], ...]:
    """File, line and the first characters, without any space, of every block: what tells in a rendered issue
    where a text was written."""
    found: list[tuple[str, int, str]] = [(*_at(issue.source), key_of(issue.title))]
    for section in issue.sections:
        found.append((*_at(section.source), key_of(section.title)))
        found += [(*_at(article.source), key_of(article.title)) for article in section.articles]
    for blocks in _block_runs(issue):
        for block in walk_blocks(blocks):
            found += [(*_at(block.source), key) for key in _keys(block)]
    return tuple(dict.fromkeys(place for place in found if place[2]))


def key_of(text: str) -> str:
    return _SPACE.sub("", text)[:PLACE_CHARACTERS]


def _at(source: Source) -> tuple[str, int]:
    return source.file, source.line


def _keys(block: Block) -> Iterator[str]:
    match block:
        case Doi(doi=doi):
            yield key_of(doi)
        case Figure(caption=caption, image=image):
            yield key_of(plain(caption) or image.alt)
        case Table():
            yield from (key_of(plain(words)) for words in block_inlines(block))
        case _:
            for words in block_inlines(block):
                yield key_of(plain(words))


def _block_runs(issue: Issue) -> Iterator[tuple[Block, ...]]:
    yield issue.letter
    for section in issue.sections:
        yield section.blocks
        yield from (footnote.blocks for footnote in section.footnotes)
        for article in section.articles:
            yield from _runs_of(article)


def _runs_of(article: Article) -> Iterator[tuple[Block, ...]]:
    yield article.blocks
    yield from (footnote.blocks for footnote in article.footnotes)


def _links_in(block: Block) -> Iterator[LinkPlace]:
    if isinstance(block, Doi):
        yield LinkPlace(block.source, block.doi, block.url)
    if isinstance(block, Figure) and block.url:
        yield LinkPlace(block.source, plain(block.caption) or block.image.alt, block.url)
    for words in block_inlines(block):
        for inline in walk(words):
            if isinstance(inline, Link):
                yield LinkPlace(block.source, plain(inline.children), inline.url)


def _headings(blocks: Iterable[Block], deeper: int = 0) -> list[HeadingPlace]:
    return [
        HeadingPlace(block.source, block.level + deeper, plain(block.children))
        for block in walk_blocks(blocks)
        if isinstance(block, Heading)
    ]
