"""The rows of a mail: what stands where, for a plan.

An issue is a run of parts, each an article or a section that has none. A row's HTML is made on demand and
depends on its part and treatment only, so a plan can be weighed part by part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from newsletter.editions.digest import digest_blocks, has_own_words, teaser_paragraphs
from newsletter.editions.email_html import EmailHtml
from newsletter.editions.email_theme import EmailTheme
from newsletter.editions.html_inlines import Surroundings
from newsletter.editions.markers import Markers, source_markers
from newsletter.editions.plan import Plan
from newsletter.editions.words import Words, load_words
from newsletter.model.blocks import Block, Figure, walk_blocks
from newsletter.model.issue import Article, Footnote, Issue, Section, Treatment
from newsletter.model.language import direction, is_han
from newsletter.model.measure import block_text, han_and_words, minutes
from newsletter.model.picture import Picture
from newsletter.problems import Source
from newsletter.publication import Publication

BRIEF_MINUTES = 4
"""An article no longer than this is cut to a brief: a small title and its teaser."""

MOST_CONTENTS = 40
"""Lines. A longer list fills screens, and weighs what the articles could."""


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


@dataclass(frozen=True, slots=True)
class Row:
    """`kind` is its class in the skeleton; `anchor` that of its part, empty for rows of several."""

    kind: str
    html: str
    anchor: str = ""


def parts(issue: Issue) -> Iterator[Part]:
    for section in issue.sections:
        yield from _parts(section)


def _parts(section: Section) -> list[Part]:
    return [Part(section, article) for article in section.articles] or [Part(section, None)]


class EmailRows:
    def __init__(
        self,
        issue: Issue,
        publication: Publication,
        theme: EmailTheme,
        markers: Markers,
        address_of: Callable[[Picture], str],
    ) -> None:
        self.issue = issue
        self.publication = publication
        self.theme = theme
        self.markers = markers
        self.address_of = address_of
        self.web_url = publication.issue_url(issue.slug)
        self._items: dict[tuple[str, Treatment, bool], str] = {}
        self.letter_shown = Treatment.FULL
        self._letters: dict[Treatment, str] = {}
        self._contents: dict[frozenset[str], str] = {}
        self._measures: dict[str, Measure] = {}

    def rows(self, plan: Plan) -> list[Row]:
        """Every row between masthead and foot; rows that came out empty are left out."""
        found = [Row("opening", self.standfirst), Row("letter", self.letter)]
        found.append(Row("contents", self.contents(plan)))
        for section in self.issue.sections:
            found += self._section(section, plan)
        return [row for row in found if row.html]

    def _section(self, section: Section, plan: Plan) -> Iterator[Row]:
        shown = [p for p in _parts(section) if plan[p.anchor] is not Treatment.OMIT]
        full = [part for part in shown if plan[part.anchor] is not Treatment.TITLE]
        rest = [part for part in shown if plan[part.anchor] is Treatment.TITLE]
        if not shown:
            return
        opening = self.opening(section) if full else ""
        yield Row("section", opening)
        for position, part in enumerate(full):
            first = position == 0 and bool(opening)
            kind = "article" if position == 0 else "article ruled"
            yield Row(kind, self.item(part, plan[part.anchor], first), part.anchor)
        if rest:
            yield Row("titles", self.titles(section, rest))

    @cached_property
    def standfirst(self) -> str:
        text = source_markers(self.issue.preheader, self.markers, web_url=self.web_url)
        return self.theme.row("parts/standfirst.html.j2", text=text) if text else ""

    @property
    def letter(self) -> str:
        """The editor's letter, or its beginning when `letter_shown` says so."""
        shown = self.letter_shown
        if shown not in self._letters:
            beginning = shown is Treatment.DIGEST
            writer = self._writer("letter", self.theme.words, beginning=beginning, untitled=True)
            body = (
                writer.blocks(digest_blocks(self.issue.letter))
                if beginning
                else self._prose(writer, self.issue.letter, self.issue.letter_footnotes)
            )
            self._letters[shown] = (
                self.theme.row(
                    "parts/letter.html.j2",
                    body=Markup(body),  # noqa: S704 - EmailHtml escapes
                    read_on=self.web_url if beginning else "",
                )
                if body
                else ""
            )
        return self._letters[shown]

    def contents(self, plan: Plan) -> str:
        """What is in the issue, with reading times; empty when that is a single thing or too much to look over."""
        omitted = frozenset(anchor for anchor, shown in plan.items() if shown is Treatment.OMIT)
        if omitted not in self._contents:
            self._contents[omitted] = self._contents_without(omitted)
        return self._contents[omitted]

    def _contents_without(self, omitted: frozenset[str]) -> str:
        groups = []
        for section in self.issue.sections:
            listed = [p for p in _parts(section) if p.title and p.anchor not in omitted]
            if section.kind == "sponsor":
                continue
            if listed:
                title = section.title if section.articles else ""
                groups.append({"title": title, "rows": [self._entry(part) for part in listed]})
        if not 2 <= sum(len(group["rows"]) for group in groups) <= MOST_CONTENTS:
            return ""
        return self.theme.row("parts/contents.html.j2", groups=groups)

    def opening(self, section: Section) -> str:
        """The band above a section's articles."""
        count = len(section.articles)
        words = self.theme.words
        intro = ""
        if section.articles:
            writer = self._writer(section.anchor, words)
            intro = self._prose(writer, section.blocks, section.footnotes)
        shown = {
            "title": section.title,
            "count": words.format("article_count", number=count) if count > 1 else "",
            "intro": Markup(intro),  # noqa: S704 - EmailHtml escapes
        }
        template = self.theme.kind_template(section.kind)
        return self.theme.row(template, part="opening", section=shown, item=None)

    def titles(self, section: Section, rest: list[Part]) -> str:
        more = self.theme.words.format("more_articles", number=len(rest))
        entries = [self._entry(part) for part in rest]
        return self.theme.row("parts/titles.html.j2", section=section, more=more, rows=entries)

    def item(self, part: Part, shown: Treatment, first: bool = False) -> str:
        """The row of a part in a treatment. `first` stands right under its section's band."""
        key = (part.anchor, shown, first)
        if key not in self._items:
            self._items[key] = self._item(part, shown, first)
        return self._items[key]

    def _item(self, part: Part, shown: Treatment, first: bool) -> str:
        if shown is Treatment.OMIT:
            return ""
        if shown is Treatment.TITLE:
            return self.titles(part.section, [part])
        words = self._words(part)
        writer = self._writer(
            part.anchor, words, beginning=shown is Treatment.DIGEST, untitled=not part.title
        )
        brief = shown is Treatment.DIGEST and self._is_brief(part)
        article = part.article
        item = {
            "anchor": part.anchor,
            "title": article.title if article else _own_title(part.section),
            "subtitle": article.subtitle if article else "",
            "byline": self._byline(article, writer, words) if article and not brief else "",
            "url": f"{self.web_url}#{part.anchor}",
            "shown": str(shown),
            "first": first,
            "brief": brief,
            "teaser": self._teaser(part, writer) if brief else "",
            "body": "" if brief else Markup(self._body(part, shown, writer)),  # noqa: S704
            "length": self._length(part),
        }
        html = self.theme.row(
            self.theme.kind_template(part.section.kind),
            part="item",
            section=part.section,
            item=item,
        )
        return _in_language(html, article, self.issue)

    def _body(self, part: Part, shown: Treatment, writer: EmailHtml) -> str:
        article = part.article
        if article is None:
            if shown is Treatment.DIGEST:
                return writer.blocks(digest_blocks(part.section.blocks))
            return self._prose(writer, part.section.blocks, part.section.footnotes)
        if shown is Treatment.DIGEST:
            own = ""
            if has_own_words(article.blocks, article.teaser):
                own = f"<p>{self._written_teaser(article)}</p>\n"
            return own + writer.blocks(digest_blocks(article.blocks, article.teaser))
        return (
            self._prose(writer, article.blocks, article.footnotes)
            + writer.references(article.references)
            + writer.further_links(article.links)
        )

    def _prose(
        self, writer: EmailHtml, blocks: tuple[Block, ...], footnotes: tuple[Footnote, ...]
    ) -> str:
        return writer.blocks(blocks) + writer.footnotes(footnotes)

    def _teaser(self, part: Part, writer: EmailHtml) -> Markup:
        """A brief's text: the paragraphs that the teaser is made of, else the teaser as it was written."""
        article = part.article
        assert article is not None
        paragraphs = teaser_paragraphs(article.blocks, article.teaser)
        lines = [writer.inlines(paragraph.children) for paragraph in paragraphs]
        return Markup("<br>".join(lines)) if lines else self._written_teaser(article)  # noqa: S704

    def _written_teaser(self, article: Article) -> Markup:
        text = source_markers(article.teaser, self.markers, web_url=self.web_url)
        return Markup.escape(text)

    def _byline(self, article: Article, writer: EmailHtml, words: Words) -> Markup:
        facts = []
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

    def _entry(self, part: Part) -> dict[str, str]:
        """A line of the contents."""
        time = self._measure(part).minutes
        return {
            "url": f"{self.web_url}#{part.anchor}",
            "title": part.title,
            "minutes": self.theme.words.format("length_minutes", number=time),
        }

    def _is_brief(self, part: Part) -> bool:
        short = self._measure(part).minutes <= BRIEF_MINUTES or part.section.kind == "briefs"
        return short and part.article is not None and bool(part.article.teaser)

    def _measure(self, part: Part) -> Measure:
        if part.anchor not in self._measures:
            text = block_text(part.blocks)
            self._measures[part.anchor] = Measure(*han_and_words(text), minutes(text))
        return self._measures[part.anchor]

    def _length(self, part: Part) -> str:
        """“约 5,600 字 · 7 图”: what reading on holds."""
        words = self.theme.words
        measure = self._measure(part)
        characters = is_han(self._language(part))
        count = measure.han + measure.words if characters else measure.words
        key = "length_characters" if characters else "length_words"
        facts = [words.format(key, number=words.count(_rounded(count)))]
        figures = sum(isinstance(block, Figure) for block in walk_blocks(part.blocks))
        if figures:
            facts.append(words.format("length_figures", number=figures))
        return " · ".join(facts)

    def _language(self, part: Part) -> str:
        return (part.article.language if part.article else "") or self.issue.language

    def _words(self, part: Part) -> Words:
        language = self._language(part)
        return (
            self.theme.words
            if language == self.issue.language
            else load_words(self.publication, language)
        )

    def _writer(
        self, anchor: str, words: Words, *, beginning: bool = False, untitled: bool = False
    ) -> EmailHtml:
        around = Surroundings(
            language=words.language,
            words=words,
            anchor=anchor,
            markers=self.markers,
            pictures=self.issue.pictures,
            address_of=self.address_of,
            web_url=self.web_url,
        )
        return EmailHtml(around, beginning=beginning, untitled=untitled)


def _own_title(section: Section) -> str:
    """A section without articles has its title in its band; a sponsor has no band."""
    return section.title if section.kind == "sponsor" else ""


def _rounded(count: int) -> int:
    return round(count, -2) if count >= 1000 else max(10, round(count, -1))


def _in_language(html: str, article: Article | None, issue: Issue) -> str:
    language = article.language if article else ""
    if not html or not language or language == issue.language:
        return html
    return f'<div lang="{Markup.escape(language)}" dir="{direction(language)}">{html}</div>'
