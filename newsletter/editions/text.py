"""Issue → TextEdition: the part of a mail that is read without HTML, 72 columns wide.

The title and the web address come first, the address to unsubscribe last, alone on its line. Every
article ends with its links by number, the same that its HTML has, and the plan's cuts are the mail's.
"""

from __future__ import annotations

from collections.abc import Sequence

from newsletter.editions.caches import Ask, Kept, Question
from newsletter.editions.digest import beginning
from newsletter.editions.markers import AskedMarkers, Markers, defused, source_markers
from newsletter.editions.plan import LETTER, Plan, treatment
from newsletter.editions.text_blocks import Lines, TextWriter, joined
from newsletter.editions.text_items import TextItem, read_on, section_title
from newsletter.editions.text_lines import WIDTH, fill
from newsletter.editions.words import load_words
from newsletter.model.blocks import Block
from newsletter.model.edition import TextEdition
from newsletter.model.issue import Article, Footnote, Issue, Section, Treatment
from newsletter.publication import Publication

_ADDRESS = "x" * 32
"""Stands for the recipient's address while lines are filled: few are longer."""

_items: Kept[Lines] = Kept(most=1000)


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
            edition.letter(),
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
        if not section.articles:
            shown = treatment(self.plan, section.anchor)
            return self._item(section, shown) if shown is not Treatment.OMIT else []
        items = [self._article(section, article) for article in section.articles]
        if not any(items):
            return []
        beyond_titles = (Treatment.FULL, Treatment.DIGEST)
        intro = any(treatment(self.plan, a.anchor) in beyond_titles for a in section.articles)
        own = self.own_words(section.blocks, section.footnotes) if intro else []
        return joined([section_title(section, self.words, self._plain), _apart([own, *items])])

    def _article(self, section: Section, article: Article) -> Lines:
        shown = treatment(self.plan, article.anchor)
        return self._item(section, shown, article) if shown is not Treatment.OMIT else []

    def _item(self, section: Section, shown: Treatment, article: Article | None = None) -> Lines:
        """An article, or a section that has none, from what was kept when nothing of it changed."""
        language = (article.language if article else "") or self.issue.language
        words = self.words
        if language != self.issue.language:
            words = load_words(self.publication, language)
        whole = article or section
        personal = self.markers is not None
        place = (self.web_url, whole.anchor, shown, personal)
        made_of = (whole, section.kind, words)

        def make(ask: Ask) -> Lines:
            writer = TextWriter(words, AskedMarkers(ask) if personal else None, self.web_url)
            return TextItem(writer, section, article).lines(shown)

        return list(_items.result(place, made_of, self._answer, make))

    def _answer(self, question: Question) -> str:
        _, field, default = question
        assert self.markers is not None
        return self.markers.token(field, default)

    def letter(self) -> Lines:
        letter, notes = self.issue.letter, self.issue.letter_footnotes
        if treatment(self.plan, LETTER) is Treatment.FULL:
            return self.own_words(letter, notes)
        writer = TextWriter(self.words, self.markers, self.web_url, beginning=True)
        body = writer.blocks(beginning(letter).blocks)
        return joined([body, writer.link_list(()), read_on(self.words, self.web_url)])

    def own_words(self, blocks: Sequence[Block], footnotes: Sequence[Footnote]) -> Lines:
        """The blocks of the letter or of a section, with their notes and links."""
        writer = TextWriter(self.words, self.markers, self.web_url)
        body = writer.blocks(blocks)
        notes = writer.footnotes(footnotes)
        return joined([body, notes, writer.link_list(())])

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
        why = [
            line.replace(_ADDRESS, self.markers.token("subscriber.email"))
            for line in fill(words.format("why_received", name=settings.name, email=_ADDRESS))
        ]
        unsubscribe = [f"{words['unsubscribe']}{colon}", self.markers.token("unsubscribe_url")]
        return joined([["-" * WIDTH, *address], why, unsubscribe])

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
