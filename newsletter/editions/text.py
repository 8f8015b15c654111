"""Issue → TextEdition: the part of a mail that is read without HTML, 72 columns wide.

The title and the web address come first, the address to unsubscribe last, alone on its line. Every
article ends with its links by number, the same that its HTML has, and the plan's cuts are the mail's.
"""

from __future__ import annotations

from collections.abc import Sequence

from newsletter.editions.markers import Markers, defused, source_markers
from newsletter.editions.plan import Plan, treatment
from newsletter.editions.text_blocks import Lines, TextWriter, joined
from newsletter.editions.text_lines import WIDTH, fill, underlined
from newsletter.editions.words import Words, load_words
from newsletter.model.blocks import Block
from newsletter.model.edition import TextEdition
from newsletter.model.issue import Article, Footnote, Issue, Section, Treatment
from newsletter.publication import Publication


def render_text(
    issue: Issue, publication: Publication, *, plan: Plan, markers: Markers | None
) -> TextEdition:
    """The issue in plain text, ending with a line feed. Without markers there is no recipient, and so no
    address to unsubscribe."""
    edition = _Edition(issue, publication, plan, markers)
    lines = joined(
        [
            edition.masthead(),
            edition.standfirst(),
            edition.own_words(issue.letter, issue.letter_footnotes),
            *(edition.section(section) for section in issue.sections),
            edition.foot(),
        ]
    )
    return TextEdition("\n".join(lines) + "\n")


class _Edition:
    def __init__(
        self, issue: Issue, publication: Publication, plan: Plan, markers: Markers | None
    ) -> None:
        self.issue = issue
        self.publication = publication
        self.plan = plan
        self.markers = markers
        self.web_url = publication.issue_url(issue.slug)
        self.words = load_words(publication, issue.language)

    def masthead(self) -> Lines:
        issue, words = self.issue, self.words
        facts = [
            words.issue_number(issue.number) if issue.number else "",
            words.date(issue.date) if issue.date else "",
            issue.publisher or self.publication.settings.publisher,
        ]
        line = " · ".join(self._plain(fact) for fact in facts if fact)
        web = f"{words['web_version']}{words['colon'].rstrip()}"
        return [
            *fill(self._plain(issue.title)),
            *(fill(line) if line else []),
            web,
            self.web_url,
        ]

    def standfirst(self) -> Lines:
        text = source_markers(self.issue.preheader, self.markers, web_url=self.web_url)
        return fill(text) if text else []

    def section(self, section: Section) -> Lines:
        """Empty when nothing of the section is shown."""
        if not section.articles and treatment(self.plan, section.anchor) is Treatment.OMIT:
            return []
        parts = [self.own_words(section.blocks, section.footnotes)]
        parts += [self.article(article) for article in section.articles]
        inner = _apart(parts)
        if section.articles and not inner:
            return []
        return joined([self._section_title(section), inner])

    def _section_title(self, section: Section) -> Lines:
        label = [self.words["sponsor"]] if section.kind == "sponsor" else []
        title = underlined(self._plain(section.title), "=") if section.title else []
        return label + title

    def own_words(self, blocks: Sequence[Block], footnotes: Sequence[Footnote]) -> Lines:
        """The blocks of the letter or of a section, with their notes and links."""
        writer = self._writer(self.words)
        body = writer.blocks(blocks)
        notes = writer.footnotes(footnotes)
        return joined([body, notes, writer.link_list(())])

    def article(self, article: Article) -> Lines:
        match treatment(self.plan, article.anchor):
            case Treatment.OMIT:
                return []
            case Treatment.TITLE:
                return fill(self._plain(article.title), first="* ", rest="  ")
            case Treatment.DIGEST:
                return self._digest(article)
            case Treatment.FULL:
                return self._full(article)

    def _digest(self, article: Article) -> Lines:
        teaser = source_markers(article.teaser, self.markers, web_url=self.web_url)
        read_on = f"{self.words['read_on']}{self.words['colon'].rstrip()}"
        return joined(
            [
                self._head(article),
                fill(teaser) if teaser else [],
                [read_on, f"{self.web_url}#{article.anchor}"],
            ]
        )

    def _full(self, article: Article) -> Lines:
        words = load_words(self.publication, article.language or self.issue.language)
        writer = self._writer(words)
        return joined(
            [
                self._head(article),
                self._facts(article, writer),
                writer.blocks(article.blocks),
                writer.footnotes(article.footnotes),
                writer.references(article.references),
                writer.link_list(article.links),
            ]
        )

    def _head(self, article: Article) -> Lines:
        subtitle = fill(self._plain(article.subtitle)) if article.subtitle else []
        return [*underlined(self._plain(article.title), "-"), *subtitle]

    def _facts(self, article: Article, writer: TextWriter) -> Lines:
        """Who wrote it, where it was taken from and its DOI, a line each."""
        words, origin = writer.words, article.origin
        lines: Lines = []
        if article.authors:
            names = words["list_separator"].join(map(self._plain, article.authors))
            lines += fill(self._fact(words, "authors", names))
        if origin.name or origin.url or origin.date:
            shown = " ".join(self._plain(part) for part in (origin.name, origin.date) if part)
            number = writer.number(writer.address(origin.url)) if origin.url else ""
            lines += fill(self._fact(words, "source", f"{shown} {number}".strip()))
        if article.doi:
            number = writer.number(writer.address(f"https://doi.org/{article.doi}"))
            lines += fill(self._fact(words, "doi", f"{self._plain(article.doi)} {number}"))
        return lines

    def _fact(self, words: Words, label: str, value: str) -> str:
        return f"{words[label]}{words['colon']}{value}"

    def foot(self) -> Lines:
        settings, words = self.publication.settings, self.words
        colon = words["colon"].rstrip()
        address = [
            line
            for text in (settings.publisher or settings.name, settings.address)
            if text
            for line in fill(text)
        ]
        if self.markers is None:
            return joined([["-" * WIDTH], address])
        why = fill(words.format("why_received", name=settings.name))
        unsubscribe = [f"{words['unsubscribe']}{colon}", self.markers.token("unsubscribe_url")]
        return joined([["-" * WIDTH, *address], why, unsubscribe])

    def _writer(self, words: Words) -> TextWriter:
        return TextWriter(words, self.markers, self.web_url)

    def _plain(self, text: str) -> str:
        return text if self.markers is None else defused(text)


def _apart(articles: list[Lines]) -> Lines:
    """Two empty lines between articles, one between bare titles."""
    lines: Lines = []
    for article in articles:
        if article and lines:
            lines += (
                [""] if article[0].startswith("* ") and lines[-1].startswith("* ") else ["", ""]
            )
        lines += article
    return lines
