"""The tree between Markdown and our blocks: elements named as in HTML, text, and the line each began on.

Markdown and the raw HTML in it are poured into one tree by `TreeBuilder`, so that `<td>` opened in one
place and closed after a blank line holds what Markdown made in between. The builder accepts any order
of events: what is not closed is closed with its parent, a close without an open is passed over, and
nothing is nested deeper than `MAX_DEPTH`; the words always stay. Only a text of more than `MAX_ELEMENTS`
is cut there, and told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_DEPTH = 50
MAX_ELEMENTS = 20_000
"""In one file; twenty times what the longest newsletters have. More would take minutes and gigabytes to set."""

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source"}
    | {"track", "wbr"}
)
BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "caption", "center", "col", "colgroup"}
    | {"container", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption", "figure"}
    | {"footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav"}
    | {"ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead"}
    | {"tr", "ul"}
)
# An opening tag ends these without being told to, up to the nearest of the second set (HTML, 13.1.2.4).
_IMPLIED_ENDS = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol"})),
    "dt": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "dd": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "td": (frozenset({"td", "th"}), frozenset({"table", "tr"})),
    "th": (frozenset({"td", "th"}), frozenset({"table", "tr"})),
    "tr": (frozenset({"tr", "td", "th"}), frozenset({"table"})),
    "tbody": (frozenset({"thead", "tbody", "tfoot", "caption", "colgroup"}), frozenset({"table"})),
    "thead": (frozenset({"thead", "tbody", "tfoot", "caption", "colgroup"}), frozenset({"table"})),
    "tfoot": (frozenset({"thead", "tbody", "tfoot", "caption", "colgroup"}), frozenset({"table"})),
    "option": (frozenset({"option"}), frozenset({"select"})),
}


@dataclass(slots=True, eq=False)
class Node:
    """An element. `raw` says that it was written as HTML, `closed` that it was closed by its own tag."""

    tag: str
    line: int
    attrs: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)
    raw: bool = False
    closed: bool = True

    def text(self) -> str:
        """All the text in it, as it stands."""
        return "".join(
            child if isinstance(child, str) else "\n" if child.tag == "br" else child.text()
            for child in self.children
        )

    def walk(self) -> Iterator[Node]:
        """Itself and every element in it, in reading order."""
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()

    def first(self, *tags: str) -> Node | None:
        """The first of its own children with one of these tags."""
        for child in self.children:
            if isinstance(child, Node) and child.tag in tags:
                return child
        return None


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something in the text that its reader should be told; `line` counts from 1 in the text parsed."""

    code: str
    line: int
    message: str
    hint: str = ""


class TreeBuilder:
    """Takes opens, closes and text in the order of the page; `root` is what they made."""

    def __init__(self) -> None:
        self.root = Node("root", 1)
        self.oddities: list[Oddity] = []
        self._stack = [self.root]
        self._told_depth = False
        self._elements = 0

    @property
    def top(self) -> Node:
        return self._stack[-1]

    def text(self, text: str) -> None:
        if not text or self._is_full:
            return
        children = self._stack[-1].children
        if children and isinstance(children[-1], str):
            children[-1] += text
        else:
            children.append(text)

    def leaf(
        self, tag: str, line: int, attrs: dict[str, str] | None = None, text: str = ""
    ) -> Node:
        """An element that nothing will be opened in."""
        node = Node(tag, line, attrs or {}, [text] if text else [])
        self._append(node)
        return node

    def open(self, tag: str, line: int, attrs: dict[str, str] | None = None) -> Node | None:
        """Markdown opens an element and keeps what this returns, to close it; None when it is too deep."""
        return self._push(Node(tag, line, attrs or {}))

    def close(self, node: Node | None) -> None:
        """Markdown closes its own element, and with it whatever HTML was left open inside."""
        if node is None:
            self.text("\n")
        elif node in self._stack:
            del self._stack[self._stack.index(node) :]

    def open_raw(self, tag: str, line: int, attrs: dict[str, str], *, empty: bool) -> None:
        if tag in BLOCKS:
            self._end_implied(tag)
        node = Node(tag, line, attrs, raw=True, closed=empty or tag in VOID)
        if node.closed:
            self._append(node)
        else:
            self._push(node)

    def close_raw(self, tag: str) -> None:
        """Closes the nearest HTML element of this name. It may end Markdown's paragraphs and emphasis on the
        way, never its lists, quotations or tables."""
        for index in range(len(self._stack) - 1, 0, -1):
            node = self._stack[index]
            if node.raw and node.tag == tag:
                node.closed = True
                del self._stack[index:]
                return
            if not node.raw and node.tag in BLOCKS and node.tag != "p":
                return
        if tag in BLOCKS:
            self.text("\n")

    def _push(self, node: Node) -> Node | None:
        if len(self._stack) > MAX_DEPTH:
            if not self._told_depth:
                self._told_depth = True
                self.tell_depth(node.line)
            self.text("\n")
            return None
        if not self._append(node):
            return None
        self._stack.append(node)
        return node

    def _append(self, node: Node) -> bool:
        if self._is_full:
            return False
        self._elements += 1
        if self._is_full:
            self.oddities.append(
                Oddity(
                    "text-too-long",
                    node.line,
                    f"more than {MAX_ELEMENTS:,} paragraphs, cells, links and the like in one file",
                    "What follows this line is left out. Make several articles of it.",
                )
            )
            return False
        self._stack[-1].children.append(node)
        return True

    @property
    def _is_full(self) -> bool:
        return self._elements > MAX_ELEMENTS

    def tell_depth(self, line: int) -> None:
        self.oddities.append(
            Oddity(
                "nested-too-deep",
                line,
                f"nested more than {MAX_DEPTH} levels deep",
                "The words are kept; what is deeper is laid flat.",
            )
        )

    def _end_implied(self, tag: str) -> None:
        if self.top.tag == "p" or (len(self._stack) > 1 and self._inside_paragraph()):
            self._end_paragraph()
        implied = _IMPLIED_ENDS.get(tag)
        if implied is None:
            return
        ended, limits = implied
        for index in range(len(self._stack) - 1, 0, -1):
            node = self._stack[index]
            if node.tag in limits and node.tag not in ended:
                return
            if node.raw and node.tag in ended:
                node.closed = True
                del self._stack[index:]
                if tag != "tr":
                    return
                self._end_implied(tag)
                return

    def _inside_paragraph(self) -> bool:
        """Whether only inline elements stand between here and a paragraph."""
        for node in reversed(self._stack):
            if node.tag == "p":
                return True
            if node.tag in BLOCKS or node.tag in ("root", "a"):
                return False
        return False

    def _end_paragraph(self) -> None:
        for index in range(len(self._stack) - 1, 0, -1):
            if self._stack[index].tag == "p":
                self._stack[index].closed = True
                del self._stack[index:]
                return
