"""Elements inside a line become our inlines. What is not on the closed list goes, its words stay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from newsletter.issues.context import Context
from newsletter.issues.headings import without_own_name
from newsletter.issues.images import read_image
from newsletter.issues.links import read_target
from newsletter.issues.references import read_merge_tag, read_text
from newsletter.issues.tree import BLOCKS, Node
from newsletter.issues.whitespace import settle
from newsletter.model.inlines import (
    Code,
    Emphasis,
    FigureReference,
    FootnoteCall,
    Inline,
    InlineImage,
    LineBreak,
    Link,
    Span,
    Strikethrough,
    Strong,
    Subscript,
    Superscript,
    Text,
    plain,
)

Wrapper = Callable[[tuple[Inline, ...]], Inline]
WRAPPERS: dict[str, Wrapper] = {
    **dict.fromkeys(("em", "i", "cite", "dfn", "var"), Emphasis),
    **dict.fromkeys(("strong", "b"), Strong),
    **dict.fromkeys(("s", "del", "strike"), Strikethrough),
    "sup": Superscript,
    "sub": Subscript,
}
CODE = frozenset({"code", "kbd", "samp", "tt"})
TRANSPARENT = frozenset(
    {"abbr", "acronym", "bdi", "bdo", "big", "data", "font", "g-emoji", "ins", "label", "mark"}
    | {"nobr", "picture", "rb", "rp", "ruby", "rtc", "small", "span", "time", "u", "wbr", "source"}
    | {"root"}
)
MEDIA = frozenset({"audio", "embed", "iframe", "object", "video"})
DROPPED = frozenset({"script", "style"})
_CELL_ENDS = frozenset({"td", "th"})


class InlineReader:
    """Reads the elements of one line after another of a body."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def run(self, nodes: Iterable[Node | str], line: int) -> tuple[Inline, ...]:
        """A whole run: a paragraph, a cell, a caption. White space is settled, edges are trimmed."""
        return trim(settle(self._all(nodes, line, linked=False)))

    def heading(self, node: Node) -> tuple[Inline, ...]:
        """A heading's own `{#name}` is no part of its words."""
        children = list(node.children)
        if children and isinstance(children[-1], str):
            children[-1] = without_own_name(children[-1])
        return self.run(children, node.line)

    def wrapper(self, node: Node) -> Wrapper | None:
        """What an inline element lays around its content; None when it lays nothing."""
        if node.tag in WRAPPERS:
            return WRAPPERS[node.tag]
        if node.tag == "a" and node.attrs.get("href"):
            url = read_target(node.attrs["href"], node.line, self._context).url
            return (lambda children: Link(url, children)) if url else None
        return None

    def _all(self, nodes: Iterable[Node | str], line: int, *, linked: bool) -> tuple[Inline, ...]:
        found: list[Inline] = []
        for node in nodes:
            if isinstance(node, str):
                found.extend(read_text(node, line, self._context, linked=linked))
                line += node.count("\n")
            else:
                line = max(line, node.line)
                found.extend(self._one(node, linked=linked))
        return tuple(found)

    def _one(self, node: Node, *, linked: bool) -> Iterator[Inline]:
        context = self._context
        match node.tag:
            case "a":
                yield from self._link(node, linked=linked)
            case "img":
                yield InlineImage(read_image(node, context))
            case "br":
                yield LineBreak()
            case "literal":
                yield Text(node.text())
            case "merge":
                yield from read_merge_tag(node.text(), node.line, context)
            case "footnote-call":
                yield self._footnote_call(node)
            case "q":
                yield from (
                    Text("“"),
                    *self._all(node.children, node.line, linked=linked),
                    Text("”"),
                )
            case "rt":
                yield from self._ruby(node, linked=linked)
            case "input":
                yield from self._checkbox(node)
            case tag if tag in WRAPPERS:
                children = self._all(node.children, node.line, linked=linked)
                if children:
                    yield WRAPPERS[tag](children)
            case tag if tag in CODE:
                yield from self._code(node, linked=linked)
            case tag if tag in DROPPED and node.closed:
                tell_dropped(node, context)
            case tag if tag in MEDIA:
                yield from self._media(node, linked=linked)
            case tag if tag in BLOCKS:
                yield from self._flattened(node, linked=linked)
            case _:
                tell_unknown(node, context)
                yield from self._spanned(node, linked=linked)

    def _spanned(self, node: Node, *, linked: bool) -> Iterator[Inline]:
        children = self._all(node.children, node.line, linked=linked)
        language, direction = language_of(node), direction_of(node)
        if children and (language or direction):
            yield Span(children, language, direction)
        else:
            yield from children

    def _link(self, node: Node, *, linked: bool) -> Iterator[Inline]:
        url = node.attrs.get("href", "")
        if linked or (node.raw and not url):
            yield from self._all(node.children, node.line, linked=linked)
            return
        if url.startswith(("#fig:", "#fig-")):
            yield from self._figure_reference(node, url[5:])
            return
        children = self._all(node.children, node.line, linked=True)
        target = read_target(url, node.line, self._context)
        if target.url:
            yield Link(target.url, children or (Text(target.url),), node.attrs.get("title", ""))
            return
        yield from children
        if target.shown and target.shown not in plain(children):
            yield Text(f" ({target.shown})" if children else target.shown)

    def _figure_reference(self, node: Node, name: str) -> Iterator[Inline]:
        context = self._context
        context.figure_references += 1
        children = self._all(node.children, node.line, linked=True)
        figure = context.known_figures.get(name)
        if figure is not None:
            yield FigureReference(figure.number, figure.anchor, children)
            return
        known = ", ".join(context.known_figures) or "none"
        message = f"no figure of this article is called {name}"
        context.error("figure-unknown", node.line, message, f"Its figures: {known}.")
        yield from children or (Text(name),)

    def _footnote_call(self, node: Node) -> Inline:
        calls = self._context.calls
        return FootnoteCall(calls.setdefault(node.attrs["label"], len(calls) + 1))

    def _code(self, node: Node, *, linked: bool) -> Iterator[Inline]:
        """Text is code; a link or break in HTML's <code> stays what it is."""
        for child in node.children:
            if isinstance(child, str):
                text = self._context.clean(child, node.line)
                if node.raw:
                    text = " ".join(text.split("\n"))
                if text:
                    yield Code(text)
            elif child.tag == "a" and child.attrs.get("href") and not linked:
                inner = Node("code", child.line, {}, child.children, raw=True)
                yield from self._link(
                    Node("a", child.line, child.attrs, [inner], raw=True), linked=False
                )
            elif child.tag in ("br", "img", "merge"):
                yield from self._one(child, linked=linked)
            else:
                yield from self._code(child, linked=linked)

    def _ruby(self, node: Node, *, linked: bool) -> Iterator[Inline]:
        """A reading in brackets, unless the author wrote the brackets (<rp>)."""
        children = self._all(node.children, node.line, linked=linked)
        yield from (Text("（"), *children, Text("）")) if children else ()

    def _checkbox(self, node: Node) -> Iterator[Inline]:
        if node.attrs.get("type", "").lower() == "checkbox":
            yield Text("☑ " if "checked" in node.attrs else "☐ ")

    def _media(self, node: Node, *, linked: bool) -> Iterator[Inline]:
        """Film and sound cannot be in a mail or on paper: a link to them can."""
        yield from self._all(node.children, node.line, linked=linked)
        inner = node.first("source")
        url = (
            node.attrs.get("src")
            or node.attrs.get("data")
            or (inner.attrs.get("src") if inner else "")
        )
        context = self._context
        context.warn("html-media", node.line, f"<{node.tag}> is shown as a link")
        if url and not linked:
            target = read_target(
                f"https:{url}" if url.startswith("//") else url, node.line, context
            )
            yield LineBreak()
            yield Link(target.url, (Text(target.url),)) if target.url else Text(target.shown)

    def _flattened(self, node: Node, *, linked: bool) -> Iterator[Inline]:
        """A block where only a line can be (in a table's cell): its lines one under the other."""
        if node.tag == "hr":
            yield LineBreak()
            return
        if node.tag == "footnote":
            return
        if node.tag == "pre":
            yield LineBreak()
            for line in node.text().strip("\n").split("\n"):
                yield from (Code(line or " "), LineBreak())
            return
        yield Text(" ") if node.tag in _CELL_ENDS else LineBreak()
        if node.tag == "li":
            yield Text("• ")
        yield from self._all(node.children, node.line, linked=linked)
        yield Text(" ") if node.tag in _CELL_ENDS else LineBreak()


def trim(inlines: tuple[Inline, ...]) -> tuple[Inline, ...]:
    """Without breaks at the edges, and none doubled more than once."""
    kept: list[Inline] = []
    for inline in inlines:
        if isinstance(inline, LineBreak) and (not kept or isinstance(kept[-1], LineBreak)):
            continue
        kept.append(inline)
    while kept and isinstance(kept[-1], LineBreak):
        kept.pop()
    return tuple(kept)


def language_of(node: Node) -> str:
    language = node.attrs.get("lang") or node.attrs.get("xml:lang") or ""
    return language if language.replace("-", "").isalnum() and language.isascii() else ""


def direction_of(node: Node) -> str:
    direction = node.attrs.get("dir", "").lower()
    return direction if direction in ("ltr", "rtl") else ""


def tell_dropped(node: Node, context: Context) -> None:
    context.warn(
        "html-dropped",
        node.line,
        f"<{node.tag}> is left out",
        "Issues run no scripts and have no styles of their own.",
    )


def tell_unknown(node: Node, context: Context) -> None:
    if node.tag not in TRANSPARENT:
        context.warn("html-unknown", node.line, f"<{node.tag[:40]}> is not read; its text is kept")
