"""The rows of a mail: what stands where, for a plan.

An issue is a run of parts, each an article or a section that has none. A row's HTML is made on demand and
depends on its part and treatment only, so a plan can be weighed part by part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from newsletter.editions.caches import Question
from newsletter.editions.digest import digest_blocks
from newsletter.editions.email_html import EmailHtml
from newsletter.editions.email_item import Part, item_row, measure, prose
from newsletter.editions.email_theme import EmailTheme
from newsletter.editions.html_inlines import Surroundings
from newsletter.editions.markers import Markers, source_markers
from newsletter.editions.plan import Plan
from newsletter.model.issue import Issue, Section, Treatment
from newsletter.model.picture import Picture
from newsletter.publication import Publication

MOST_CONTENTS = 40
"""Lines. A longer list fills screens, and weighs what the articles could."""


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
        self._openings: dict[tuple[str, int], str] = {}
        self._contents: dict[frozenset[str], str] = {}

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
        opening = self.opening(section, len(shown)) if full else ""
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
            writer = self._writer("letter", beginning=beginning, untitled=True)
            body = (
                writer.blocks(digest_blocks(self.issue.letter))
                if beginning
                else prose(writer, self.issue.letter, self.issue.letter_footnotes)
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

    def opening(self, section: Section, count: int) -> str:
        """The band above a section's articles, of which it counts those that are shown."""
        key = (section.anchor, count)
        if key not in self._openings:
            self._openings[key] = self._opening(section, count)
        return self._openings[key]

    def _opening(self, section: Section, count: int) -> str:
        words = self.theme.words
        intro = ""
        if section.articles:
            writer = self._writer(section.anchor)
            intro = prose(writer, section.blocks, section.footnotes)
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

    def is_first(self, part: Part) -> bool:
        """Whether it stands right under its section's band when all is shown."""
        section = part.section
        return part == _parts(section)[0] and bool(self.opening(section, len(section.articles)))

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
        return item_row(self.issue, self.publication, self.theme, self.answer, part, shown, first)

    def answer(self, question: Question) -> str:
        """What a row asks of its mail; see `email_item.py`."""
        match question:
            case ("token", field, default):
                return self.markers.token(field, default)
            case ("picture", path):
                return self.address_of(self.issue.pictures[path])
        raise AssertionError(question)

    def _entry(self, part: Part) -> dict[str, str]:
        """A line of the contents."""
        time = measure(part).minutes
        return {
            "url": f"{self.web_url}#{part.anchor}",
            "title": part.title,
            "minutes": self.theme.words.format("length_minutes", number=time),
        }

    def _writer(self, anchor: str, *, beginning: bool = False, untitled: bool = False) -> EmailHtml:
        around = Surroundings(
            language=self.issue.language,
            words=self.theme.words,
            anchor=anchor,
            markers=self.markers,
            pictures=self.issue.pictures,
            address_of=self.address_of,
            web_url=self.web_url,
        )
        return EmailHtml(around, beginning=beginning, untitled=untitled)
