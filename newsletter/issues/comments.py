"""HTML comments that run over blank lines.

Inside a block of raw HTML, Markdown ends the block at a blank line, so the second half of a comment begun
there would be read as text. A browser shows none of it, and nobody means it to be seen: such a comment is
blanked, line for line, before the text is read. A comment that is never closed hides what follows: told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from newsletter.issues.tree import Oddity

_OPEN, _CLOSE = "<!--", "-->"
_ROUNDS = 4
"""What is blanked can change which blocks there are; each round costs another reading of the text."""

_INNER = re.compile(r"<!--.*?-->", re.DOTALL)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


def without_split(
    text: str, html_blocks: Callable[[str], Sequence[tuple[int, int]]]
) -> tuple[str, list[Oddity]]:
    """The text with comments blanked that begin in one block and end in another, and what is to be told.

    `html_blocks` finds the blocks of raw HTML: first line and the line after the last, from 0.
    """
    for _ in range(_ROUNDS):
        if not _may_be_split(text):
            break
        spans = _split_comments(text, html_blocks(text))
        for start, end in reversed(spans):
            if end >= 0:
                text = text[:start] + re.sub(r"[^\n]", "", text[start:end]) + text[end:]
        if spans and spans[-1][1] < 0:
            return text, [_unclosed(text.count("\n", 0, spans[-1][0]) + 1)]
        if not spans:
            break
    return text, []


def _may_be_split(text: str) -> bool:
    """A quick look, which spares nearly every text a second reading."""
    rest = text
    while _OPEN in rest:
        comment, close, rest = rest[rest.index(_OPEN) :].partition(_CLOSE)
        if not close or _BLANK_LINE.search(comment):
            return True
    return False


def _split_comments(text: str, blocks: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Where comments begin that their block does not close, and where they end; -1 for nowhere."""
    starts = _line_starts(text)
    spans: list[tuple[int, int]] = []
    for first, after in blocks:
        begin, end = starts[first], starts[min(after, len(starts) - 1)]
        if spans and begin < spans[-1][1]:
            continue
        block = _INNER.sub(lambda whole: " " * len(whole[0]), text[begin:end])
        at = block.find(_OPEN)
        if at >= 0:
            close = text.find(_CLOSE, begin + at + len(_OPEN))
            spans.append((begin + at, close + len(_CLOSE) if close >= 0 else -1))
            if close < 0:
                break
    return spans


def _line_starts(text: str) -> list[int]:
    starts = [0]
    starts += [newline.end() for newline in re.finditer("\n", text)]
    return [*starts, len(text)]


def _unclosed(line: int) -> Oddity:
    return Oddity(
        "comment-unclosed",
        line,
        "this comment is never closed; what follows it is left out",
        "Close it with -->.",
    )
