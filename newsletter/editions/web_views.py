"""What the web templates are given: plain values and finished HTML, no logic left to the template."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from newsletter.editions.digest import beginning
from newsletter.editions.html import Surroundings, shown_address
from newsletter.editions.markers import source_markers
from newsletter.editions.plan import Plan, treatment
from newsletter.editions.web_writer import ContentsHeading, WebWriter
from newsletter.editions.words import Words
from newsletter.model.blocks import Block, Figure, block_inlines
from newsletter.model.inlines import InlineImage, walk
from newsletter.model.issue import Article, Footnote, Issue, Section, Treatment
from newsletter.model.language import direction, is_han
from newsletter.model.measure import block_text, han_and_words, minutes, reading_minutes
from newsletter.model.picture import Image


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of an article's head: its label and what it says."""

    label: str
    value: Markup


@dataclass(frozen=True, slots=True)
class BodyView:
    html: Markup
    noted: bool
    """Whether notes stand beside it."""
    headings: tuple[ContentsHeading, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.html)


@dataclass(frozen=True, slots=True)
class ArticleView:
    """`shown` is `full`, `digest` or `title`; what is omitted has no view. `level` is that of its title."""

    anchor: str
    shown: str
    level: int
    title: Markup
    plain_title: str
    permalink: Markup
    language: str
    """Empty when it is the issue's."""
    direction: str
    words: Words
    kicker: str
    subtitle: Markup
    teaser: Markup
    facts: tuple[Fact, ...]
    length: str
    picture: Markup
    body: BodyView
    references: Markup
    further_links: Markup


@dataclass(frozen=True, slots=True)
class SectionView:
    """`kind` names the template, `kinds/<kind>.html.j2`."""

    anchor: str
    kind: str
    title: Markup
    plain_title: str
    body: BodyView
    articles: tuple[ArticleView, ...]


class Viewer:
    """Makes the views of one issue. `surroundings` gives an anchor and a language theirs."""

    def __init__(
        self, issue: Issue, plan: Plan, surroundings: Callable[[str, str], Surroundings]
    ) -> None:
        self.issue = issue
        self.plan = plan
        self.surroundings = surroundings

    def letter(self) -> BodyView:
        return self._body("letter", self.issue.letter, self.issue.letter_footnotes, shift=-1)

    def section(self, section: Section) -> SectionView | None:
        """None when nothing of it is shown."""
        articles = tuple(
            view
            for article in section.articles
            if (view := self.article(section, article, first=article is section.articles[0]))
        )
        omitted = treatment(self.plan, section.anchor) is Treatment.OMIT
        if (section.articles and not articles) or (not section.articles and omitted):
            return None
        shift = 0 if section.title else -1
        writer = WebWriter(self.surroundings(section.anchor, ""))
        return SectionView(
            anchor=section.anchor,
            kind=section.kind,
            title=_html(writer.words(section.title)),
            plain_title=section.title,
            body=self._body(section.anchor, section.blocks, section.footnotes, shift),
            articles=articles,
        )

    def article(self, section: Section, article: Article, *, first: bool) -> ArticleView | None:
        shown = treatment(self.plan, article.anchor)
        if shown is Treatment.OMIT:
            return None
        around = self.surroundings(article.anchor, article.language)
        level = 3 if section.title else 2
        whole = shown is Treatment.FULL
        writer = WebWriter(around, shift=level - 2, beginning=not whole)
        start = beginning(
            article.blocks,
            article.teaser,
            kind=section.kind,
            reading_minutes=reading_minutes(article),
        )
        under_band = first and not section.blocks
        other = article.language not in ("", self.issue.language)
        return ArticleView(
            anchor=article.anchor,
            shown=shown.value,
            level=level,
            title=_html(writer.words(article.title)),
            plain_title=article.title,
            permalink=_html(writer.permalink(article.anchor)),
            language=article.language if other else "",
            direction=direction(article.language) if other else "",
            words=around.words,
            kicker=article.tags[0] if article.tags else "" if under_band else section.title,
            subtitle=_html(writer.words(article.subtitle)),
            teaser=_html(writer.words(source_markers(start.teaser, None, web_url=around.web_url))),
            facts=tuple(_facts(article, writer)),
            length=_length(article, around.words, article.language or self.issue.language),
            picture=_own_picture(article, writer),
            body=_body(writer, article.blocks, article.footnotes)
            if whole
            else _body(writer, start.blocks, ())
            if shown is Treatment.DIGEST
            else _NOTHING,
            references=_html(writer.references(article.references) if whole else ""),
            further_links=_html(writer.further_links(article.links) if whole else ""),
        )

    def _body(
        self, anchor: str, blocks: Sequence[Block], footnotes: Sequence[Footnote], shift: int
    ) -> BodyView:
        return _body(WebWriter(self.surroundings(anchor, ""), shift), blocks, footnotes)


_NOTHING = BodyView(Markup(), noted=False)


def _html(written: str) -> Markup:
    """What a writer wrote: it has escaped every text of authors, so the template must not do so again."""
    return Markup(written)  # noqa: S704


def _body(writer: WebWriter, blocks: Sequence[Block], footnotes: Sequence[Footnote]) -> BodyView:
    html = writer.body(blocks, footnotes)
    return BodyView(_html(html), bool(footnotes), tuple(writer.headings))


def _facts(article: Article, writer: WebWriter) -> list[Fact]:
    words, origin = writer.around.words, article.origin
    facts: list[Fact] = []
    if article.authors:
        names = words["list_separator"].join(article.authors)
        facts.append(Fact(words["authors"], _html(writer.words(names))))
    if origin.name or origin.url or origin.date:
        name = writer.words(origin.name or shown_address(origin.url))
        value = writer.anchor_element(origin.url, name) if origin.url else name
        date = f" {writer.escaped(origin.date)}" if origin.date else ""
        facts.append(Fact(words["source"], _html(value + date)))
    if article.doi:
        address = f"https://doi.org/{article.doi}"
        value = writer.anchor_element(address, writer.escaped(article.doi))
        facts.append(Fact(words["doi"], _html(value)))
    return facts


def _length(article: Article, words: Words, language: str) -> str:
    """“约 6,000 字 · 6 图 · 15 分钟”: two significant figures of length are as much as a reader wants."""
    text = block_text(article.blocks)
    han, others = han_and_words(text)
    if not han + others:
        return ""
    key = "length_characters" if is_han(language) else "length_words"
    parts = [words.format(key, number=words.count(_rounded(han + others)))]
    if article.figures:
        parts.append(words.format("length_figures", number=len(article.figures)))
    parts.append(words.format("length_minutes", number=minutes(text)))
    return " · ".join(parts)


def _rounded(number: int) -> int:
    step = int(10 ** max(1, len(str(number)) - 2))
    return max(step, round(number / step) * step)


def _own_picture(article: Article, writer: WebWriter) -> Markup:
    """The article's own picture, where its text does not show it anyway."""
    picture = writer.around.pictures.get(article.image)
    if picture is None or article.image in _shown_pictures(article):
        return Markup()
    return _html(writer.known_picture(Image(article.image), picture))


def _shown_pictures(article: Article) -> set[str]:
    keys: set[str] = set()
    for block in article.all_blocks():
        if isinstance(block, Figure):
            keys.add(block.image.picture)
        for inlines in block_inlines(block):
            keys |= {i.image.picture for i in walk(inlines) if isinstance(i, InlineImage)}
    return keys
