"""The beginning of an article, for a mail that has no room for all of it.

Whole paragraphs only, the first figure and the first note; what follows is read on the web.
"""

from __future__ import annotations

from newsletter.model.blocks import Block, Figure, Note, Paragraph
from newsletter.model.inlines import plain
from newsletter.model.issue import Article
from newsletter.model.measure import HAN_PER_MINUTE, WORDS_PER_MINUTE, block_text, han_and_words

_LEAST, _MOST = 2, 3
"""Paragraphs."""
_ENOUGH_MINUTES = 0.9
_NEAR = 8
"""A figure further down than this many blocks does not belong to the beginning."""


def digest_blocks(article: Article) -> tuple[Block, ...]:
    """Two or three paragraphs (more when the teaser is made of more), after the teaser's the first figure near
    them, and at the end the first note."""
    paragraphs = opening_paragraphs(article)
    if not paragraphs:
        return article.blocks[:_LEAST]
    beginning: list[Block] = list(paragraphs)
    near = article.blocks[:_NEAR]
    figure = next((block for block in near if isinstance(block, Figure)), None)
    note = next((block for block in near if isinstance(block, Note)), None)
    if figure is not None:
        beginning.insert(max(1, len(teaser_paragraphs(article))), figure)
    return (*beginning, note) if note is not None else tuple(beginning)


def opening_paragraphs(article: Article) -> tuple[Paragraph, ...]:
    taken: list[Paragraph] = []
    for block in article.blocks:
        if not isinstance(block, Paragraph):
            continue
        if len(taken) >= _MOST and _covers(taken, article.teaser):
            break
        if len(taken) >= _LEAST and _long_enough(taken) and _covers(taken, article.teaser):
            break
        taken.append(block)
        if len(taken) > _MOST * 2:
            break
    return tuple(taken)


def teaser_paragraphs(article: Article) -> tuple[Paragraph, ...]:
    """The paragraphs that the teaser is made of; empty when the teaser was written for itself."""
    taken: list[Paragraph] = []
    for block in article.blocks:
        if isinstance(block, Paragraph):
            taken.append(block)
            if _covers(taken, article.teaser):
                return tuple(taken)
    return ()


def _covers(paragraphs: list[Paragraph], teaser: str) -> bool:
    """Whether the teaser's words are all in these paragraphs; a teaser of its own words counts as covered
    at once by `opening_paragraphs`, which then shows it besides."""
    shown = _letters("".join(plain(paragraph.children) for paragraph in paragraphs))
    return shown.startswith(_letters(teaser)) or not _letters(teaser).startswith(shown)


def is_own_teaser(article: Article) -> bool:
    """Whether the teaser has words that the article does not begin with."""
    first = [block for block in article.blocks if isinstance(block, Paragraph)]
    text = _letters("".join(plain(paragraph.children) for paragraph in first))
    return bool(article.teaser) and not text.startswith(_letters(article.teaser))


def _letters(text: str) -> str:
    return "".join(text.split())


def _long_enough(paragraphs: list[Paragraph]) -> bool:
    han, words = han_and_words(block_text(paragraphs))
    return han / HAN_PER_MINUTE + words / WORDS_PER_MINUTE >= _ENOUGH_MINUTES
