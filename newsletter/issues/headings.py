"""Headings: their levels in the order of the page, and anchors that are unique in the issue."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from newsletter.issues.hidden import without_hidden
from newsletter.issues.tree import Node

TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
FIRST_LEVEL = 3
LAST_LEVEL = 6
_OWN_NAME = re.compile(r"\s*\{:?\s*#(?P<name>[\w:.-]+)[^{}]*\}\s*$")


class Anchors:
    """Hands out anchors; whoever asks for one that is taken gets it with a number behind."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, wanted: str) -> str:
        anchor, number = wanted, 2
        while anchor in self._taken:
            anchor, number = f"{wanted}-{number}", number + 1
        self._taken.add(anchor)
        return anchor

    def copy(self) -> Anchors:
        """The same anchors taken, to try something."""
        other = Anchors()
        other._taken = set(self._taken)
        return other

    def become(self, other: Anchors) -> None:
        """What was tried holds."""
        self._taken = other._taken


@dataclass(slots=True)
class HeadingPlan:
    """Levels and anchors of a body's headings, by the identity of their nodes; `fragments` are the names by
    which links may call them (the slug of the text, the author's own `{#name}`, `<a name>`)."""

    levels: dict[int, int] = field(default_factory=dict)
    anchors: dict[int, str] = field(default_factory=dict)
    fragments: dict[str, str] = field(default_factory=dict)


def slugify(text: str) -> str:
    """Letters and digits of any script, joined by hyphens, lower case: `CAR-T 疗法！` → `car-t-疗法`."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text.lower())).strip("-_")


def fragment_key(fragment: str) -> str:
    """Fragments that differ in case and punctuation only call the same heading."""
    return re.sub(r"[\W_]+", "", fragment.lower())


def own_name(node: Node) -> str:
    """The name that an author gave a heading: `## Title {#name}`, or an id in HTML."""
    if node.children and isinstance(node.children[-1], str):
        found = _OWN_NAME.search(node.children[-1])
        if found:
            return found["name"]
    return node.attrs.get("id", "")


def without_own_name(text: str) -> str:
    return _OWN_NAME.sub("", text)


def title_text(node: Node) -> str:
    """The words of a heading on one line."""
    return " ".join(without_hidden(without_own_name(node.text())).split())


def plan_headings(
    nodes: Iterable[Node | str], prefix: str, default: str, take: Callable[[str], str]
) -> HeadingPlan:
    """Levels from 3 without gaps, keeping which heading is under which; anchors `<prefix>-<slug>`."""
    plan = HeadingPlan()
    above: list[int] = []
    last = default
    for node in _walk(nodes):
        if node.tag in TAGS:
            written = int(node.tag[1])
            while above and above[-1] >= written:
                above.pop()
            plan.levels[id(node)] = min(FIRST_LEVEL + len(above), LAST_LEVEL)
            above.append(written)
            slug = slugify(title_text(node))
            last = plan.anchors[id(node)] = take(f"{prefix}-{slug[:60].strip('-') or 'heading'}")
            _name(plan, slug, last)
            _name(plan, own_name(node), last)
        elif node.raw:
            _name(plan, node.attrs.get("id", "") or node.attrs.get("name", ""), last)
    return plan


def _name(plan: HeadingPlan, name: str, anchor: str) -> None:
    if key := fragment_key(name):
        plan.fragments.setdefault(key, anchor)


def _walk(nodes: Iterable[Node | str]) -> Iterable[Node]:
    for node in nodes:
        if isinstance(node, Node) and node.tag != "footnote":
            yield node
            yield from _walk(node.children)
