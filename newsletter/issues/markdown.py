"""Markdown becomes a tree. With its helpers `cjk_emphasis.py` and `inline_rules.py` the only module that
knows markdown-it; everything after it sees `tree.Node`.

CommonMark, tables, strikethrough, footnotes, definition lists, attributes and containers; raw HTML is
poured into the same tree. A file's tree depends on its text alone, so the last trees are remembered and
a preview parses only the file that changed: nobody may change a tree after it is made.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_inline

from newsletter.issues import cjk_emphasis, comments, inline_rules, raw_html
from newsletter.issues.tree import MAX_DEPTH, Node, Oddity, TreeBuilder

_CONTAINER = re.compile(r"\s*\{?\.?(?P<kind>[^\W\d_][\w-]*)\}?(?:\s+(?P<title>.*?))?\s*:*\s*")
_TOO_MANY_ERRORS = (IndexError, KeyError, ValueError, RecursionError, RuntimeError, TypeError)


@dataclass(frozen=True, slots=True)
class Tree:
    """A text as elements. `footnotes` are the definitions by label, in the order they were written."""

    root: Node
    footnotes: dict[str, Node]
    oddities: tuple[Oddity, ...]


@functools.lru_cache(maxsize=128)
def parse_tree(text: str) -> Tree:
    """Reads a whole text. Lines in the tree count from 1 in it. Never fails: what the parser cannot read
    stays as plain words, with an oddity."""
    try:
        text, unclosed = comments.without_split(text, _html_blocks)
        env: dict[str, Any] = {}
        tokens = _parser().parse(text, env)
        tree = _Pour(text, env).pour(tokens)
        return replace(tree, oddities=(*tree.oddities, *unclosed))
    except _TOO_MANY_ERRORS as caught:
        root = Node("root", 1)
        for paragraph in re.finditer(r"(?:[^\n]+\n?)+", text):
            line = text.count("\n", 0, paragraph.start()) + 1
            root.children.append(Node("p", line, {}, [paragraph[0]]))
        oddity = Oddity("markdown-unreadable", 1, f"this Markdown cannot be read: {caught}")
        return Tree(root, {}, (oddity,))


def _html_blocks(text: str) -> list[tuple[int, int]]:
    """First line and the line after the last of each block of raw HTML, counted from 0."""
    tokens = _parser().parse(text, {})
    return [(t.map[0], t.map[1]) for t in tokens if t.type == "html_block" and t.map]


def parse_inline(text: str) -> tuple[Node | str, ...]:
    """A single line of Markdown, as a title of a container is."""
    return tuple(_inline_tree(text, {}).children)


@functools.lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    # The level of a list's item is two more than what is around the list; nothing may reach maxNesting,
    # beyond which markdown-it drops words.
    md = MarkdownIt("commonmark", {"maxNesting": MAX_DEPTH + 20})
    md.enable(["table", "strikethrough"])
    md.disable("text_join")  # it hides which brackets were escaped
    md.use(footnote_plugin, move_to_end=False)
    md.use(deflist_plugin)
    md.use(attrs_plugin, after=("image", "link_close"))
    md.use(container_plugin, "any", validate=_is_container)
    cjk_emphasis.install(md)
    inline_rules.install(md, MAX_DEPTH - 8)
    # Addresses are judged by links.py, which can say what is wrong with one.
    md.validateLink = lambda url: True  # type: ignore[method-assign]
    inline_rules.read_links(md)
    inline_rules.guard_inline_footnotes(md, footnote_inline)
    return md


def _is_container(parameters: str, *_: object) -> bool:
    return _CONTAINER.fullmatch(parameters) is not None


def _inline_tree(text: str, env: dict[str, Any]) -> Node:
    builder = TreeBuilder()
    pour = _Pour(text, env, builder)
    for token in _parser().parseInline(text, env):
        pour.inline(token)
    return builder.root


class _Pour:
    """Pours markdown-it's tokens into a tree."""

    def __init__(self, text: str, env: dict[str, Any], builder: TreeBuilder | None = None) -> None:
        self._lines = text.split("\n")
        self._env = env
        self._builder = builder or TreeBuilder()
        self._open: list[Node | None] = []
        self._footnotes: dict[str, Node] = {}
        self._line = 1

    def pour(self, tokens: Sequence[Token]) -> Tree:
        for token in tokens:
            if token.map is not None:
                self._line = token.map[0] + 1
            self._token(token)
        for key, data in self._env.get("footnotes", {}).get("list", {}).items():
            if "tokens" in data:
                self._footnotes[f"inline {key}"] = self._inline_footnote(data["tokens"])
        builder = self._builder
        return Tree(builder.root, self._footnotes, tuple(builder.oddities))

    def _token(self, token: Token) -> None:
        builder = self._builder
        match token.type:
            case "inline":
                self.inline(token)
            case "html_block":
                raw_html.pour(token.content, self._line, builder)
            case "fence" | "code_block":
                info = token.info.split()
                attrs = {"language": info[0]} if info else {}
                builder.leaf("pre", self._line, attrs, token.content)
            case "hr":
                builder.leaf("hr", self._line)
            case "paragraph_open" | "paragraph_close" if token.hidden:
                if token.nesting > 0:
                    self._space_out()
            case "footnote_reference_open":
                self._begin_footnote(token.meta["label"])
            case "too_deep":
                builder.tell_depth(self._line)
            case _ if token.nesting > 0:
                self._open.append(builder.open(self._tag(token), self._line, self._attrs(token)))
            case _ if token.nesting < 0:
                self._close_block(token)

    def _space_out(self) -> None:
        """Two tight paragraphs in one item (a sublist between them) are not one word."""
        if self._builder.top.children:
            self._builder.text("\n")

    def _close_block(self, token: Token) -> None:
        if token.type == "tr_close":
            self._keep_excess_cells()
        self._builder.close(self._open.pop())

    def _tag(self, token: Token) -> str:
        return "container" if token.type == "container_any_open" else token.tag

    def _attrs(self, token: Token) -> dict[str, str]:
        attrs = {key: str(value) for key, value in token.attrs.items()}
        if token.type == "container_any_open":
            found = _CONTAINER.fullmatch(token.info)
            assert found is not None
            attrs |= {"kind": found["kind"].lower(), "title": found["title"] or ""}
        return attrs

    def _begin_footnote(self, label: str) -> None:
        """A definition is read where it stands but is kept apart from the text around it."""
        node = self._builder.open("footnote", self._line)
        self._open.append(node)
        if node is not None:
            # A label written twice is called by neither name; body.py then tells and keeps the second.
            key = label if label not in self._footnotes else f"{label} ({len(self._footnotes)})"
            self._footnotes[key] = node

    def _inline_footnote(self, tokens: Sequence[Token]) -> Node:
        holder = Token("inline", "", 0, children=list(tokens))
        outer, self._builder = self._builder, TreeBuilder()
        self.inline(holder)
        inner, self._builder = self._builder, outer
        return Node("footnote", self._line, {}, [Node("p", self._line, {}, inner.root.children)])

    def _keep_excess_cells(self) -> None:
        """markdown-it drops the cells of a row beyond the head's; their words are kept as cells."""
        row = self._open[-1]
        if row is None or row.line > len(self._lines):
            return
        written = escapedSplit(self._lines[row.line - 1].lstrip(" >\t").strip())
        cells = written[1 if written and not written[0].strip() else 0 :]
        if cells and not cells[-1].strip():
            cells.pop()
        excess = cells[len(row.children) :]
        if not excess:
            return
        for cell in excess:
            row.children.append(
                Node("td", row.line, {}, _inline_tree(cell.strip(), self._env).children)
            )
        self._builder.oddities.append(
            Oddity(
                "table-row-too-long",
                row.line,
                f"this row has {len(cells)} cells, the head of its table fewer",
                "The cells are kept; give the head as many, or write \\| for a bar inside a cell.",
            )
        )

    def inline(self, block: Token) -> None:
        for token in block.children or ():
            match token.type:
                case "text_special" if token.content == "[":
                    self._builder.leaf("literal", self._line, {}, "[")
                case "text" | "text_special":
                    self._builder.text(token.content)
                case "softbreak":
                    self._line += 1
                    self._builder.text("\n")
                case "hardbreak":
                    self._builder.leaf("br", self._line)
                    self._line += 1
                case "html_inline":
                    raw_html.pour(token.content, self._line, self._builder)
                    self._line += token.content.count("\n")
                case "code_inline":
                    self._builder.leaf("code", self._line, {}, token.content)
                case "image":
                    self._image(token)
                case "merge_tag":
                    self._builder.leaf("merge", self._line, {}, token.content)
                    self._line += token.content.count("\n")
                case "footnote_ref":
                    self._footnote_call(token)
                case _ if token.nesting > 0:
                    attrs = {key: str(value) for key, value in token.attrs.items()}
                    self._open.append(self._builder.open(token.tag, self._line, attrs))
                case _ if token.nesting < 0:
                    self._close_inline()
                case _:
                    self._builder.text(token.content)

    def _close_inline(self) -> None:
        node = self._open.pop()
        if node is not None:
            self._builder.close(node)

    def _image(self, token: Token) -> None:
        attrs = {key: str(value) for key, value in token.attrs.items()}
        alt = _Pour("", {}, TreeBuilder())
        alt.inline(token)
        attrs["alt"] = alt._builder.root.text()
        self._builder.leaf("img", self._line, attrs)

    def _footnote_call(self, token: Token) -> None:
        label = token.meta.get("label")
        key = label if label is not None else f"inline {token.meta['id']}"
        self._builder.leaf("footnote-call", self._line, {"label": key})
