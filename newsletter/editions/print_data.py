"""An issue as data for the print template: everything on the pages, in their order, ready to be set.

The template gets this and nothing else, as JSON. It decides how things look; what is printed, under which
words and numbers, is decided here. `print_blocks` and `print_inlines` write what stands in an article.
"""

from __future__ import annotations

from collections.abc import Iterable

from newsletter.editions.plan import Plan, treatment, written_plan
from newsletter.editions.press import Press
from newsletter.editions.print_blocks import BlockWriter
from newsletter.editions.print_cover import cover_picture
from newsletter.editions.print_front import cover_rows, edition_data, running, teasers
from newsletter.editions.print_heads import running_title
from newsletter.editions.print_inlines import Data, Desk
from newsletter.editions.print_links import LinkBook, shown_address
from newsletter.editions.print_page import Page, voice
from newsletter.model.blocks import Block, Figure, Heading, walk_blocks
from newsletter.model.issue import Article, Footnote, Issue, Medium, Reference, Section, Treatment
from newsletter.model.picture import Image
from newsletter.problems import Source

SPONSOR = "sponsor"

FEW_ROWS = 6


def issue_data(issue: Issue, press: Press) -> Data:
    """The whole issue. `pictures` is not in it yet: the files are made last."""
    anchors = frozenset(_anchors(issue, press.plan))
    web_url = press.publication.issue_url(issue.slug)
    desk = Desk(
        press.words,
        press.glyphs,
        press.pictures,
        anchors,
        web_url,
        frozenset(_anchors(issue, written_plan(issue, Medium.WEB))) - anchors,
        press.told,
    )
    front = _writer(
        desk, press, "letter", issue.language, issue.source, issue.letter, issue.letter_footnotes
    )
    sections = [
        _section(section, issue, desk, press)
        for section in _sections(issue)
        if _printed(section, press.plan)
    ]
    front.level = 1
    return {
        "edition": edition_data(issue, press, front),
        "voice": voice(issue.language, press.fonts),
        "own-fonts": press.fonts.named(press.tokens.fonts, issue.language),
        "page": _page(press.page),
        "colours": dict(press.tokens.light),
        "words": {
            key: press.words[key]
            for key in (
                "contents",
                "table_of_contents",
                "page_of_pages",
                "sponsor",
                "references",
                "further_links",
                "links",
                "editors_letter",
            )
        },
        "cover": cover_rows(sections) if issue.sections else [],
        "cover-picture": cover_picture(issue, press, front),
        "teasers": teasers(issue, press, front),
        "contents": _has_contents(issue, sections),
        "letter": _letter(issue, press, front),
        "sections": sections,
    }


def _sections(issue: Issue) -> tuple[Section, ...]:
    """The sections; an issue that is one text and nothing else is one section of that."""
    if issue.sections or not issue.letter:
        return issue.sections
    text = Section(
        issue.source,
        "letter",
        issue.title,
        blocks=issue.letter,
        footnotes=issue.letter_footnotes,
    )
    return (text,)


def _has_contents(issue: Issue, sections: list[Data]) -> bool:
    """A page of contents: not where a few sections without articles have all their rows on the cover already, and
    nothing else would stand on it."""
    rows = sum(1 + len(section["articles"]) for section in sections)
    articles = any(section["articles"] for section in sections)
    return rows > 2 and (articles or bool(issue.letter) or rows > FEW_ROWS)


def _page(page: Page) -> Data:
    return {
        "columns": page.columns,
        "paper-width": page.paper_width,
        "paper-height": page.paper_height,
        "size": page.size,
        "pitch": page.pitch,
        "measure": page.measure,
        "width": page.width,
        "gutter": page.gutter,
        "side": page.side,
        "top": page.top,
        "bottom": page.bottom,
        "height": page.height,
    }


def _letter(issue: Issue, press: Press, writer: BlockWriter) -> Data | None:
    if not issue.letter or not issue.sections:
        return None
    return {
        "running": running(issue, press, writer, press.words["editors_letter"]),
        "blocks": writer.blocks(issue.letter),
        **_links(writer),
    }


def _section(section: Section, issue: Issue, desk: Desk, press: Press) -> Data:
    writer = _writer(
        desk,
        press,
        section.anchor,
        issue.language,
        section.source,
        section.blocks,
        section.footnotes,
    )
    writer.level = 1
    writer.boxed = section.kind == SPONSOR
    title = writer.text(section.title)
    return {
        "title": title,
        "running": running(issue, press, writer, title),
        "anchor": section.anchor,
        "sponsor": section.kind == SPONSOR,
        "section-kind": section.kind,
        "blocks": writer.blocks(section.blocks),
        **_links(writer),
        "articles": [
            _article(article, section, issue, desk, press)
            for article in section.articles
            if treatment(press.plan, article.anchor) is not Treatment.OMIT
        ],
    }


def _article(article: Article, section: Section, issue: Issue, desk: Desk, press: Press) -> Data:
    shown = treatment(press.plan, article.anchor)
    full = shown is Treatment.FULL
    blocks = article.blocks if full else ()
    language = article.language or issue.language
    writer = _writer(
        desk,
        press,
        article.anchor,
        language,
        article.source,
        blocks,
        article.footnotes if full else (),
    )
    writer.boxed = section.kind == SPONSOR
    title = writer.text(article.title)
    own_language = (
        voice(language, press.fonts) if article.language and language != issue.language else None
    )
    return {
        "title": title,
        # Not what the head says already.
        "running": running_title(_short_title(article, section, writer)),
        "anchor": article.anchor,
        "voice": own_language,
        "kicker": writer.text(article.tags[0] if article.tags else ""),
        "subtitle": writer.text(article.subtitle),
        "authors": writer.text(press.words["list_separator"].join(article.authors)),
        "origin": _origin(article, writer),
        "doi": writer.text(article.doi),
        "teaser": writer.text(article.teaser) if shown is Treatment.DIGEST else "",
        "read-on": "" if full else press.publication.issue_url(issue.slug) + "#" + article.anchor,
        "read-on-words": press.words["read_on"],
        "lead": _lead_picture(article, writer) if full else None,
        "blocks": writer.article(blocks),
        "references": [
            _reference(number, entry, article, writer)
            for number, entry in enumerate(article.references, 1)
        ]
        if full
        else [],
        "further": [
            {
                "url": link.url,
                "title": writer.text(link.title),
                "shown": writer.text(shown_address(link.url)),
            }
            for link in article.links
        ]
        if full
        else [],
        **_links(writer),
    }


def _short_title(article: Article, section: Section, writer: BlockWriter) -> str:
    name = article.short_title or article.title
    return "" if name == section.title else writer.text(name)


def _writer(
    desk: Desk,
    press: Press,
    anchor: str,
    language: str,
    source: Source,
    blocks: Iterable[Block],
    footnotes: tuple[Footnote, ...],
) -> BlockWriter:
    blocks = tuple(blocks)
    links = LinkBook(blocks, own_notes=bool(footnotes), web_url=desk.web_url)
    writer = BlockWriter(desk, anchor, language, source, links=links, footnotes=footnotes)
    writer.page = press.page
    return writer


def _links(writer: BlockWriter) -> Data:
    """The numbered list of addresses at the end, empty when they stand at the foot of the pages."""
    links = writer.links
    if not links.listed:
        return {"links": []}
    return {
        "links": [
            {
                "mark": links.mark(url),
                "url": url,
                "shown": writer.text(shown_address(url)),
                "target": f"{writer.anchor}:link:{number}",
            }
            for url, number in links.numbers.items()
        ]
    }


def _origin(article: Article, writer: BlockWriter) -> Data | None:
    origin = article.origin
    if not (origin.name or origin.url or origin.date):
        return None
    name = origin.name or (shown_address(origin.url) if origin.url else "")
    return {"name": writer.text(name), "url": origin.url, "date": writer.text(origin.date)}


def _reference(number: int, entry: Reference, article: Article, writer: BlockWriter) -> Data:
    address = entry.address
    known = (entry.doi and entry.doi in entry.text) or (address and address in entry.text)
    return {
        "number": number,
        "target": f"{article.anchor}:ref:{number}",
        "text": writer.text(entry.text),
        "url": address,
        "shown": "" if known or not address else writer.text(shown_address(address)),
    }


def _lead_picture(article: Article, writer: BlockWriter) -> Data | None:
    """The article's own picture, unless a figure of it shows that already."""
    if not article.image or any(f.image.picture == article.image for f in article.figures):
        return None
    size = writer.desk.pictures.figure(
        Image(article.image),
        width=writer.page.measure,
        height=writer.page.height * 0.3,
        source=article.source,
    )
    return size if size["picture"] else None


def _printed(section: Section, plan: Plan) -> bool:
    if section.articles:
        return any(
            treatment(plan, article.anchor) is not Treatment.OMIT for article in section.articles
        )
    return treatment(plan, section.anchor) is not Treatment.OMIT


def _anchors(issue: Issue, plan: Plan) -> Iterable[str]:
    """What will be on the pages under a name: the targets that links inside the issue may have."""
    yield from _block_anchors(issue.letter)
    for section in _sections(issue):
        if not _printed(section, plan):
            continue
        yield section.anchor
        yield from _block_anchors(section.blocks)
        for article in section.articles:
            shown = treatment(plan, article.anchor)
            if shown is Treatment.OMIT:
                continue
            yield article.anchor
            if shown is Treatment.FULL:
                yield from _block_anchors(article.all_blocks())
                yield from (f"{article.anchor}:ref:{n + 1}" for n in range(len(article.references)))


def _block_anchors(blocks: Iterable[Block]) -> Iterable[str]:
    for block in walk_blocks(blocks):
        if isinstance(block, (Heading, Figure)):
            yield block.anchor
