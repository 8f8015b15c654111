"""Lists: bulleted, numbered, of tasks, of definitions."""

from __future__ import annotations

import re
from typing import Protocol

from newsletter.issues.context import Context
from newsletter.issues.inlines import InlineReader
from newsletter.issues.tree import Node
from newsletter.model.blocks import (
    Block,
    BulletList,
    Definition,
    DefinitionList,
    ListItem,
    OrderedList,
)

_TASK = re.compile(r"\s*\[(?P<mark>[ xX])\](?:[ \t\n]+|\Z)")


class FlowReader(Protocol):
    inlines: InlineReader

    def flow(self, nodes: list[Node | str], line: int) -> tuple[Block, ...]: ...


def read_list(node: Node, reader: FlowReader, context: Context) -> BulletList | OrderedList:
    """Whatever is not an item goes to the item before it."""
    gathered: list[Node] = []
    for child in node.children:
        if isinstance(child, Node) and child.tag == "li":
            gathered.append(Node("li", child.line, child.attrs, list(child.children)))
        elif isinstance(child, Node) or child.strip():
            if not gathered:
                gathered.append(Node("li", node.line))
            gathered[-1].children.append(child)
    tight = not any(
        isinstance(c, Node) and c.tag == "p" for item in gathered for c in item.children
    )
    items = tuple(_item(item, reader) for item in gathered)
    source = context.source(node.line)
    if node.tag == "ol":
        return OrderedList(source, items, _start(node), tight)
    return BulletList(source, items, tight)


def _start(node: Node) -> int:
    written = node.attrs.get("start", "1")
    return int(written) if re.fullmatch(r"\d{1,9}", written) else 1


def _item(item: Node, reader: FlowReader) -> ListItem:
    checked, children = _task(item.children)
    return ListItem(reader.flow(children, item.line), checked)


def _task(children: list[Node | str]) -> tuple[bool | None, list[Node | str]]:
    """Takes the box off a task: `[ ] ` and `[x] ` in Markdown, a checkbox in HTML."""
    for index, child in enumerate(children):
        if isinstance(child, str):
            if not child.strip():
                continue
            found = _TASK.match(child)
            if found is None:
                return None, children
            rest: list[Node | str] = [child[found.end() :], *children[index + 1 :]]
            return found["mark"] != " ", rest
        if child.tag == "input" and child.attrs.get("type", "").lower() == "checkbox":
            return "checked" in child.attrs, children[index + 1 :]
        if child.tag in ("p", "label"):
            checked, inner = _task(child.children)
            if checked is None:
                return None, children
            changed = Node(child.tag, child.line, child.attrs, inner)
            return checked, [*children[:index], changed, *children[index + 1 :]]
        return None, children
    return None, children


def read_definitions(node: Node, reader: FlowReader, context: Context) -> DefinitionList:
    """Terms with what they mean; two terms of one meaning are two entries, the first without."""
    items: list[Definition] = []
    for child in _terms(node):
        if isinstance(child, Node) and child.tag == "dt":
            items.append(Definition(reader.inlines.run(child.children, child.line), ()))
            continue
        if isinstance(child, str) and not child.strip():
            continue
        children = child.children if isinstance(child, Node) and child.tag == "dd" else [child]
        meaning = reader.flow(children, child.line if isinstance(child, Node) else node.line)
        if not items:
            items.append(Definition((), ()))
        if meaning:
            items[-1] = Definition(items[-1].term, (*items[-1].meanings, meaning))
    return DefinitionList(context.source(node.line), tuple(items))


def _terms(node: Node) -> list[Node | str]:
    """The children; HTML allows a div around a group of them."""
    found: list[Node | str] = []
    for child in node.children:
        found.extend(child.children if isinstance(child, Node) and child.tag == "div" else [child])
    return found
