"""The beginning of an article: what `digest` means, in mail, its text part and on the web alike.

Whole paragraphs only, the first figure and the first note. A short article, and one among briefs, is a
brief: its teaser and nothing else. Notes and references stand at an article's end, so no call leads to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.model.blocks import Block, Figure, Note, Paragraph
from newsletter.model.inlines import plain
from newsletter.model.measure import HAN_PER_MINUTE, WORDS_PER_MINUTE, block_text, han_and_words

BRIEF_MINUTES = 4
"""An article no longer than this is cut to a brief."""

_LEAST, _MOST = 2, 3
"""Paragraphs, where the teaser is not made of more."""
_ENOUGH_MINUTES = 0.9
_NEAR = 8
"""A figure further down than this many blocks does not belong to the beginning."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """`teaser`, in source form, stands before the blocks; empty where they are what it was made of."""

    teaser: str
    blocks: tuple[Block, ...]
    brief: bool = False


def beginning(
    blocks: Sequence[Block], teaser: str = "", *, kind: str = "", reading_minutes: int = 0
) -> Beginning:
    """What is shown of blocks with that teaser, in a section of that kind."""
    made_of = teaser_paragraphs(blocks, teaser)
    own = "" if made_of else teaser
    if teaser and (kind == "briefs" or reading_minutes <= BRIEF_MINUTES):
        return Beginning(own, made_of, brief=True)
    return Beginning(own, digest_blocks(blocks, teaser))


def digest_blocks(blocks: Sequence[Block], teaser: str = "") -> tuple[Block, ...]:
    """Two or three paragraphs, all that the teaser is made of among them; after those the first figure that is
    near, and at the end the first note. The first blocks where there is no paragraph."""
    paragraphs = _opening(blocks, teaser)
    if not paragraphs:
        return tuple(blocks[:_LEAST])
    beginning: list[Block] = list(paragraphs)
    near = blocks[:_NEAR]
    figure = next((block for block in near if isinstance(block, Figure)), None)
    note = next((block for block in near if isinstance(block, Note)), None)
    if figure is not None:
        beginning.insert(max(1, len(teaser_paragraphs(blocks, teaser))), figure)
    return (*beginning, note) if note is not None else tuple(beginning)


def teaser_paragraphs(blocks: Sequence[Block], teaser: str) -> tuple[Paragraph, ...]:
    """The first paragraphs, as far as the teaser is made of them; empty when it has words of its own."""
    left = _letters(teaser)
    taken: list[Paragraph] = []
    for block in blocks:
        if not left or not isinstance(block, Paragraph):
            if not left:
                break
            continue
        text = _letters(plain(block.children))
        if not (left.startswith(text) or text.startswith(left)):
            return ()
        taken.append(block)
        left = left[len(text) :]
    return tuple(taken) if not left else ()


def _opening(blocks: Sequence[Block], teaser: str) -> tuple[Paragraph, ...]:
    at_least = max(_LEAST, len(teaser_paragraphs(blocks, teaser)))
    taken: list[Paragraph] = []
    for block in blocks:
        if len(taken) >= max(_MOST, at_least) or (len(taken) >= at_least and _long_enough(taken)):
            break
        if isinstance(block, Paragraph):
            taken.append(block)
    return tuple(taken)


def _letters(text: str) -> str:
    return "".join(text.split())


def _long_enough(paragraphs: list[Paragraph]) -> bool:
    han, words = han_and_words(block_text(paragraphs))
    return han / HAN_PER_MINUTE + words / WORDS_PER_MINUTE >= _ENOUGH_MINUTES
