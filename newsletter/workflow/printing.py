"""The printed pages as a preview looks at them: typeset once per change, the last ones kept while they cannot be.

Typesetting takes longest of all editions, so it is asked for before anybody waits (`web/live.py` does, in a quiet
moment), and pages that were told of stay to be had by their version, whatever is typeset meanwhile.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from newsletter.editions.page_images import letters, page_png, page_sizes, page_words
from newsletter.editions.print import render_print
from newsletter.model.edition import PrintEdition
from newsletter.problems import Problem
from newsletter.publication import Publication
from newsletter.workflow.issues import read
from newsletter.workflow.looks import attempt
from newsletter.workflow.shown import ShownPages

_VERSIONS = 4
"""PDFs of an issue that are kept: windows ask for pages of the one that they were told of."""
_LETTERS = 12
"""By so many letters a paragraph is looked for; more would run over the end of its page."""


class PrintDesk:
    """Holds the pages of issues. Safe to ask from several threads; an issue is typeset by one at a time.

    `find` gives the place of an issue, `stamp` what changes when its pages can."""

    def __init__(
        self,
        publication: Callable[[], Publication],
        find: Callable[[str], Path],
        stamp: Callable[[Path], str],
    ) -> None:
        self._publication = publication
        self._find = find
        self._stamp = stamp
        self._pages: dict[str, tuple[str, ShownPages]] = {}
        self._versions: dict[str, OrderedDict[str, bytes]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def pages(self, slug: str) -> ShownPages:
        """The pages of the issue as it is now; the last that could be made while it cannot."""
        path, publication = self._find(slug), self._publication()
        stamp = self._stamp(path)
        with self._lock(slug):
            kept = self._pages.get(slug)
            if kept is not None and kept[0] == stamp:
                return kept[1]
            pages = _typeset(publication, path, kept[1] if kept else None)
            self._keep(slug, pages)
            self._pages[slug] = (stamp, pages)
            return pages

    def ready(self, slug: str, width: int) -> ShownPages:
        """The pages of now, the first of them drawn already, which is asked for next."""
        pages = self.pages(slug)
        self.image(slug, 1, width, pages.version)
        return pages

    def known(self, slug: str) -> ShownPages | None:
        """The pages as far as they are made; nothing is typeset."""
        kept = self._pages.get(slug)
        return kept[1] if kept else None

    def image(self, slug: str, number: int, width: int, version: str = "") -> bytes | None:
        """A page as PNG, None when there is none: of the pages that have this version, else of those of now."""
        with self._guard:
            pdf = self._versions.get(slug, OrderedDict()).get(version)
        pdf = pdf or self.pages(slug).pdf
        if pdf is None:
            return None
        try:
            return _image(pdf, number, width)
        except IndexError:
            return None

    def page_of(self, slug: str, version: str, words: str, next_words: str) -> int:
        """The page of a paragraph, by how it and the one behind it begin; 0 when it is on none.

        Titles stand in the contents and over every page as well: what follows tells where they begin."""
        with self._guard:
            pdf = self._versions.get(slug, OrderedDict()).get(version)
        words, next_words = letters(words)[:_LETTERS], letters(next_words)[:_LETTERS]
        if pdf is None or not words:
            return 0
        pages = _texts(pdf)
        having = [number for number, text in enumerate(pages) if words in text]
        for ahead in (0, 1):
            both = [
                n
                for n in having
                if next_words and next_words in "".join(pages[n + ahead : n + ahead + 1])
            ]
            if both:
                return both[-1] + 1
        return having[-1] + 1 if having else 0

    def _keep(self, slug: str, pages: ShownPages) -> None:
        if pages.pdf is None:
            return
        with self._guard:
            versions = self._versions.setdefault(slug, OrderedDict())
            versions[pages.version] = pages.pdf
            versions.move_to_end(pages.version)
            while len(versions) > _VERSIONS:
                versions.popitem(last=False)

    def _lock(self, slug: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(slug, threading.Lock())


def _typeset(publication: Publication, path: Path, before: ShownPages | None) -> ShownPages:
    issue = read(publication, str(path)).issue
    edition: PrintEdition | None = None
    problems: tuple[Problem, ...] = ()
    if issue is not None:
        edition, problems = attempt(lambda: render_print(issue, publication))
    if edition is None:
        nothing = ShownPages("", None, (), problems)
        return replace(before, problems=problems) if before is not None else nothing
    version = hashlib.sha256(edition.pdf).hexdigest()[:16]
    return ShownPages(version, edition.pdf, page_sizes(edition.pdf), problems)


@lru_cache(maxsize=64)
def _image(pdf: bytes, number: int, width: int) -> bytes:
    return page_png(pdf, number, width)


@lru_cache(maxsize=4)
def _texts(pdf: bytes) -> tuple[str, ...]:
    return page_words(pdf)
