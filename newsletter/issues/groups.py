"""Groups that say what is so already: `<div dir="rtl">` around a whole Arabic article.

Editors put it there for other programs. Left as it is, the article would be one block: no teaser could be made of its
first paragraphs, no figure of it could move to where a page has room. So such a group is opened. Values in, values out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from newsletter.model.blocks import Align, Block, Group
from newsletter.model.issue import Article, Issue, Section
from newsletter.model.language import direction, primary


def with_open_groups(issue: Issue) -> Issue:
    letter = tuple(_opened(issue.letter, issue.language))
    return replace(
        issue, letter=letter, sections=tuple(_section(one, issue) for one in issue.sections)
    )


def _section(section: Section, issue: Issue) -> Section:
    blocks = tuple(_opened(section.blocks, issue.language))
    articles = tuple(_article(article, issue) for article in section.articles)
    return replace(section, blocks=blocks, articles=articles)


def _article(article: Article, issue: Issue) -> Article:
    language = article.language or issue.language
    return replace(article, blocks=tuple(_opened(article.blocks, language)))


def _opened(blocks: Iterable[Block], language: str) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, Group) and _says_nothing(block, language):
            yield from _opened(block.blocks, language)
        else:
            yield block


def _says_nothing(group: Group, language: str) -> bool:
    same = not group.language or primary(group.language) == primary(language)
    side = group.direction or direction(group.language or language)
    return same and side == direction(language) and group.align is Align.NONE
