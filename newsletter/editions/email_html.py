"""Blocks as HTML for mail: the web's, but of elements that every client shows, and with few bytes.

No ids (links inside a mail are dead in half of the clients: they lead to the web edition), no figure
elements, boxes as tables, folded text unfolded. Looks come from the theme's inline.css.j2 by class.
"""

from __future__ import annotations

from collections.abc import Iterable

from newsletter.editions.email_theme import is_wide_script
from newsletter.editions.html import HtmlWriter, attributes
from newsletter.editions.html_inlines import Surroundings
from newsletter.editions.pictures import COLUMN
from newsletter.model.blocks import CodeBlock, Details, Doi, Figure, Heading, Note, Table
from newsletter.model.inlines import Citation, Emphasis, FootnoteCall
from newsletter.model.issue import Footnote, FurtherLink, Reference
from newsletter.model.picture import Image, Picture

NARROWEST_TO_FIT = 280
"""A picture of so many pixels or more is as wide as the text on a phone."""


class EmailHtml(HtmlWriter):
    """`beginning` is True for a digest, where the notes and references are not shown, nor calls to them.
    `untitled` is True where no title stands above the blocks, so that no level of headings is skipped."""

    def __init__(
        self, around: Surroundings, *, beginning: bool = False, untitled: bool = False
    ) -> None:
        super().__init__(around)
        self.beginning = beginning
        self.untitled = untitled

    def local_address(self, anchor: str) -> str:
        return f"{self.around.web_url}#{anchor}"

    def heading(self, heading: Heading) -> str:
        level = heading.level - 1 if self.untitled else heading.level
        return f"<h{level}>{self.line(heading.children)}</h{level}>"

    def emphasis(self, emphasis: Emphasis) -> str:
        """Bold where letters have no slanted form; slanted by force they are hard to read."""
        upright = attributes(class_="upright" if is_wide_script(self.around.language) else "")
        return f"<em{upright}>{self.inlines(emphasis.children)}</em>"

    def doi(self, doi: Doi) -> str:
        link = self.anchor_element(doi.url, self.escaped(doi.doi))
        return f'<p class="doi">{self.escaped(self.around.words["doi"])} {link}</p>'

    def note(self, note: Note) -> str:
        label = f'<p class="note-label">{self.note_label(note)}</p>'
        return _boxed("note", f"{label}\n{self.blocks(note.blocks)}")

    def details(self, details: Details) -> str:
        summary = self.line(details.summary)
        opened = f"<p><b>{summary}</b></p>\n" if summary else ""
        return opened + self.blocks(details.blocks)

    def code_block(self, code: CodeBlock) -> str:
        return f'<pre dir="ltr">{self.escaped(code.text)}</pre>'

    def table(self, table: Table) -> str:
        parts = [f"<caption>{self.line(table.caption)}</caption>" if table.caption else ""]
        if table.head:
            parts.append(f"<thead>{self._rows(table.head, 'col')}</thead>")
        if table.rows:
            parts.append(f"<tbody>{self._rows(table.rows, 'row')}</tbody>")
        return f'<table class="data">{"".join(parts)}</table>'

    def figure(self, figure: Figure) -> str:
        picture = self.picture(figure.image)
        address = self.address(figure.url) if figure.url else ""
        if address:
            picture = self.anchor_element(address, picture)
        caption = self.figure_caption(figure)
        return f'<p class="figure">{picture}</p>\n<p class="caption">{caption}</p>'

    def figure_caption(self, figure: Figure) -> str:
        caption = f'<b class="label">{self.figure_label(figure)}</b>'
        if figure.caption:
            caption += f" &nbsp; {self.line(figure.caption)}"
        if figure.credit:
            caption += f'<br><span class="muted">{self.line(figure.credit)}</span>'
        return caption

    def known_picture(self, image: Image, picture: Picture, **more: str) -> str:
        """The width attribute is the only size that Outlook heeds. Where pictures are off, a program gives it to the
        words in their place, however narrow the window: the class takes it away on phones."""
        source = self.around.address_of(picture)
        if not source:
            return self.missing_picture(image)
        natural = COLUMN if picture.media_type == "image/svg+xml" else picture.width
        width = max(1, min(image.width or natural, natural, COLUMN))
        if width >= NARROWEST_TO_FIT:
            more = {"class": " ".join(filter(None, (more.get("class"), "fit"))), **more}
        return f"<img{attributes(src=source, alt=image.alt, width=width, **more)}>"

    def footnote_call(self, call: FootnoteCall) -> str:
        return "" if self.beginning else f"<sup>{call.number}</sup>"

    def citation(self, citation: Citation) -> str:
        return "" if self.beginning else f"[{citation.number}]"

    def footnotes(self, footnotes: Iterable[Footnote]) -> str:
        items = [f'<li value="{note.number}">{self.blocks(note.blocks)}</li>' for note in footnotes]
        return self._list_of("notes", "ol", items)

    def references(self, references: Iterable[Reference]) -> str:
        return self._list_of(
            "references",
            "ol",
            [f"<li>{self.reference(reference)}</li>" for reference in references],
        )

    def further_links(self, links: Iterable[FurtherLink]) -> str:
        return self._list_of(
            "further_links", "ul", [f"<li>{self.further_link(link)}</li>" for link in links]
        )

    def _list_of(self, word: str, tag: str, items: list[str]) -> str:
        if not items:
            return ""
        label = f'<p class="after">{self.escaped(self.around.words[word])}</p>'
        return f'\n{label}\n<{tag} class="notes">{"".join(items)}</{tag}>'


def _boxed(kind: str, inner: str) -> str:
    return f'<table role="presentation" class="{kind}"><tr><td>{inner}</td></tr></table>'
