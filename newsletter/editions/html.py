"""Blocks as semantic HTML5: one overridable method for each kind of block, for the web and, overridden, for email.

Value in, value out. The writer belongs to one article: it knows its surroundings (language, words, anchor,
markers, pictures) and which notes were called already.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from newsletter.editions.html_inlines import InlineWriter, Surroundings, attributes
from newsletter.model.blocks import (
    Align,
    Block,
    BulletList,
    Cell,
    CodeBlock,
    DefinitionList,
    Details,
    Divider,
    Doi,
    Figure,
    Group,
    Heading,
    ListItem,
    Note,
    OrderedList,
    Paragraph,
    Quote,
    Table,
)
from newsletter.model.inlines import plain
from newsletter.model.issue import Footnote, FurtherLink, Reference
from newsletter.model.language import LINE, against, direction

__all__ = ["HtmlWriter", "Surroundings", "attributes"]


class HtmlWriter(InlineWriter):
    """Writes the blocks of one article as HTML."""

    def blocks(self, blocks: Iterable[Block]) -> str:
        return "\n".join(map(self.block, blocks))

    def block(self, block: Block) -> str:
        match block:
            case Paragraph():
                return self.paragraph(block)
            case Heading():
                return self.heading(block)
            case Figure():
                return self.figure(block)
            case Doi():
                return self.doi(block)
            case BulletList():
                return self.bullet_list(block)
            case OrderedList():
                return self.ordered_list(block)
            case DefinitionList():
                return self.definition_list(block)
            case Quote():
                return self.quote(block)
            case Note():
                return self.note(block)
            case Details():
                return self.details(block)
            case CodeBlock():
                return self.code_block(block)
            case Table():
                return self.table(block)
            case Divider():
                return "<hr>"
            case Group():
                return self.group(block)
            case _:
                assert_never(block)

    def paragraph(self, paragraph: Paragraph) -> str:
        words = plain(paragraph.children)
        if len(words) > LINE and against(words, self.around.language):
            return f'<p dir="ltr">{self.inlines(paragraph.children)}</p>'
        return f"<p>{self.line(paragraph.children)}</p>"

    def heading(self, heading: Heading) -> str:
        tag = f"h{heading.level}"
        return f"<{tag}{attributes(id=heading.anchor)}>{self.line(heading.children)}</{tag}>"

    def doi(self, doi: Doi) -> str:
        label = f'<span class="label">{self.escaped(self.around.words["doi"])}</span>'
        return f'<p class="doi">{label} {self.anchor_element(doi.url, self.escaped(doi.doi))}</p>'

    def bullet_list(self, block: BulletList) -> str:
        tasks = any(item.checked is not None for item in block.items)
        items = "".join(self.list_item(item, block.tight) for item in block.items)
        return f"<ul{attributes(class_='tasks' if tasks else '')}>{items}</ul>"

    def ordered_list(self, block: OrderedList) -> str:
        start = block.start if block.start != 1 else None
        items = "".join(self.list_item(item, block.tight) for item in block.items)
        return f"<ol{attributes(start=start)}>{items}</ol>"

    def list_item(self, item: ListItem, tight: bool) -> str:
        """In a tight list a paragraph stands in its item without a `p`."""
        inner = "\n".join(
            self.line(block.children)
            if tight and isinstance(block, Paragraph)
            else self.block(block)
            for block in item.blocks
        )
        return f"<li>{self.task_box(item.checked)}{inner}</li>"

    def task_box(self, checked: bool | None) -> str:
        if checked is None:
            return ""
        label = self.around.words["task_done" if checked else "task_open"]
        box = "☑" if checked else "☐"
        return f"<span{attributes(class_='task', role='img', aria_label=label)}>{box}</span> "

    def definition_list(self, block: DefinitionList) -> str:
        parts: list[str] = []
        for item in block.items:
            parts.append(f"<dt>{self.line(item.term)}</dt>")
            parts += [f"<dd>{self.blocks(meaning)}</dd>" for meaning in item.meanings]
        return f"<dl>{''.join(parts)}</dl>"

    def quote(self, quote: Quote) -> str:
        inner = self.blocks(quote.blocks)
        return f"<blockquote{attributes(class_='pull' if quote.pull else '')}>{inner}</blockquote>"

    def note_label(self, note: Note) -> str:
        """The author's title, else the word for the kind of note."""
        words = self.around.words
        return self.line(note.title) or self.escaped(words.get(note.kind, words["note"]))

    def note(self, note: Note) -> str:
        label = f'<p class="note-label">{self.note_label(note)}</p>'
        kind = f"note note-{note.kind}"
        return (
            f"<div{attributes(class_=kind, role='note')}>{label}\n{self.blocks(note.blocks)}</div>"
        )

    def details(self, details: Details) -> str:
        summary = self.line(details.summary) or self.escaped(self.around.words["note"])
        return f"<details><summary>{summary}</summary>\n{self.blocks(details.blocks)}\n</details>"

    def code_block(self, code: CodeBlock) -> str:
        language = f"language-{code.language}" if code.language else ""
        inner = f"<code{attributes(class_=language)}>{self.escaped(code.text)}</code>"
        return f"<pre{attributes(tabindex=0, dir='ltr')}>{inner}</pre>"

    def table(self, table: Table) -> str:
        parts = [f"<caption>{self.line(table.caption)}</caption>" if table.caption else ""]
        if table.head:
            parts.append(f"<thead>{self._rows(table.head, 'col')}</thead>")
        if table.rows:
            parts.append(f"<tbody>{self._rows(table.rows, 'row')}</tbody>")
        label = "" if table.caption else self.around.words["table"]
        frame = attributes(class_="table", tabindex=0, role="region", aria_label=label)
        if table.caption:
            frame = attributes(class_="table")
        return f"<div{frame}><table>{''.join(parts)}</table></div>"

    def _rows(self, rows: tuple[tuple[Cell, ...], ...], scope: str) -> str:
        return "".join(
            f"<tr>{''.join(self.cell(cell, scope) for cell in row)}</tr>" for row in rows
        )

    def cell(self, cell: Cell, scope: str) -> str:
        tag = "th" if cell.header else "td"
        attrs = attributes(
            scope=scope if cell.header else "",
            colspan=cell.columns if cell.columns > 1 else None,
            rowspan=cell.rows if cell.rows > 1 else None,
            class_=self.align_class(cell.align),
        )
        return f"<{tag}{attrs}>{self.line(cell.children)}</{tag}>"

    def align_class(self, align: Align) -> str:
        return f"align-{align}" if align else ""

    def figure_picture(self, figure: Figure) -> str:
        picture = self.picture(figure.image)
        if figure.url and self.address(figure.url):
            return self.anchor_element(self.address(figure.url), picture)
        return picture

    def figure(self, figure: Figure) -> str:
        picture = self.figure_picture(figure)
        kind = "figure wide" if figure.wide else "figure"
        return (
            f"<figure{attributes(id=figure.anchor, class_=kind)}>{picture}"
            f"<figcaption>{self.figure_caption(figure)}</figcaption></figure>"
        )

    def figure_label(self, figure: Figure) -> str:
        return self.escaped(self.around.words.format("figure_number", number=figure.number))

    def figure_caption(self, figure: Figure) -> str:
        """“图 3” in bold, the caption, and the credit on a line of its own."""
        parts = [f'<b class="figure-number">{self.figure_label(figure)}</b>']
        if figure.caption:
            parts.append(f' <span class="caption">{self.line(figure.caption)}</span>')
        if figure.credit:
            parts.append(f' <span class="credit">{self.line(figure.credit)}</span>')
        return "".join(parts)

    def group(self, group: Group) -> str:
        turned = group.direction or (direction(group.language) if group.language else "")
        attrs = attributes(lang=group.language, dir=turned, class_=self.align_class(group.align))
        return f"<div{attrs}>{self.blocks(group.blocks)}</div>"

    def footnotes(self, footnotes: Iterable[Footnote]) -> str:
        """The notes of an article as one list at its end; empty when there are none."""
        items = "".join(
            f"<li{attributes(id=self.footnote_id(note.number), value=note.number)}>"
            f"{self.blocks(note.blocks)} {self.back_link(note.number)}</li>"
            for note in footnotes
        )
        return f'<ol class="footnotes">{items}</ol>' if items else ""

    def back_link(self, number: int) -> str:
        return self.anchor_element(
            f"#{self.footnote_call_id(number)}",
            "↩︎",
            class_="back",
            aria_label=self.around.words["back_to_text"],
        )

    def references(self, references: Iterable[Reference]) -> str:
        """The numbered list that citations lead to; empty when there is none."""
        items = "".join(
            f"<li{attributes(id=self.reference_id(number))}>{self.reference(reference)}</li>"
            for number, reference in enumerate(references, 1)
        )
        return f'<ol class="references">{items}</ol>' if items else ""

    def reference(self, reference: Reference) -> str:
        text, address = self.words(reference.text), reference.address
        if not address:
            return text
        shown = f"doi:{reference.doi}" if reference.doi else shown_address(address)
        link = self.anchor_element(self.address(address), self.escaped(shown))
        return f"{text} {link}" if text else link

    def further_links(self, links: Iterable[FurtherLink]) -> str:
        items = "".join(f"<li>{self.further_link(link)}</li>" for link in links)
        return f'<ul class="further">{items}</ul>' if items else ""

    def further_link(self, link: FurtherLink) -> str:
        shown = link.title or shown_address(link.url)
        return self.anchor_element(self.address(link.url), self.words(shown))


def shown_address(url: str) -> str:
    """An address as a reader needs it: without its scheme and a lone closing slash."""
    shown = url.removeprefix("https://").removeprefix("http://").removeprefix("www.")
    return shown.removesuffix("/") if shown.count("/") == 1 else shown
