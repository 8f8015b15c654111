"""Where every text of an issue stands: its anchor, its headings' anchors, and how links find them."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from newsletter.issues.body import Body
from newsletter.issues.context import Context
from newsletter.issues.documents import Document
from newsletter.issues.headings import (
    Anchors,
    HeadingPlan,
    fragment_key,
    own_name,
    plan_headings,
    slugify,
    title_text,
)
from newsletter.issues.kept_bodies import read_kept
from newsletter.issues.pictures import PictureShelf
from newsletter.issues.tree import Node
from newsletter.problems import Problem

LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Place:
    """A body in its place. `definitions` are the footnotes that it may call."""

    document: Document
    anchor: str
    nodes: Sequence[Node | str]
    plan: HeadingPlan
    definitions: dict[str, Node]


class Places:
    """First every body is put in its place, then they are read: only then links can find one another."""

    def __init__(self, root: Path, problems: list[Problem]) -> None:
        self.shelf = PictureShelf(root)
        self.anchors = Anchors()
        self.problems = problems
        self.base_url = ""
        self._files: dict[str, str] = {}
        self._fragments: dict[str, dict[str, str]] = {}

    def put(
        self,
        document: Document,
        anchor: str,
        nodes: Sequence[Node | str],
        title: Node | None,
        definitions: dict[str, Node] | None = None,
    ) -> Place:
        """`anchor` is taken already; `title` is the heading that became the title."""
        plan = plan_headings(nodes, anchor, anchor, self.anchors.take)
        fragments = self._fragments.setdefault(document.name, {})
        if title is not None:
            for name in (slugify(title_text(title)), own_name(title)):
                if key := fragment_key(name):
                    fragments.setdefault(key, anchor)
        for key, found in plan.fragments.items():
            fragments.setdefault(key, found)
        self._files.setdefault(document.name, anchor)
        if PurePosixPath(document.name).name == "section.md":
            self._files.setdefault(str(PurePosixPath(document.name).parent), anchor)
        written = document.tree.footnotes if definitions is None else definitions
        return Place(document, anchor, nodes, plan, written)

    def read(self, place: Place, references: int = 0) -> Body:
        context = Context(
            place.document.name,
            place.document.offset,
            self.shelf,
            place.plan,
            self._find_anchor,
            self.base_url,
            references,
            place.definitions,
            self.anchors.take,
        )
        body = read_kept(place.anchor, tuple(place.nodes), context, self.anchors)
        self.problems += context.problems
        return body

    def _find_anchor(self, file: str, url: str) -> str:
        """The anchor for a fragment or a relative address written in `file`; empty when there is none."""
        address, _, fragment = url.partition("#")
        target = file
        if address:
            folder = posixpath.dirname(file)
            target = posixpath.normpath(posixpath.join(folder, unquote(address)))
        if fragment:
            found = self._fragments.get(target, {}).get(fragment_key(unquote(fragment)), "")
            if found or not address:
                return found
        return self._files.get(target, "") if address else ""
