"""How a link is shown on paper: its address at the foot of the page, or numbered at the article's end.

Up to eight different addresses in an article become footnotes. More would eat the pages (the real sample
has articles with twenty): they become one numbered list at the article's end. Equal addresses share one
number. What already reads as its own address, a DOI for one, needs neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from newsletter.editions.markers import source_markers
from newsletter.model.blocks import Block, block_inlines, walk_blocks
from newsletter.model.inlines import Link, plain, walk
from newsletter.model.language import columns

MOST_FOOTNOTES = 8
SHOWN_COLUMNS = 60

_SCHEME = re.compile(r"^(?:https?://(?:www\.)?|mailto:|tel:)", re.IGNORECASE)


class LinkBook:
    """The addresses of one article, numbered from 1 in the order of their first link."""

    def __init__(self, blocks: Iterable[Block], *, own_notes: bool, web_url: str = "") -> None:
        self.numbers: dict[str, int] = {}
        for link in _links(blocks):
            url = address(link, web_url)
            if needs_address(url, plain(link.children)):
                self.numbers.setdefault(url, len(self.numbers) + 1)
        self.listed = len(self.numbers) > MOST_FOOTNOTES
        """Whether the addresses stand in a list at the article's end."""
        self._letters = own_notes
        """The author's own notes have the numbers then, and the links the letters."""

    def mark(self, url: str) -> str:
        """What stands at the link and before its address in the list: “3”, or “c”."""
        number = self.numbers[url]
        return _letters(number) if self._letters else str(number)


def address(link: Link, web_url: str) -> str:
    """Where a link leads from paper: nowhere (empty) when it is a recipient's own, such as unsubscribing."""
    return source_markers(link.url, None, web_url=web_url).strip()


def needs_address(url: str, words: str) -> bool:
    """Whether a reader on paper would miss where the link behind these words leads."""
    if not url or url.startswith("#"):
        return False
    bare = _SCHEME.sub("", url).rstrip("/")
    text = _SCHEME.sub("", words.strip()).rstrip("/")
    is_doi = "doi.org/" in bare and bare.split("doi.org/", 1)[1].lower() in text.lower()
    return bool(bare) and not is_doi and unquote(text).lower() != unquote(bare).lower()


def shown_address(url: str) -> str:
    """Host and path, readable, cut at 60 columns; the whole address is behind it in the PDF."""
    bare = _SCHEME.sub("", url)
    decoded = unquote(bare, errors="strict") if _decodes(bare) else bare
    shown = decoded if decoded.isprintable() and " " not in decoded else bare
    shown = shown.removesuffix("/") if shown.count("/") == 1 else shown
    if columns(shown) <= SHOWN_COLUMNS:
        return shown
    while columns(shown) > SHOWN_COLUMNS - 1:
        shown = shown[:-1]
    return shown + "…"


def _decodes(text: str) -> bool:
    try:
        unquote(text, errors="strict")
    except UnicodeDecodeError:
        return False
    return True


def _links(blocks: Iterable[Block]) -> Iterable[Link]:
    for block in walk_blocks(blocks):
        for inlines in block_inlines(block):
            for inline in walk(inlines):
                if isinstance(inline, Link):
                    yield inline


def _letters(number: int) -> str:
    """1 → a, 26 → z, 27 → aa."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("a") + rest) + text
    return text
