"""Where Gmail cuts a mail: its html is shown up to 102,400 bytes, the rest behind a link nobody follows."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from newsletter.model.clicks import ClickRules, cut_place
from newsletter.model.issue import Article

CLIP = 102_400
MARK = "<!--clip-->"
_BLOCK_END = re.compile(rb"</(?:p|h[1-6]|li|ul|ol|table|figure|div)>", re.IGNORECASE)


def shown_bytes(mail: str, rules: ClickRules) -> int:
    """How many bytes of a mail with plain links Gmail shows, when its links are counted in the one that is sent."""
    return cut_place(mail, rules, CLIP)


def with_clip_mark(mail: str, clip: int = CLIP) -> str:
    """The mail with a comment behind the last block that is shown; unchanged when all of it is."""
    data = mail.encode("utf-8")
    if len(data) <= clip:
        return mail
    for found in _BLOCK_END.finditer(data, clip):
        before = data[: found.end()]
        if before.rfind(b"<!--") <= before.rfind(b"-->"):
            return (before + MARK.encode() + data[found.end() :]).decode("utf-8")
    return mail


def articles_behind(mail: str, articles: Iterable[Article], clip: int = CLIP) -> frozenset[str]:
    """The anchors of the articles whose beginning is not shown."""
    data = mail.encode("utf-8")
    if len(data) <= clip:
        return frozenset()
    return frozenset(article.anchor for article in articles if _heading(data, article) >= clip)


def _heading(data: bytes, article: Article) -> int:
    """Where the title last stands: whole, where it does, for others may begin with the same words."""
    title = html.escape(article.title, quote=False).encode("utf-8")
    whole = max(data.rfind(title + behind) for behind in (b"<", b"\n<", b" <"))
    return whole if whole >= 0 else data.rfind(title)
