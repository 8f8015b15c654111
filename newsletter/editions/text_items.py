"""One article as plain text: in full, its beginning, or its title, each with its links."""

from __future__ import annotations

from collections.abc import Callable

from newsletter.editions.digest import beginning
from newsletter.editions.markers import source_markers
from newsletter.editions.text_blocks import Lines, TextWriter, joined
from newsletter.editions.text_lines import fill, underlined
from newsletter.editions.words import Words
from newsletter.model.issue import Article, Section, Treatment
from newsletter.model.measure import block_text, minutes


class TextItem:
    """An article of a section, or (`article` is None) a section that has none. `writer` is its own."""

    def __init__(self, writer: TextWriter, section: Section, article: Article | None) -> None:
        self.writer = writer
        self.section = section
        self.article = article
        anchor = article.anchor if article else section.anchor
        self.url = f"{writer.web_url}#{anchor}"

    def lines(self, shown: Treatment) -> Lines:
        match shown:
            case Treatment.OMIT:
                return []
            case Treatment.TITLE:
                title = self.article.title if self.article else self.section.title
                return [*fill(self.writer.plain(title), first="* ", rest="  "), f"  {self.url}"]
            case Treatment.DIGEST:
                return self._digest()
            case Treatment.FULL:
                return self._full()

    def _digest(self) -> Lines:
        writer, article = self.writer, self.article
        writer.beginning = True
        blocks = article.blocks if article else self.section.blocks
        teaser = article.teaser if article else ""
        time = minutes(block_text(blocks))
        start = beginning(blocks, teaser, kind=self.section.kind, reading_minutes=time)
        own = source_markers(start.teaser, writer.markers, web_url=writer.web_url)
        return joined(
            [
                self._head(),
                [] if start.brief else self._facts(),
                fill(own) if own else [],
                writer.blocks(start.blocks),
                writer.link_list(()),
                read_on(writer.words, self.url),
            ]
        )

    def _full(self) -> Lines:
        writer, article = self.writer, self.article
        if article is None:
            body = writer.blocks(self.section.blocks)
            notes = writer.footnotes(self.section.footnotes)
            return joined([self._head(), body, notes, writer.link_list(())])
        return joined(
            [
                self._head(),
                self._facts(),
                writer.blocks(article.blocks),
                writer.footnotes(article.footnotes),
                writer.references(article.references),
                writer.link_list(article.links),
            ]
        )

    def _head(self) -> Lines:
        article, plain = self.article, self.writer.plain
        if article is None:
            return section_title(self.section, self.writer.words, plain)
        subtitle = fill(plain(article.subtitle)) if article.subtitle else []
        return [*underlined(plain(article.title), "-"), *subtitle]

    def _facts(self) -> Lines:
        """Who wrote it, where it was taken from and its DOI, a line each."""
        if self.article is None:
            return []
        writer, article = self.writer, self.article
        words, origin = writer.words, article.origin
        lines: Lines = []
        if article.authors:
            names = words["list_separator"].join(map(writer.plain, article.authors))
            lines += fill(_fact(words, "authors", names))
        if origin.name or origin.url or origin.date:
            shown = " ".join(writer.plain(part) for part in (origin.name, origin.date) if part)
            number = writer.number(writer.address(origin.url)) if origin.url else ""
            lines += fill(_fact(words, "source", f"{shown} {number}".strip()))
        if article.doi:
            number = writer.number(writer.address(f"https://doi.org/{article.doi}"))
            lines += fill(_fact(words, "doi", f"{writer.plain(article.doi)} {number}"))
        return lines


def section_title(section: Section, words: Words, plain: Callable[[str], str]) -> Lines:
    label = [words["sponsor"]] if section.kind == "sponsor" else []
    return label + (underlined(plain(section.title), "=") if section.title else [])


def read_on(words: Words, url: str) -> Lines:
    return [f"{words['read_on']}{words['colon'].rstrip()}", url]


def _fact(words: Words, label: str, value: str) -> str:
    return f"{words[label]}{words['colon']}{value}"
