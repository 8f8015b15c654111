"""A teaser that nobody wrote: whole first paragraphs, up to about 200 Han characters or 120 words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from newsletter.model.blocks import Block, Group, Paragraph
from newsletter.model.inlines import plain
from newsletter.model.language import is_wide
from newsletter.model.measure import han_and_words

MAX_HAN = 200
MAX_WORDS = 120
_ABOUT = 1.5
"""How much longer than the bound the first paragraph may be before it is cut at the end of a sentence."""
_SENTENCE = re.compile(r".+?(?:[。！？!?؟।](?:[”’」』）\"')]*)|\.(?:[\"”’)]*)(?=\s)|\Z)", re.DOTALL)


def make_teaser(blocks: Iterable[Block]) -> str:
    """Plain text on one line; empty when the article has no paragraph."""
    teaser = ""
    for block in _in_order(blocks):
        if not isinstance(block, Paragraph):
            continue
        text = " ".join(plain(block.children).split())
        if not teaser:
            teaser = text if _weight(text) <= _ABOUT else _first_sentences(text)
        elif _weight(teaser + " " + text) <= 1:
            teaser += ("" if is_wide(teaser[-1]) else " ") + text
        else:
            break
    return teaser


def _in_order(blocks: Iterable[Block]) -> Iterator[Block]:
    """What stands in a group as well."""
    for block in blocks:
        if isinstance(block, Group):
            yield from _in_order(block.blocks)
        else:
            yield block


def _weight(text: str) -> float:
    han, words = han_and_words(text)
    return han / MAX_HAN + words / MAX_WORDS


def _first_sentences(text: str) -> str:
    kept = ""
    for sentence in _SENTENCE.findall(text):
        if kept and _weight(kept + sentence) > 1:
            break
        kept += sentence
    return kept.strip()
