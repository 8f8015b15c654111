"""The same issue as a newsletter's programmer would write it for MJML: one mj-text a block, one mj-image a figure."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from newsletter.editions.html import HtmlWriter, Surroundings
from newsletter.editions.words import Words, load_words
from newsletter.model.blocks import Block, Figure
from newsletter.model.inlines import plain
from newsletter.model.issue import Issue
from newsletter.publication import Publication


def one_text_per_block(issue: Issue, publication: Publication) -> str:
    """MJML source of the whole issue, nothing cut."""
    words = load_words(publication, issue.language)
    parts = [
        f"<mj-section><mj-column><mj-text><h1>{escape(issue.title)}</h1></mj-text></mj-column></mj-section>"
    ]
    for section in issue.sections:
        parts.append(
            f"<mj-section><mj-column><mj-text><h2>{escape(section.title)}</h2></mj-text></mj-column></mj-section>"
        )
        for article in section.articles:
            column = [f"<mj-text><h2>{escape(article.title)}</h2></mj-text>"]
            column += _blocks(
                article.blocks, issue, words, publication.issue_url(issue.slug), article.anchor
            )
            parts.append(f"<mj-section><mj-column>{''.join(column)}</mj-column></mj-section>")
    head = (
        '<mj-head><mj-attributes><mj-all font-family="sans-serif" /><mj-text font-size="16px" line-height="1.75"'
        ' css-class="prose" /></mj-attributes></mj-head>'
    )
    return f'<mjml lang="{issue.language}">{head}<mj-body width="640px">{"".join(parts)}</mj-body></mjml>'


def _blocks(
    blocks: tuple[Block, ...], issue: Issue, words: Words, base: str, anchor: str
) -> Iterator[str]:
    writer = HtmlWriter(Surroundings(issue.language, words, anchor, pictures=issue.pictures))
    for block in blocks:
        if isinstance(block, Figure):
            address = escape(f"{base}{block.image.picture}")
            yield f'<mj-image src="{address}" alt="{escape(block.image.alt)}" />'
            yield f"<mj-text>{escape(plain(block.caption))}</mj-text>"
        else:
            yield f"<mj-text>{writer.block(block)}</mj-text>"
