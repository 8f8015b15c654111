"""Blocks for the web page: headings with permalinks, notes beside (or under) the block that calls them.

From 1200 pixels up a body with notes is a grid of two columns. A note's box begins in the row of its block
and reaches down to the next box, so boxes never overlap and rarely push the text apart. The rows are given
as classes (`row-3 span-2`), not as style attributes, so that a strict content security policy holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.editions.html import HtmlWriter, Surroundings, attributes
from newsletter.model.blocks import Block, Details, Figure, Heading, Note
from newsletter.model.inlines import Citation, FootnoteCall, Link, plain
from newsletter.model.issue import Footnote

_LONGEST_SPAN = 8
DEEPEST_HEADING = 6


@dataclass(frozen=True, slots=True)
class ContentsHeading:
    anchor: str
    text: str


class WebWriter(HtmlWriter):
    """Writes one article for the web. `shift` moves its headings under the title that they belong to:
    1 where the article's title is a third-level heading, -1 where text stands right under the page's.
    `beginning` is True for a digest, which has no notes and references for calls to lead to."""

    def __init__(self, around: Surroundings, shift: int = 0, *, beginning: bool = False) -> None:
        super().__init__(around)
        self.beginning = beginning
        self.shift = shift
        self.headings: list[ContentsHeading] = []
        self._depth = 0

    def heading(self, heading: Heading) -> str:
        level = min(DEEPEST_HEADING, heading.level + self.shift)
        if heading.level == 3 and self._depth == 0:
            self.headings.append(ContentsHeading(heading.anchor, plain(heading.children)))
        inner = f"{self.line(heading.children)} {self.permalink(heading.anchor)}"
        return f"<h{level}{attributes(id=heading.anchor, class_='heading')}>{inner}</h{level}>"

    def figure_picture(self, figure: Figure) -> str:
        """A figure that leads nowhere else opens large: the page's script shows it, without one the picture alone."""
        inner, known = (
            super().figure_picture(figure),
            self.around.pictures.get(figure.image.picture),
        )
        if figure.url or known is None or not figure.image.alt:
            return inner
        return self.anchor_element(self.around.address_of(known), inner, class_="large")

    def link_class(self, link: Link) -> str:
        """An address that is written out needs no second one behind it when the page is printed."""
        bare = plain(link.children).strip().rstrip("/")
        return "bare" if bare and link.url.rstrip("/").endswith(bare) and "." in bare else ""

    def footnote_call(self, call: FootnoteCall) -> str:
        return "" if self.beginning else super().footnote_call(call)

    def citation(self, citation: Citation) -> str:
        return "" if self.beginning else super().citation(citation)

    def permalink(self, anchor: str) -> str:
        label = self.around.words["permalink"]
        return self.anchor_element(f"#{anchor}", "#", class_="permalink", aria_label=label)

    def note(self, note: Note) -> str:
        self._depth += 1
        written = super().note(note)
        self._depth -= 1
        return written

    def details(self, details: Details) -> str:
        self._depth += 1
        written = super().details(details)
        self._depth -= 1
        return written

    def body(self, blocks: Sequence[Block], footnotes: Sequence[Footnote]) -> str:
        """All blocks, each followed by the notes that it calls first."""
        notes = {note.number: note for note in footnotes}
        rows: list[_Row] = []
        for block in blocks:
            wide = isinstance(block, Figure) and block.wide
            rows.append(_Row(self.block(block), self._new_notes(notes), wide))
        if notes:
            rows.append(_Row("", "".join(map(self._side_note, notes.values()))))
        if not footnotes:
            return "\n".join(row.written for row in rows)
        return "\n".join(_in_rows(rows))

    def _new_notes(self, notes: dict[int, Footnote]) -> str:
        """The notes called since the last block; a note can call another one."""
        written: list[str] = []
        while called := [number for number in notes if number in self._called]:
            written += [self._side_note(notes.pop(number)) for number in called]
        return "".join(written)

    def _side_note(self, note: Footnote) -> str:
        back = self.anchor_element(
            f"#{self.footnote_call_id(note.number)}",
            str(note.number),
            class_="back",
            role="doc-backlink",
            aria_label=f"{note.number} {self.around.words['back_to_text']}",  # WCAG 2.5.3: the label holds what is seen
        )
        own = attributes(id=self.footnote_id(note.number), class_="sidenote", role="note")
        return f"<div{own}>{back} {self.blocks(note.blocks)}</div>"


@dataclass(frozen=True, slots=True)
class _Row:
    """A block, the notes that stand beside it, and whether the block takes the notes' column as well."""

    written: str
    notes: str
    wide: bool = False


def _in_rows(rows: Sequence[_Row]) -> list[str]:
    """Each box of notes ends where the next one, or a wide figure, begins."""
    stops = [number for number, row in enumerate(rows, 1) if row.notes or row.wide]
    stops.append(len(rows) + 1)
    lines: list[str] = []
    for number, row in enumerate(rows, 1):
        lines += [row.written] if row.written else []
        if row.notes:
            following = next(stop for stop in stops if stop > number)
            start = number + 1 if row.wide else number
            span = max(1, min(_LONGEST_SPAN, following - start))
            lines.append(f'<div class="sidenotes row-{start} span-{span}">{row.notes}</div>')
    return lines
