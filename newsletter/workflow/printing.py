"""The printed pages as a preview looks at them: typeset once per change, the last ones kept while they cannot be.

Typesetting takes longest of all editions, so it is asked for before anybody waits (`web/live.py` does, in a quiet
moment), and pages that were told of stay to be had by their version, whatever is typeset meanwhile.

An issue can be looked at in another layout than its own (`PrintLook`); its files are not touched by that.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from newsletter.editions.page_images import letters, page_png, page_sizes, page_words
from newsletter.editions.print import render_print
from newsletter.editions.print_page import sheet_of
from newsletter.model.edition import PrintEdition
from newsletter.model.issue import Issue, Layout
from newsletter.problems import Problem
from newsletter.publication import Publication
from newsletter.workflow.issues import read
from newsletter.workflow.looks import attempt
from newsletter.workflow.shown import OWN, PrintLook, ShownPages

_VERSIONS = 6
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
        self._pages: dict[tuple[str, PrintLook], tuple[str, ShownPages]] = {}
        self._versions: dict[str, OrderedDict[str, bytes]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def pages(self, slug: str, look: PrintLook = OWN) -> ShownPages:
        """The pages of the issue as it is now; the last that could be made while it cannot."""
        path, publication = self._find(slug), self._publication()
        if look != OWN:
            look = _apart(path, publication, look)
        stamp = self._stamp(path)
        with self._lock(slug):
            kept = self._pages.get((slug, look))
            if kept is not None and kept[0] == stamp:
                return kept[1]
            pages = _typeset(publication, path, look, kept[1] if kept else None)
            self._keep(slug, pages)
            self._pages[slug, look] = (stamp, pages)
            return pages

    def ready(self, slug: str, width: int, look: PrintLook = OWN) -> ShownPages:
        """The pages of now, the first of them drawn already, which is asked for next."""
        pages = self.pages(slug, look)
        self.image(slug, 1, width, pages.version, look)
        return pages

    def known(self, slug: str, look: PrintLook = OWN) -> ShownPages | None:
        """The pages as far as they are made; nothing is typeset."""
        kept = self._pages.get((slug, look))
        return kept[1] if kept else None

    def pdf(self, slug: str, version: str = "", look: PrintLook = OWN) -> bytes | None:
        """The whole PDF of the pages that have this version, else of those of now; None when there is none."""
        with self._guard:
            pdf = self._versions.get(slug, OrderedDict()).get(version)
        return pdf or self.pages(slug, look).pdf

    def image(
        self, slug: str, number: int, width: int, version: str = "", look: PrintLook = OWN
    ) -> bytes | None:
        """A page as PNG, None when there is none: of the pages that have this version, else of those of now."""
        pdf = self.pdf(slug, version, look)
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
        if next_words and len(having) > 1:
            return 0  # over which of them it begins is not told by anything
        return _last_run(having) + 1

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


def layout_of(issue: Issue, publication: Publication) -> PrintLook:
    """How an issue is printed: by what it says itself, else by what the publication does."""
    return PrintLook(*sheet_of(issue, publication))


def _apart(path: Path, publication: Publication, look: PrintLook) -> PrintLook:
    """The look without what the issue is anyway, so that the same pages are not made twice."""
    issue = read(publication, str(path)).issue
    if issue is None:
        return look
    own = layout_of(issue, publication)
    return PrintLook(
        0 if look.columns == own.columns else look.columns,
        "" if look.paper == own.paper else look.paper,
    )


def _looked_at(issue: Issue, look: PrintLook) -> Issue:
    own = issue.layout
    layout = Layout(look.columns or own.columns, look.paper or own.paper)
    return issue if layout == own else replace(issue, layout=layout)


def _typeset(
    publication: Publication, path: Path, look: PrintLook, before: ShownPages | None
) -> ShownPages:
    began = time.monotonic()
    issue = read(publication, str(path)).issue
    edition: PrintEdition | None = None
    problems: tuple[Problem, ...] = ()
    if issue is not None:
        edition, problems = attempt(lambda: render_print(_looked_at(issue, look), publication))
    if edition is None:
        nothing = ShownPages("", None, (), problems)
        return replace(before, problems=problems) if before is not None else nothing
    version = hashlib.sha256(edition.pdf).hexdigest()[:16]
    sizes = page_sizes(edition.pdf)
    return ShownPages(version, edition.pdf, sizes, problems, time.time(), time.monotonic() - began)


def _last_run(pages: list[int]) -> int:
    """Where the last pages in a row begin; -1 for none."""
    first = pages[-1] if pages else -1
    while first - 1 in pages:
        first -= 1
    return first


@lru_cache(maxsize=128)
def _image(pdf: bytes, number: int, width: int) -> bytes:
    return page_png(pdf, number, width)


@lru_cache(maxsize=4)
def _texts(pdf: bytes) -> tuple[str, ...]:
    return page_words(pdf)
