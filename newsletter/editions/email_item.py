"""One article in a mail: its row in full, or its beginning.

A row depends on its article, on the theme and the words, and on two things that the rest of the mail
decides: the tokens of its merge tags and the addresses of its pictures. It asks for those (see `caches.py`),
and is kept with the answers.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from newsletter.editions.caches import Ask, Kept
from newsletter.editions.digest import Beginning, beginning
from newsletter.editions.email_html import EmailHtml
from newsletter.editions.email_theme import EmailTheme
from newsletter.editions.html_inlines import Surroundings, attributes
from newsletter.editions.markers import AskedMarkers, source_markers
from newsletter.editions.words import Words, load_words
from newsletter.model.blocks import Block, Figure, Paragraph, walk_blocks
from newsletter.model.issue import Article, Footnote, Issue, Section, Treatment
from newsletter.model.language import direction, is_han
from newsletter.model.measure import block_text, han_and_words, minutes
from newsletter.model.picture import Picture
from newsletter.problems import Source
from newsletter.publication import Publication

_rows: Kept[str] = Kept(most=1000)
_measures: Kept[Measure] = Kept(most=1000)


@dataclass(frozen=True, slots=True)
class Part:
    """What a plan treats as one: an article, or (`article` is None) a section that has none."""

    section: Section
    article: Article | None

    @property
    def anchor(self) -> str:
        return self.article.anchor if self.article else self.section.anchor

    @property
    def title(self) -> str:
        return self.article.title if self.article else self.section.title

    @property
    def source(self) -> Source:
        return self.article.source if self.article else self.section.source

    @property
    def blocks(self) -> tuple[Block, ...]:
        return self.article.blocks if self.article else self.section.blocks


@dataclass(frozen=True, slots=True)
class Measure:
    han: int
    words: int
    minutes: int


def measure(part: Part) -> Measure:
    """How long the whole of it is to read."""
    return _measures.result(part.anchor, part.blocks, _nothing, lambda _: _measured(part.blocks))


def _measured(blocks: tuple[Block, ...]) -> Measure:
    text = block_text(blocks)
    return Measure(*han_and_words(text), minutes(text))


def _nothing(_: object) -> str:
    return ""


def item_row(
    issue: Issue,
    publication: Publication,
    theme: EmailTheme,
    ask: Ask,
    part: Part,
    shown: Treatment,
    first: bool,
) -> str:
    """The row of a part in full or as a digest. `first` stands right under its section's band."""
    section = part.section
    language = _language(part, issue)
    words = theme.words if language == issue.language else load_words(publication, language)
    web_url = publication.issue_url(issue.slug)
    whole = part.article or (section.blocks, section.footnotes)
    pictures = {key: (picture.digest, picture.width) for key, picture in issue.pictures.items()}
    place = (web_url, part.anchor, shown, first)
    made_of = (whole, section.kind, section.title, issue.language, words, pictures, theme.state)

    def make(asking: Ask) -> str:
        return _Item(issue, theme, words, web_url, asking).row(part, shown, first)

    return _rows.result(place, made_of, ask, make)


class _Item:
    def __init__(
        self, issue: Issue, theme: EmailTheme, words: Words, web_url: str, ask: Ask
    ) -> None:
        self.issue = issue
        self.theme = theme
        self.words = words
        self.web_url = web_url
        self.markers = AskedMarkers(ask)
        self._ask = ask

    def address_of(self, picture: Picture) -> str:
        return self._ask(("picture", picture.path))

    def row(self, part: Part, shown: Treatment, first: bool) -> str:
        writer = self._writer(part, shown)
        article = part.article
        start = _beginning(part) if shown is Treatment.DIGEST else None
        brief = start is not None and start.brief
        item = {
            "anchor": part.anchor,
            "title": article.title if article else _own_title(part.section),
            "subtitle": article.subtitle if article else "",
            "byline": self._byline(article, writer) if article and not brief else "",
            "url": f"{self.web_url}#{part.anchor}",
            "shown": str(shown),
            "first": first,
            "brief": brief,
            "teaser": self._teaser(start, writer) if start is not None and brief else "",
            "body": "" if brief else Markup(self._body(part, start, writer)),  # noqa: S704
            "length": self._length(part),
        }
        html = self.theme.row(
            self.theme.kind_template(part.section.kind),
            part="item",
            section=part.section,
            item=item,
        )
        return self._in_language(html, article)

    def _in_language(self, html: str, article: Article | None) -> str:
        language, main = (article.language if article else ""), self.issue.language
        if not html or not language or language == main:
            return html
        fonts, mains = self.theme.sans(language), self.theme.sans(main)
        attrs = attributes(lang=language, dir=direction(language))
        styled = f' style="font-family:{fonts}"' if fonts != mains else ""
        return f"<div{attrs}{styled}>{html}</div>"

    def _body(self, part: Part, start: Beginning | None, writer: EmailHtml) -> str:
        article, section = part.article, part.section
        if start is not None:
            teaser = f"<p>{self._written(start.teaser)}</p>\n" if start.teaser else ""
            return teaser + writer.blocks(start.blocks)
        if article is None:
            return prose(writer, section.blocks, section.footnotes)
        return (
            prose(writer, article.blocks, article.footnotes)
            + writer.references(article.references)
            + writer.further_links(article.links)
        )

    def _teaser(self, start: Beginning, writer: EmailHtml) -> Markup:
        """A brief's text as one paragraph."""
        paragraphs = (block for block in start.blocks if isinstance(block, Paragraph))
        lines = [writer.inlines(paragraph.children) for paragraph in paragraphs]
        return Markup("<br>".join(lines)) if lines else self._written(start.teaser)  # noqa: S704

    def _written(self, teaser: str) -> Markup:
        return Markup.escape(source_markers(teaser, self.markers, web_url=self.web_url))

    def _byline(self, article: Article, writer: EmailHtml) -> Markup:
        words, facts = self.words, []
        if article.authors:
            facts.append(writer.words(words["list_separator"].join(article.authors)))
        origin = article.origin
        named = writer.words(" ".join(part for part in (origin.name, origin.date) if part))
        if origin.url:
            named = writer.anchor_element(writer.address(origin.url), named or words["source"])
        facts.append(named)
        if article.doi:
            address = writer.address(f"https://doi.org/{article.doi}")
            facts.append(writer.anchor_element(address, f"DOI {writer.escaped(article.doi)}"))
        return Markup(" · ").join(Markup(fact) for fact in facts if fact)  # noqa: S704

    def _length(self, part: Part) -> str:
        """“约 5,600 字 · 7 图”: what reading on holds."""
        words = self.theme.words
        length = measure(part)
        characters = is_han(_language(part, self.issue))
        count = length.han + length.words if characters else length.words
        key = "length_characters" if characters else "length_words"
        facts = [words.format(key, number=words.count(_rounded(count)))]
        figures = sum(isinstance(block, Figure) for block in walk_blocks(part.blocks))
        if figures:
            facts.append(words.format("length_figures", number=figures))
        return " · ".join(facts)

    def _writer(self, part: Part, shown: Treatment) -> EmailHtml:
        around = Surroundings(
            language=self.words.language,
            words=self.words,
            anchor=part.anchor,
            markers=self.markers,
            pictures=self.issue.pictures,
            address_of=self.address_of,
            web_url=self.web_url,
        )
        beginning = shown is Treatment.DIGEST
        return EmailHtml(around, beginning=beginning, untitled=not part.title)


def _beginning(part: Part) -> Beginning:
    teaser = part.article.teaser if part.article else ""
    time = measure(part).minutes
    return beginning(part.blocks, teaser, kind=part.section.kind, reading_minutes=time)


def _language(part: Part, issue: Issue) -> str:
    return (part.article.language if part.article else "") or issue.language


def prose(writer: EmailHtml, blocks: tuple[Block, ...], footnotes: tuple[Footnote, ...]) -> str:
    return writer.blocks(blocks) + writer.footnotes(footnotes)


def _own_title(section: Section) -> str:
    """A section without articles has its title in its band; a sponsor has no band."""
    return section.title if section.kind == "sponsor" else ""


def _rounded(count: int) -> int:
    return round(count, -2) if count >= 1000 else max(10, round(count, -1))
