"""The mail's html as a tree, for rules to look at. The only module of the checks that knows lxml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import lxml.html

Element: TypeAlias = Any
"""An `lxml.html.HtmlElement`, or a comment between such (lxml has no types of its own)."""

_HIDDEN = re.compile(r"display:\s*none|max-height:\s*0(?![.\d])", re.IGNORECASE)
_NO_TEXT = frozenset({"head", "script", "style", "title"})


@dataclass(frozen=True, slots=True)
class Document:
    """`source` is the html as sent, `root` its `<html>` element."""

    source: str
    root: Element

    def elements(self, *tags: str) -> Iterator[Element]:
        yield from self.root.iter(*tags)

    @property
    def body(self) -> Element:
        found = self.root.find("body")
        return self.root if found is None else found


def parse(html: str) -> Document:
    """Never fails: an empty mail is an empty body."""
    parser = lxml.html.HTMLParser(encoding="utf-8")
    source = html if html.strip() else "<html><body></body></html>"
    return Document(html, lxml.html.document_fromstring(source.encode("utf-8"), parser=parser))


def declarations(element: Element) -> dict[str, str]:
    """The inline style, property → value, the last one written wins."""
    style: dict[str, str] = {}
    for part in re.split(r";(?![^(]*\))", element.get("style", "")):
        name, colon, value = part.partition(":")
        if colon:
            style[name.strip().lower()] = value.replace("!important", "").strip()
    return style


def hidden(element: Element) -> bool:
    return bool(_HIDDEN.search(element.get("style", "")))


def is_element(node: Element) -> bool:
    """Not a comment or processing instruction, whose tag is a function."""
    return isinstance(node.tag, str)


def visible_runs(element: Element) -> Iterator[tuple[Element, str]]:
    """The texts a reader sees in reading order, each with the element it stands in."""
    if not is_element(element) or element.tag in _NO_TEXT or hidden(element):
        return
    if element.text and element.text.strip():
        yield element, element.text
    for child in element:
        yield from visible_runs(child)
        if child.tail and child.tail.strip():
            yield element, child.tail


def visible_text(element: Element) -> str:
    return "".join(text for _, text in visible_runs(element))


def preceding_ids(element: Element) -> Iterator[str]:
    """The anchors before an element, nearest first, itself and those around it included."""
    node: Element | None = element
    while node is not None:
        for name in (node.get("id"), node.get("name")):
            if name:
                yield name
        for before in node.itersiblings(preceding=True):
            inner = [e for e in before.iter() if is_element(e)]
            for found in reversed(inner):
                yield from (name for name in (found.get("id"), found.get("name")) if name)
        node = node.getparent()
