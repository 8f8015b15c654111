"""What records of old do not tell of an issue's articles: where each stands, and which are advertisements.

The archive and the feeds list what was listed when an issue was published, and an issue that nobody changes is never
published anew. So what a record leaves out is read from the page that was frozen with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import lxml.html
from lxml import etree

_ADVERTISEMENT = "kind-sponsor"


def listed(titles: Sequence[str], page: bytes) -> list[tuple[str, str]]:
    """Anchor and title of those articles that are no advertisements; no anchor for what the page does not tell of."""
    anchors: dict[str, str] = {}
    advertisements: set[str] = set()
    for article in _articles(page):
        title = _title(article)
        if any(_ADVERTISEMENT in one.get("class", "").split() for one in article.iterancestors()):
            advertisements.add(title)
        else:
            anchors.setdefault(title, article.get("id"))
    return [
        (anchors.get(title, ""), title)
        for title in titles
        if " ".join(title.split()) not in advertisements - anchors.keys()
    ]


def _articles(page: bytes) -> Iterable[Any]:
    try:
        return lxml.html.document_fromstring(page).iterfind(".//article[@id]")
    except (etree.ParserError, ValueError):
        return []


def _title(article: Any) -> str:
    words = article.xpath(
        ".//*[contains(@class, 'title')][1]//text()[not(ancestor::a[@class='permalink'])]"
    )
    return " ".join("".join(words).split())
