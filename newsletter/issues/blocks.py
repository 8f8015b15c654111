"""Elements become our blocks, top to bottom. Text that stands between blocks becomes paragraphs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from newsletter.issues import tables
from newsletter.issues.context import Context
from newsletter.issues.figures import lone_image, read_figure
from newsletter.issues.headings import FIRST_LEVEL, TAGS
from newsletter.issues.inlines import (
    DROPPED,
    InlineReader,
    direction_of,
    language_of,
    tell_dropped,
    tell_unknown,
)
from newsletter.issues.lists import read_definitions, read_list
from newsletter.issues.markdown import parse_inline
from newsletter.issues.tree import BLOCKS, Node
from newsletter.model.blocks import (
    Align,
    Block,
    CodeBlock,
    Details,
    Divider,
    Doi,
    Figure,
    Group,
    Heading,
    Note,
    Paragraph,
    Quote,
)
from newsletter.model.inlines import Inline, Link, Text, plain, walk
from newsletter.problems import Source

_DOI = re.compile(
    r"(?:doi\s*[:：]?\s*)?(?:https?://(?:dx\.|www\.)?doi\.org/)?(?P<doi>10\.\d{4,9}/[^\s<>\"]+)",
    re.IGNORECASE,
)
_ALERT = re.compile(r"\s*\[!(?P<kind>NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*\n?")
_NOTES = frozenset(
    {
        "note",
        "tip",
        "info",
        "important",
        "warning",
        "caution",
        "danger",
        "data",
        "summary",
        "example",
    }
)
_GROUPS = frozenset(
    {
        "address",
        "article",
        "aside",
        "center",
        "div",
        "footer",
        "form",
        "header",
        "main",
        "nav",
        "section",
        "fieldset",
    }
)


class BlockReader:
    """Reads the elements of a body."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.inlines = InlineReader(context)
        self._readers: dict[str, Callable[[Node], Iterable[Block]]] = {
            "p": self._paragraph_element,
            "blockquote": self._quote,
            "pre": self._code_block,
            "hr": lambda node: (Divider(context.source(node.line)),),
            "ul": lambda node: (read_list(node, self, context),),
            "ol": lambda node: (read_list(node, self, context),),
            "li": lambda node: (read_list(Node("ul", node.line, {}, [node]), self, context),),
            "dl": lambda node: (read_definitions(node, self, context),),
            "table": self._table,
            "details": self._details,
            "figure": self._figure_element,
            "container": self._container,
            "footnote": lambda node: (),
            **dict.fromkeys(TAGS, self._heading),
            **dict.fromkeys(_GROUPS, self._group),
        }

    def flow(self, nodes: Iterable[Node | str], line: int) -> tuple[Block, ...]:
        """Blocks and loose text in the order they stand."""
        found: list[Block] = []
        loose: list[Node | str] = []
        for node in nodes:
            if isinstance(node, Node) and _holds_blocks(node):
                found.extend(self._loose(loose, line))
                loose = []
                found.extend(self._block(node))
                line = node.line
            else:
                loose.append(node)
        found.extend(self._loose(loose, line))
        return tuple(found)

    def _block(self, node: Node) -> Iterable[Block]:
        reader = self._readers.get(node.tag)
        if reader is not None:
            return reader(node)
        if node.tag in DROPPED and node.closed:
            tell_dropped(node, self._context)
            return ()
        if node.tag not in BLOCKS:
            wrap = self.inlines.wrapper(node)
            if wrap is None and node.tag != "a":
                tell_unknown(node, self._context)
            blocks = self.flow(node.children, node.line)
            source = self._context.source(node.line)
            return _wrapped(blocks, wrap, source, only_first=not node.closed)
        return self.flow(node.children, node.line)

    def _loose(self, nodes: list[Node | str], line: int) -> Iterator[Block]:
        if not nodes or all(isinstance(node, str) and not node.strip() for node in nodes):
            return
        first = next((node.line for node in nodes if isinstance(node, Node)), line)
        yield from self.paragraph(nodes, max(line, first) if isinstance(nodes[0], Node) else line)

    def paragraph(self, nodes: list[Node | str], line: int) -> Iterator[Block]:
        """A paragraph, or the figure or DOI that stands alone in one."""
        image = lone_image(nodes)
        if image is not None:
            yield read_figure(*image, self._context)
            return
        children = self.inlines.run(nodes, line)
        if not children:
            return
        doi = _lone_doi(children)
        source = self._context.source(line)
        yield Doi(source, doi) if doi else Paragraph(source, children)

    def _paragraph_element(self, node: Node) -> Iterable[Block]:
        blocks = (
            self.flow(node.children, node.line)
            if node.raw
            else tuple(self.paragraph(node.children, node.line))
        )
        return self._grouped(node, blocks)

    def _group(self, node: Node) -> Iterable[Block]:
        return self._grouped(node, self.flow(node.children, node.line))

    def _grouped(self, node: Node, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        """Blocks in another language, direction or alignment; figures have an alignment of their own."""
        language, direction = language_of(node), direction_of(node)
        align = tables.alignment(node)
        if all(isinstance(block, Figure | Heading | Divider) for block in blocks):
            align = Align.NONE
        if not blocks or not (language or direction or align):
            return blocks
        return (Group(self._context.source(node.line), blocks, language, direction, align),)

    def _heading(self, node: Node) -> Iterable[Block]:
        context = self._context
        image = lone_image(node.children)
        if image is not None:
            return (read_figure(*image, context),)
        children = self.inlines.heading(node)
        if not children:
            return ()
        level = context.plan.levels.get(id(node), FIRST_LEVEL)
        anchor = context.plan.anchors.get(id(node)) or context.take_anchor("heading")
        return (Heading(context.source(node.line), level, children, anchor),)

    def _quote(self, node: Node) -> Iterable[Block]:
        source = self._context.source(node.line)
        first = node.first("p")
        if first is not None and first.children and isinstance(first.children[0], str):
            found = _ALERT.match(first.children[0])
            if found:
                rest: list[Node | str] = [first.children[0][found.end() :], *first.children[1:]]
                body = [
                    Node("p", first.line, {}, rest) if child is first else child
                    for child in node.children
                ]
                kind = found["kind"].lower()
                blocks = self.flow(body, node.line)
                # Without a title the label is a word of the issue's language.
                return (Note(source, blocks, "warning" if kind == "caution" else kind),)
        blocks = self.flow(node.children, node.line)
        return self._grouped(node, (Quote(source, blocks),)) if blocks else ()

    def _code_block(self, node: Node) -> Iterable[Block]:
        code = node.first("code")
        language = node.attrs.get("language", "")
        if code is not None:
            found = re.search(r"\b(?:lang|language)-(\S+)", code.attrs.get("class", ""))
            language = found[1] if found else language
        text = self._context.clean(node.text(), node.line)
        text = text.removeprefix("\n") if node.raw else text
        text = text.removesuffix("\n")
        images = [inner for inner in node.walk() if inner.tag == "img"] if node.raw else []
        blocks: list[Block] = (
            [CodeBlock(self._context.source(node.line), text, language)] if text.strip() else []
        )
        for image in images:
            blocks.append(read_figure(image, None, self._context))
        return blocks

    def _table(self, node: Node) -> Iterable[Block]:
        if tables.is_layout(node):
            return self._grouped(node, self.flow(node.children, node.line))
        table = tables.read_table(node, self.inlines, self._context)
        if tables.is_too_wide(table, self._context):
            return tables.as_lines(table)
        return (table,) if table.rows or table.head else ()

    def _details(self, node: Node) -> Iterable[Block]:
        summary = node.first("summary")
        children = [child for child in node.children if child is not summary]
        title = self.inlines.run(summary.children, summary.line) if summary else ()
        blocks = self.flow(children, node.line)
        if not title and not blocks:
            return ()
        return (Details(self._context.source(node.line), title, blocks),)

    def _figure_element(self, node: Node) -> Iterable[Block]:
        words = node.first("figcaption")
        rest = [child for child in node.children if child is not words]
        image = lone_image(rest)
        caption = self.inlines.run(words.children, words.line) if words else None
        if image is not None:
            return (read_figure(*image, self._context, caption),)
        blocks = self.flow(rest, node.line)
        if caption and words is not None:
            blocks += (Paragraph(self._context.source(words.line), caption),)
        return blocks

    def _container(self, node: Node) -> Iterable[Block]:
        context = self._context
        kind = node.attrs["kind"]
        source = context.source(node.line)
        title = (
            self.inlines.run(parse_inline(node.attrs["title"]), node.line)
            if node.attrs["title"]
            else ()
        )
        blocks = self.flow(node.children, node.line)
        if kind == "details":
            return (Details(source, title, blocks),)
        if kind == "quote":
            return (Quote(source, _with_title(title, blocks, source), pull=True),)
        if kind not in _NOTES:
            context.warn(
                "container-unknown",
                node.line,
                f"::: {kind} is no container of ours; it is shown as a note",
                f"Known: quote, details, {', '.join(sorted(_NOTES))}.",
            )
            words = (Text(kind), Text(" "), *title) if title else (Text(kind),)
            return (Note(source, blocks, "note", words),)
        return (Note(source, blocks, kind, title),)


def _with_title(
    title: tuple[Inline, ...], blocks: tuple[Block, ...], source: Source
) -> tuple[Block, ...]:
    return blocks if not title else (Paragraph(source, title), *blocks)


def _holds_blocks(node: Node) -> bool:
    """Whether an element is a block, or an inline one with a block somewhere in it."""
    if node.tag in BLOCKS:
        return True
    return any(isinstance(child, Node) and _holds_blocks(child) for child in node.children)


def _wrapped(
    blocks: tuple[Block, ...],
    wrap: Callable[[tuple[Inline, ...]], Inline] | None,
    source: Source,
    *,
    only_first: bool,
) -> tuple[Block, ...]:
    """An inline element around blocks (`<a>` around paragraphs) is laid around each one's words; one that is
    never closed around the first alone. A link that finds no words stands behind the blocks."""
    if wrap is None:
        return blocks
    empty = wrap(())
    url = empty.url if isinstance(empty, Link) else ""
    wrapped: list[Block] = []
    count = 0
    for block in blocks:
        if not (only_first and count):
            changed = _wrapped_block(block, wrap, url)
            count += changed is not block
            block = changed
        wrapped.append(block)
    if url and not count:
        wrapped.append(Paragraph(source, (Link(url, (Text(url),)),)))
    return tuple(wrapped)


def _wrapped_block(block: Block, wrap: Callable[[tuple[Inline, ...]], Inline], url: str) -> Block:
    if isinstance(block, Paragraph | Heading) and not (url and _has_link(block.children)):
        return replace(block, children=(wrap(block.children),))
    if isinstance(block, Figure) and url and not block.url:
        return replace(block, url=url)
    return block


def _has_link(children: tuple[Inline, ...]) -> bool:
    return any(isinstance(inline, Link) for inline in walk(children))


def _lone_doi(children: tuple[Inline, ...]) -> str:
    """The DOI, when the words are nothing else; a link must show the very DOI it leads to."""
    if len(children) > 3 or not all(isinstance(child, Text | Link) for child in children):
        return ""
    found = _DOI.fullmatch(plain(children).strip())
    if found is None:
        return ""
    doi = found["doi"].rstrip(".,;")
    links = [child for child in children if isinstance(child, Link)]
    return doi if all(doi in link.url for link in links) else ""
