"""The printed edition's front: what it is called, its cover with the contents in short, its imprint.

Data for `parts/cover.typ` and `parts/contents.typ` of a print theme; what stands in the sections is
`print_data`'s.
"""

from __future__ import annotations

import datetime
import io

import segno

from newsletter.editions.plan import treatment
from newsletter.editions.press import Press
from newsletter.editions.print_blocks import BlockWriter
from newsletter.editions.print_heads import names_beside, running_title, short
from newsletter.editions.print_inlines import Data
from newsletter.editions.print_links import shown_address
from newsletter.model.issue import Issue, Treatment
from newsletter.model.language import against
from newsletter.model.merge_tags import with_defaults

COVER_ROWS = 14
"""So many lines the cover has room for."""
TEASED_ARTICLES = 12
TEASER_COLUMNS = 150


def edition_data(issue: Issue, press: Press, writer: BlockWriter) -> Data:
    publication = press.publication
    date = press.words.date(issue.date) if issue.date else ""
    number = press.words.issue_number(issue.number) if issue.number else ""
    name, title = publication.name, issue.title
    document = " · ".join(part for part in (title, date or number) if part)
    return {
        "name": writer.text(name) if title != name else "",
        "title": writer.text(title),
        "number": writer.text(number),
        "date": date,
        "day": _day(issue.date),
        "publisher": writer.text(issue.publisher or publication.settings.publisher or name),
        "description": writer.text(with_defaults(issue.preheader)),
        "address": shown_address(publication.base_url),
        "url": publication.issue_url(issue.slug),
        "postal": writer.text(publication.settings.address),
        "postal-ltr": against(publication.settings.address, issue.language, 1),
        "qr": _qr_code(publication.issue_url(issue.slug)),
        "qr-words": press.words["web_version"],
        "document": writer.text(document) or writer.text(name),
        "running": running(issue, press, writer, ""),
        "keywords": [writer.text(tag) for tag in issue.tags],
    }


def running(issue: Issue, press: Press, writer: BlockWriter, title: str) -> Data:
    """The running head under a section's title: that, and what may stand beside it."""
    section = running_title(title)
    date = press.words.date(issue.date) if issue.date else ""
    number = press.words.issue_number(issue.number) if issue.number else ""
    names = names_beside(section, press.publication.name, date or number)
    return {"section": section, "names": [writer.text(one) for one in names]}


def _day(date: datetime.date | None) -> list[int] | None:
    return [date.year, date.month, date.day] if date else None


def teasers(issue: Issue, press: Press, writer: BlockWriter) -> Data:
    """The first words of each article, for a contents page that has room for them (the letter stands there too); by anchor."""
    shown = [
        article
        for _, article in issue.articles()
        if treatment(press.plan, article.anchor) is not Treatment.OMIT
    ]
    if len(shown) > TEASED_ARTICLES or issue.letter:
        return {}
    return {
        article.anchor: writer.text(short(article.subtitle or article.teaser, TEASER_COLUMNS))
        for article in shown
    }


def cover_rows(sections: list[Data]) -> list[Data]:
    """The rows of the cover: sections and articles while they fit, else the sections alone."""
    rows: list[Data] = []
    for section in sections:
        rows.append(_cover_row(section, "section" if section["articles"] else "article"))
        rows += [_cover_row(article, "article") for article in section["articles"]]
    if len(rows) <= COVER_ROWS:
        return rows
    alone = [_cover_row(section, "article") for section in sections]
    return alone[:COVER_ROWS] if len(alone) > 2 else rows[:COVER_ROWS]


def _cover_row(entry: Data, kind: str) -> Data:
    return {"kind": kind, "title": short(entry["title"], 84), "target": entry["anchor"]}


def _qr_code(url: str) -> str:
    """The web edition's address as a drawing: SVG, one module a unit, without a quiet zone (the page has one)."""
    drawing = io.BytesIO()
    code = segno.make(url, error="m", micro=False)
    code.save(drawing, kind="svg", border=0, omitsize=True, xmldecl=False, nl=False)
    return drawing.getvalue().decode()
