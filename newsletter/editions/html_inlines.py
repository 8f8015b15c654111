"""What stands inside a line, as HTML: one overridable method for each kind of inline.

All text of authors is escaped here and nowhere else; what these methods return is HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import assert_never

from newsletter.editions.markers import Markers, defused_url, source_markers, tag_value
from newsletter.editions.terms import terms_in
from newsletter.editions.words import Words
from newsletter.model.edition import MARKER_TOKEN
from newsletter.model.inlines import (
    Citation,
    Code,
    Emphasis,
    FigureReference,
    FootnoteCall,
    Inline,
    InlineImage,
    LineBreak,
    Link,
    MergeTag,
    Span,
    Strikethrough,
    Strong,
    Subscript,
    Superscript,
    Text,
    plain,
)
from newsletter.model.language import against, direction
from newsletter.model.picture import Image, Picture


def _no_pictures(_: Picture) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an article's HTML depends on besides its blocks.

    `anchor` is that of the article (or section, or `letter`) and keeps its notes' ids apart from others';
    `address_of` gives the address under which a picture file is shown; `web_url` that of the web edition.
    """

    language: str
    words: Words
    anchor: str
    markers: Markers | None = None
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    address_of: Callable[[Picture], str] = _no_pictures
    web_url: str = ""


def attributes(**values: str | int | bool | None) -> str:
    """` name="value"` for each that is neither None nor False nor empty; `class_` → class, `aria_label` → aria-label.
    An empty alt is the one empty attribute that means something."""
    parts: list[str] = []
    for name, value in values.items():
        shown = name.rstrip("_").replace("_", "-")
        if value is True:
            parts.append(f" {shown}")
        elif value is not None and value is not False and (value != "" or shown == "alt"):
            parts.append(f' {shown}="{escape(str(value))}"')
    return "".join(parts)


class InlineWriter:
    """Writes inlines as HTML. `around` is where they stand."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self._called: set[int] = set()

    def inlines(self, inlines: Iterable[Inline]) -> str:
        return "".join(map(self.inline, inlines))

    def line(self, inlines: tuple[Inline, ...]) -> str:
        """What stands alone: a paragraph, a title, a cell. A sentence of the other direction has its marks at its own
        ends, not at those of the language around it."""
        inner = self.inlines(inlines)
        if inlines and against(plain(inlines), self.around.language):
            return f'<span dir="ltr">{inner}</span>'
        return inner

    def inline(self, inline: Inline) -> str:
        match inline:
            case Text():
                return self.text(inline)
            case Link():
                return self.link(inline)
            case Strong():
                return f"<strong>{self.inlines(inline.children)}</strong>"
            case Emphasis():
                return self.emphasis(inline)
            case Strikethrough():
                return f"<del>{self.inlines(inline.children)}</del>"
            case Superscript():
                return f"<sup>{self.inlines(inline.children)}</sup>"
            case Subscript():
                return f"<sub>{self.inlines(inline.children)}</sub>"
            case Code():
                return self.code(inline)
            case LineBreak():
                return "<br>"
            case FootnoteCall():
                return self.footnote_call(inline)
            case Citation():
                return self.citation(inline)
            case FigureReference():
                return self.figure_reference(inline)
            case MergeTag():
                return self.merge_tag(inline)
            case InlineImage():
                return self.inline_image(inline)
            case Span():
                return self.span(inline)
            case _:
                assert_never(inline)

    def emphasis(self, emphasis: Emphasis) -> str:
        return f"<em>{self.inlines(emphasis.children)}</em>"

    def text(self, text: Text) -> str:
        return self.words(text.text)

    def words(self, text: str) -> str:
        """Plain text as HTML; short hyphenated terms (CAR-T, GLP-1RA) are kept on one line."""
        escaped, parts, done = self.escaped(text), [], 0
        for begin, end in terms_in(escaped):
            parts += [escaped[done:begin], self.no_wrap(escaped[begin:end])]
            done = end
        return "".join((*parts, escaped[done:]))

    def escaped(self, text: str) -> str:
        """Plain text escaped, with nothing in it that reads as a marker."""
        escaped = escape(text, quote=False)
        if self.around.markers is not None and "NLM" in escaped:
            escaped = MARKER_TOKEN.sub(lambda found: f"&#78;{found.group()[1:]}", escaped)
        return escaped

    def no_wrap(self, term: str) -> str:
        return f'<span class="nw">{term}</span>'

    def code(self, code: Code) -> str:
        turned = "ltr" if direction(self.around.language) == "rtl" else ""
        return f"<code{attributes(dir=turned)}>{self.escaped(code.text)}</code>"

    def address(self, url: str) -> str:
        """Where a link goes, as an attribute's plain value; empty when it goes nowhere in this edition."""
        if "{{" in url:
            return source_markers(url, self.around.markers, web_url=self.around.web_url).strip()
        if url.startswith("#"):
            return self.local_address(url.removeprefix("#"))
        return defused_url(url) if self.around.markers is not None else url

    def local_address(self, anchor: str) -> str:
        """Where a link inside the issue goes."""
        return f"#{anchor}"

    def anchor_element(self, url: str, inner: str, **more: str) -> str:
        return f"<a{attributes(href=url, **more)}>{inner}</a>"

    def link(self, link: Link) -> str:
        inner, url = self.inlines(link.children), self.address(link.url)
        turned = "ltr" if against(plain(link.children), self.around.language, 1) else ""
        if not url:
            return inner
        return self.anchor_element(
            url, inner, title=link.title, dir=turned, class_=self.link_class(link)
        )

    def link_class(self, link: Link) -> str:
        return ""

    def footnote_id(self, number: int) -> str:
        return f"fn-{self.around.anchor}-{number}"

    def footnote_call_id(self, number: int) -> str:
        return f"fnref-{self.around.anchor}-{number}"

    def reference_id(self, number: int) -> str:
        return f"ref-{self.around.anchor}-{number}"

    def footnote_call(self, call: FootnoteCall) -> str:
        """Only the first call of a note has an id, the place that its note leads back to."""
        first = call.number not in self._called
        self._called.add(call.number)
        link = self.anchor_element(
            f"#{self.footnote_id(call.number)}",
            str(call.number),
            id=self.footnote_call_id(call.number) if first else "",
            role="doc-noteref",
            aria_label=self.around.words.format("note_label", number=call.number),
        )
        return f'<sup class="call">{link}</sup>'

    def citation(self, citation: Citation) -> str:
        address = f"#{self.reference_id(citation.number)}"
        return self.anchor_element(address, f"[{citation.number}]", class_="citation")

    def figure_reference(self, reference: FigureReference) -> str:
        label = self.around.words.format("figure_number", number=reference.number)
        inner = self.inlines(reference.children) or self.no_wrap(escape(label, quote=False))
        return self.anchor_element(self.local_address(reference.anchor), inner)

    def merge_tag(self, tag: MergeTag) -> str:
        value = tag_value(tag, self.around.markers, self.around.web_url)
        return escape(value, quote=False)

    def inline_image(self, inline: InlineImage) -> str:
        return self.picture(inline.image, class_="inline-picture")

    def picture(self, image: Image, **more: str) -> str:
        """A picture of the issue; a labelled box for one that is missing, a link to one that is elsewhere."""
        picture = self.around.pictures.get(image.picture)
        if picture is not None:
            return self.known_picture(image, picture, **more)
        return self.remote_picture(image) if image.url else self.missing_picture(image)

    def known_picture(self, image: Image, picture: Picture, **more: str) -> str:
        width = min(image.width, picture.width) if image.width else picture.width
        height = round(picture.height * width / picture.width) if picture.width else picture.height
        source = self.around.address_of(picture)
        return f"<img{attributes(src=source, alt=image.alt, width=width, height=height, **more)}>"

    def remote_picture(self, image: Image) -> str:
        """The page fetches nothing from others' servers: a picture that lies there is a link."""
        label = image.alt or self.around.words["picture"]
        return f'<span class="missing">{self.anchor_element(image.url, self.escaped(label))}</span>'

    def missing_picture(self, image: Image) -> str:
        label = self.around.words["picture_missing"]
        if image.alt:
            label += self.around.words["colon"] + image.alt
        return f'<span class="missing">{self.escaped(label)}</span>'

    def span(self, span: Span) -> str:
        inner = self.inlines(span.children)
        return f"<span{attributes(lang=span.language, dir=span.direction)}>{inner}</span>"
