"""An issue that is one text: its `##` headings are the sections, what stands before them is the letter."""

from __future__ import annotations

from newsletter.issues.documents import Document, split_at_headings, take_title
from newsletter.issues.headings import slugify, title_text
from newsletter.issues.issue_keys import read_issue_keys
from newsletter.issues.places import LETTER, Place, Places
from newsletter.issues.tree import Node
from newsletter.model.issue import Issue, Section


def read_lone(document: Document, name: str, default_language: str, places: Places) -> Issue:
    """`name` is the title when neither the front matter nor a heading gives one."""
    keys = read_issue_keys(document, default_language, places)
    written = keys.title or document.header("Title")
    title, nodes, heading = take_title(document.tree.root.children, written)
    (_, letter_nodes), *parts = split_at_headings(nodes)
    letter = places.put(document, places.anchors.take(LETTER), letter_nodes, heading, {})
    placed = [_put(document, part, inner, places) for part, inner in parts if part is not None]
    _share_footnotes(document, [letter, *(place for _, place in placed)])
    body = places.read(letter)
    sections = []
    for part, place in placed:
        inner = places.read(place)
        source = place.document.source_at(part.line)
        words = title_text(part) or place.anchor
        sections.append(
            Section(source, place.anchor, words, blocks=inner.blocks, footnotes=inner.footnotes)
        )
    return keys.issue(
        title=title or name,
        letter=body.blocks,
        letter_footnotes=body.footnotes,
        sections=tuple(sections),
    )


def _put(
    document: Document, heading: Node, nodes: list[Node | str], places: Places
) -> tuple[Node, Place]:
    slug = slugify(title_text(heading))[:60].strip("-") or "section"
    kept = _beyond_words(heading)
    return heading, places.put(document, places.anchors.take(slug), kept + nodes, heading, {})


def _beyond_words(heading: Node) -> list[Node | str]:
    """A section's title is plain text; a picture or link in the heading stays at the head of its text."""
    if any(node.tag == "img" or node.attrs.get("href") for node in heading.walk()):
        return [Node("p", heading.line, {}, heading.children)]
    return []


def _share_footnotes(document: Document, places: list[Place]) -> None:
    """Each part gets the notes it calls; those that nobody calls go to the last."""
    written = document.tree.footnotes
    shared: set[str] = set()
    for place in places:
        waiting = [label for node in place.nodes for label in _calls(node)]
        while waiting:
            label = waiting.pop(0)
            if label in written and label not in place.definitions:
                place.definitions[label] = written[label]
                shared.add(label)
                waiting += _calls(written[label])
    places[-1].definitions.update({k: v for k, v in written.items() if k not in shared})


def _calls(node: Node | str) -> list[str]:
    if isinstance(node, str) or node.tag == "footnote":
        children = [] if isinstance(node, str) else node.children
        return [label for child in children for label in _calls(child)] if children else []
    found = [node.attrs["label"]] if node.tag == "footnote-call" else []
    return found + [label for child in node.children for label in _calls(child)]
