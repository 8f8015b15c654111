"""How long something is to read: characters, words, minutes. One counting for every edition."""

from __future__ import annotations

import re
from collections.abc import Iterable

from newsletter.model.blocks import Block, CodeBlock, Doi, block_inlines, walk_blocks
from newsletter.model.inlines import plain
from newsletter.model.issue import Article

HAN_PER_MINUTE = 400
WORDS_PER_MINUTE = 220

_HAN = re.compile("[぀-ヿ㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff]")
_WORD = re.compile(r"[^\W\d_぀-ヿ㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff][\w'’-]*|\d[\d.,]*")


def han_and_words(text: str) -> tuple[int, int]:
    """Counts Han characters and kana one by one, and everything else by words."""
    return len(_HAN.findall(text)), len(_WORD.findall(_HAN.sub(" ", text)))


def block_text(blocks: Iterable[Block]) -> str:
    """The words of blocks, one block a line."""
    lines: list[str] = []
    for block in walk_blocks(blocks):
        if isinstance(block, CodeBlock):
            lines.append(block.text)
        elif isinstance(block, Doi):
            lines.append(block.doi)
        lines.extend(plain(inlines) for inlines in block_inlines(block))
    return "\n".join(line for line in lines if line)


def minutes(text: str) -> int:
    """Reading time in whole minutes, at least 1."""
    han, words = han_and_words(text)
    return max(1, round(han / HAN_PER_MINUTE + words / WORDS_PER_MINUTE))


def reading_minutes(article: Article) -> int:
    return minutes(block_text(article.blocks))
