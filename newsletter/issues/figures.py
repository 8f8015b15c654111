"""A picture alone in its paragraph is a figure: numbered in its article, with caption, credit and a name."""

from __future__ import annotations

import re

from newsletter.issues.context import Context, NamedFigure
from newsletter.issues.headings import slugify
from newsletter.issues.images import read_image, stem_of
from newsletter.issues.links import read_target
from newsletter.issues.tree import Node
from newsletter.issues.whitespace import settle
from newsletter.model.blocks import Figure
from newsletter.model.inlines import Inline, Link, Text, plain

_CREDIT = " · "
_TYPED_NUMBER = re.compile(
    r"\s*(?:[图圖図](?:表|片)?\s*(?P<cjk>\d+)(?:\s*[.．:：、。]\s*|\s+|(?=[《「『“（(【]))"
    r"|그림\s*(?P<ko>\d+)\s*[.:]?\s*"
    r"|(?:Figure|Fig\.?|Abbildung|Abb\.?|Figura|Figur|Рисунок|Рис\.?|Rysunek|Rys\.?|Şekil|Hình|شكل|איור)"
    r"\s*(?P<latin>\d+)\s*[.:：–—-]\s*)",
    re.IGNORECASE,
)
_DOI = re.compile(r"\bdoi\s*[:：]\s*(?P<doi>10\.\d{4,9}/[^\s<>\"，。；、（）]+)", re.IGNORECASE)
_ALLOWED_CLASSES = frozenset({"wide"})
_ALLOWED_ATTRIBUTES = frozenset(
    {"src", "alt", "title", "id", "class", "width", "height", "align", "style", "loading"}
)


def lone_image(nodes: list[Node | str]) -> tuple[Node, Node | None] | None:
    """The image and the link around it, when the nodes hold one image and nothing else."""
    only: Node | None = None
    for node in nodes:
        if isinstance(node, str):
            if node.strip():
                return None
        elif node.tag not in ("br", "source", "wbr"):
            if only is not None:
                return None
            only = node
    if only is None:
        return None
    if only.tag == "img":
        return only, None
    if only.tag in ("a", "picture", "span", "em", "strong", "b", "center", "font"):
        inner = lone_image(only.children)
        if inner is not None:
            return inner[0], inner[1] or (
                only if only.tag == "a" and only.attrs.get("href") else None
            )
    return None


def read_figure(
    node: Node, link: Node | None, context: Context, caption: tuple[Inline, ...] | None = None
) -> Figure:
    """`caption` is that of `<figcaption>`; else the image's title is the caption."""
    context.figure_count += 1
    number = context.figure_count
    credit: tuple[Inline, ...] = ()
    if caption is None:
        written, _, credited = node.attrs.get("title", "").partition(_CREDIT)
        caption = _line(_without_number(written, number, node, context), node, context)
        credit = _credit(credited, node, context)
    else:
        caption = _strip_number(caption, number, node, context)
    image = read_image(node, context, _alt(node, plain(caption)))
    if not node.attrs.get("alt", "").strip() and not caption:
        context.warn(
            "image-without-words",
            node.line,
            f"the picture {node.attrs.get('src', '')[:100]} has neither alt text nor a caption",
            'Readers who cannot see it get nothing: ![what it shows](file "caption").',
        )
    _check_attributes(node, context)
    url = read_target(link.attrs["href"], link.line, context).url if link is not None else ""
    return Figure(
        context.source(node.line),
        image,
        number,
        _name(node, number, context),
        caption,
        credit,
        wide="wide" in node.attrs.get("class", "").split(),
        url=url,
    )


def _line(text: str, node: Node, context: Context) -> tuple[Inline, ...]:
    return settle((Text(context.clean(text, node.line)),)) if text.strip() else ()


def _credit(text: str, node: Node, context: Context) -> tuple[Inline, ...]:
    """The credit, with a DOI in it as a link: a title can hold no other."""
    parts: list[Inline] = []
    end = 0
    clean = context.clean(text, node.line)
    for found in _DOI.finditer(clean):
        doi = found["doi"].rstrip(".,;:")
        stop = found.start("doi") + len(doi)
        link = Link(f"https://doi.org/{doi}", (Text(clean[found.start() : stop]),))
        parts += [Text(clean[end : found.start()]), link]
        end = stop
    parts.append(Text(clean[end:]))
    kept = tuple(part for part in parts if not isinstance(part, Text) or part.text)
    return settle(kept) if text.strip() else ()


def _alt(node: Node, caption: str) -> str:
    """Alt text is the caption where empty or where it only repeats the title."""
    alt = node.attrs.get("alt", "").strip()
    if not alt or alt == node.attrs.get("title", "").strip():
        return caption or alt
    found = _TYPED_NUMBER.match(alt)
    return alt[found.end() :] if found else alt


def _without_number(text: str, number: int, node: Node, context: Context) -> str:
    """A typed “图 1.” is taken off the caption: the publication numbers its figures."""
    found = _TYPED_NUMBER.match(text)
    if found is None:
        return text
    typed = int(found["cjk"] or found["ko"] or found["latin"])
    if typed != number:
        context.warn(
            "figure-number",
            node.line,
            f"the caption says {found[0].strip()} but this is figure {number} of the article",
            "Leave numbers to the publication, and refer to a figure with [](#fig:name).",
        )
    return text[found.end() :]


def _strip_number(
    caption: tuple[Inline, ...], number: int, node: Node, context: Context
) -> tuple[Inline, ...]:
    if caption and isinstance(caption[0], Text):
        rest = _without_number(caption[0].text, number, node, context)
        return ((Text(rest),) if rest else ()) + caption[1:]
    return caption


def _name(node: Node, number: int, context: Context) -> str:
    """The figure's anchor; notes the name by which `[](#fig:name)` finds it."""
    own = node.attrs.get("id", "").removeprefix("fig:").removeprefix("fig-")
    name = own or stem_of(node)
    anchor = context.take_anchor(f"fig-{slugify(name)[:60] or number}")
    if name in context.figures:
        if own:
            message = f"two figures of this article are called {own}"
            context.error("figure-name-twice", node.line, message, "Give one another {#fig:name}.")
        name = f"{name}-{number}"
    context.figures[name] = NamedFigure(number, anchor)
    return anchor


def _check_attributes(node: Node, context: Context) -> None:
    if node.raw:
        return
    unknown = [
        f".{name}" for name in node.attrs.get("class", "").split() if name not in _ALLOWED_CLASSES
    ]
    unknown += [name for name in node.attrs if name not in _ALLOWED_ATTRIBUTES]
    if unknown:
        message = f"unknown attribute of a figure: {', '.join(unknown)[:100]}"
        context.warn("attribute-unknown", node.line, message, "Known: .wide, #fig:name, width=….")
