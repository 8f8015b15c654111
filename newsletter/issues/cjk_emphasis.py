"""Emphasis beside Chinese and Japanese punctuation: a helper of `markdown.py`, which alone knows markdown-it.

CommonMark lets `**` open or close only where spaces or punctuation show the side it is on. Chinese and
Japanese are written without spaces, so `**注意：**正文` stays literal there (commonmark-spec issue 650).
Here a run of `*` or `~` may also open or close where either neighbour is East Asian Wide, Fullwidth or
Halfwidth and no emoji. For all other text the rule is CommonMark's own.
"""

from __future__ import annotations

import unicodedata

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import emphasis as _emphasis
from markdown_it.rules_inline import strikethrough as _strikethrough
from markdown_it.rules_inline.state_inline import Scanned

__all__ = ["install"]


def install(md: MarkdownIt) -> None:
    """Replaces the two rules that read runs of `*` and `~`."""
    md.inline.ruler.at("emphasis", _read_emphasis)
    md.inline.ruler.at("strikethrough", _read_strikethrough)


def _read_emphasis(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "*":
        return _emphasis.tokenize(state, silent)
    return _emphasis.tokenize(_Neighbourly(state), silent)  # type: ignore[arg-type]


def _read_strikethrough(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "~":
        return False
    return _strikethrough.tokenize(_Neighbourly(state), silent)  # type: ignore[arg-type]


class _Neighbourly:
    """The parser's state, but for the one question of which side a run is on.

    markdown-it makes its state itself, so it cannot be subclassed; everything else is passed through.
    """

    def __init__(self, state: StateInline) -> None:
        object.__setattr__(self, "_state", state)

    def __getattr__(self, name: str) -> object:
        return getattr(object.__getattribute__(self, "_state"), name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(object.__getattribute__(self, "_state"), name, value)

    def scanDelims(self, start: int, can_split_word: bool) -> Scanned:  # noqa: N802
        state: StateInline = object.__getattribute__(self, "_state")
        scanned = state.scanDelims(start, can_split_word)
        end = start + scanned.length
        before = state.src[start - 1] if start > 0 else " "
        after = state.src[end] if end < state.posMax else " "
        if not (_is_east_asian(before) or _is_east_asian(after)):
            return scanned
        return Scanned(not after.isspace(), not before.isspace(), scanned.length)


def _is_east_asian(character: str) -> bool:
    if character < "ᄀ":
        return False
    wide = unicodedata.east_asian_width(character) in "WFH"
    return wide and not (0x1F000 <= ord(character) <= 0x1FAFF or 0x2600 <= ord(character) <= 0x27BF)
