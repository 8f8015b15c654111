"""An issue of the publication: sections of articles, as read from its directory."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from newsletter.model.blocks import Block, Figure, walk_blocks
from newsletter.model.picture import Picture
from newsletter.model.silence import Silence
from newsletter.problems import Source


class Treatment(StrEnum):
    """How much of an article an edition shows; the order is from all to nothing."""

    FULL = "full"
    DIGEST = "digest"
    TITLE = "title"
    OMIT = "omit"


class Medium(StrEnum):
    EMAIL = "email"
    WEB = "web"
    PRINT = "print"


NO_COVER = "none"


class EmailMode(StrEnum):
    AUTO = "auto"
    FULL = "full"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an article was taken from: `source: {name, url, date}`."""

    name: str = ""
    url: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """An entry of an article's list of references; `text` is plain."""

    text: str
    url: str = ""
    doi: str = ""

    @property
    def address(self) -> str:
        return self.url or (f"https://doi.org/{self.doi}" if self.doi else "")


@dataclass(frozen=True, slots=True)
class FurtherLink:
    """Further reading; `title` is empty when only the address was written."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Footnote:
    number: int
    source: Source
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Article:
    """`anchor` is `<section>-<article>`, unique in the issue. `treatments` holds only what the editor wrote
    (article beats section); a medium that is not in it is free for the edition to decide."""

    source: Source
    slug: str
    anchor: str
    title: str
    blocks: tuple[Block, ...]
    subtitle: str = ""
    short_title: str = ""
    """What a running head has for a long title; empty when that is to be cut."""
    teaser: str = ""
    """As written, else whole first paragraphs up to about 200 Han characters or 120 words; plain text."""
    authors: tuple[str, ...] = ()
    origin: Origin = Origin()
    doi: str = ""
    image: str = ""
    """The key into `Issue.pictures` of the article's own picture, else empty."""
    language: str = ""
    """BCP 47; the issue's when empty."""
    tags: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    links: tuple[FurtherLink, ...] = ()
    footnotes: tuple[Footnote, ...] = ()
    treatments: Mapping[Medium, Treatment] = field(default_factory=dict)

    @property
    def figures(self) -> tuple[Figure, ...]:
        return tuple(block for block in walk_blocks(self.blocks) if isinstance(block, Figure))

    def all_blocks(self) -> Iterator[Block]:
        """Every block of the article, those in its footnotes last."""
        yield from walk_blocks(self.blocks)
        for footnote in self.footnotes:
            yield from walk_blocks(footnote.blocks)


@dataclass(frozen=True, slots=True)
class Section:
    """`kind` chooses the block template. A section in one file has `blocks` and no articles."""

    source: Source
    slug: str
    title: str
    kind: str = "articles"
    blocks: tuple[Block, ...] = ()
    footnotes: tuple[Footnote, ...] = ()
    articles: tuple[Article, ...] = ()
    treatments: Mapping[Medium, Treatment] = field(default_factory=dict)

    @property
    def anchor(self) -> str:
        return self.slug


@dataclass(frozen=True, slots=True)
class Correction:
    """What was wrong in an earlier revision, told to whoever reads the issue since."""

    date: datetime.date
    note: str


@dataclass(frozen=True, slots=True)
class Layout:
    """What print does when the issue says so; empty or 0 leaves it to the publication."""

    columns: int = 0
    paper: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    source: Source
    slug: str
    title: str
    language: str
    """BCP 47, never empty: the issue's own, else the publication's."""
    date: datetime.date | None = None
    number: str = ""
    subject: str = ""
    """As written, may hold merge tags in source form; the title when empty."""
    preheader: str = ""
    sender: str = ""
    """`from`: an address, or `Name <address>`; the publication's when empty."""
    reply_to: str = ""
    publisher: str = ""
    theme: str = ""
    email: EmailMode = EmailMode.AUTO
    layout: Layout = Layout()
    tags: tuple[str, ...] = ()
    canonical: str = ""
    cover: str = ""
    """The key into `pictures` of the printed cover's picture, `NO_COVER` for none; the edition chooses when empty."""
    letter: tuple[Block, ...] = ()
    """The editor's letter: the body of issue.md."""
    letter_footnotes: tuple[Footnote, ...] = ()
    sections: tuple[Section, ...] = ()
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    silences: tuple[Silence, ...] = ()
    """Warnings that the editor has looked at."""

    def articles(self) -> Iterator[tuple[Section, Article]]:
        for section in self.sections:
            for article in section.articles:
                yield section, article
