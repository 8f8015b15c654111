"""One file of an issue, read but not yet placed in it: its keys, its elements, its title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.issues.front_matter import FrontMatter, split_front_matter
from newsletter.issues.headings import TAGS, title_text
from newsletter.issues.hidden import without_hidden
from newsletter.issues.layout import PartFile
from newsletter.issues.markdown import Tree, parse_tree
from newsletter.issues.metadata import Keys
from newsletter.issues.text_files import decode, read_text_file
from newsletter.issues.tree import Node
from newsletter.issues.values import Mapping
from newsletter.problems import Problem, Severity, Source, warning

_HEADER = re.compile(r"(?P<key>[A-Z][\w-]*):[ \t]+(?P<value>\S.*)")
_TREE_OF_NOTHING = Tree(Node("root", 1), {}, ())


@dataclass(slots=True)
class Document:
    """A file. `offset` is the number of lines above its body."""

    part: PartFile
    keys: Keys
    tree: Tree
    offset: int
    has_front_matter: bool

    @property
    def name(self) -> str:
        return self.part.name

    def source(self) -> Source:
        return Source(self.part.name, 1)

    def source_at(self, line: int) -> Source:
        """`line` counts in the body."""
        return Source(self.part.name, line + self.offset)

    def header(self, key: str) -> str:
        """A value of a header without fences (`Title: …` on the first lines), which stays part of the text."""
        first = next((node for node in self.tree.root.children if isinstance(node, Node)), None)
        if self.has_front_matter or first is None or first.tag != "p":
            return ""
        lines = [_HEADER.fullmatch(line.strip()) for line in first.text().strip().split("\n")]
        if len(lines) < 2 or not all(lines):
            return ""
        return next((found["value"] for found in lines if found and found["key"] == key), "")


def read_document(
    part: PartFile, typed: str | None = None
) -> tuple[Document | None, list[Problem]]:
    """None when there is nothing to read. `typed` is read in place of what the file holds."""
    if typed is None:
        file = read_text_file(part.path, part.name)
    else:
        file = decode(typed.encode("utf-8", "replace"), Source(part.name))
    problems = list(file.problems)
    if file.text is None:
        return None, problems
    text = without_hidden(file.text)
    if text != file.text:
        problems.append(_hidden(file.text, part.name))
    matter = split_front_matter(text, part.name)
    tree = parse_tree(matter.body)
    for oddity in tree.oddities:
        severity = Severity.ERROR if oddity.code in _ERRORS else Severity.WARNING
        source = Source(part.name, oddity.line + matter.lines)
        problems.append(Problem(oddity.code, severity, source, oddity.message, oddity.hint))
    keys = Keys.of(matter, part.name)
    return Document(part, keys, tree, matter.lines, matter.present), problems


def _hidden(text: str, name: str) -> Problem:
    lines = text.split("\n")
    line = next(n for n, line in enumerate(lines, 1) if without_hidden(line) != line)
    return warning(
        "control-character",
        Source(name, line),
        "has invisible control characters, which were left out",
        "They can show a text in another order than it is written. Type the line anew.",
    )


def empty_document(part: PartFile) -> Document:
    """Stands for a file that is not there or cannot be read."""
    keys = Keys.of(FrontMatter(Mapping({}, 0), ""), part.name)
    return Document(part, keys, _TREE_OF_NOTHING, 0, False)


_ERRORS = frozenset({"nested-too-deep", "text-too-long", "markdown-unreadable"})


def take_title(
    nodes: Sequence[Node | str], written: str
) -> tuple[str, list[Node | str], Node | None]:
    """The title, what is left without its heading, and the heading that was taken.

    The heading goes when it says the title or serves as it: a leading h1, or a first heading above all others.
    """
    headings = [node for node in nodes if isinstance(node, Node) and node.tag in TAGS]
    first = headings[0] if headings else None
    if first is None or not title_text(first):
        return written, list(nodes), None
    stands_above = all(first.tag < other.tag for other in headings[1:]) and (
        first.tag == "h1" or (len(headings) > 1 and _is_leading(nodes, first))
    )
    says_it = bool(written) and _same(title_text(first), written)
    serves = not written and (first.tag == "h1" or stands_above)
    if not (says_it or serves):
        return written, list(nodes), None
    rest = [node for node in nodes if node is not first]
    pictures = [inner for inner in first.walk() if inner.tag in ("img", "a")]
    if any(inner.tag == "img" or inner.attrs.get("href") for inner in pictures):
        # A logo or a link in the title is not lost with it.
        kept = Node("p", first.line, {}, list(first.children))
        rest.insert(list(nodes).index(first), kept)
    return written or title_text(first), rest, first


def _is_leading(nodes: Sequence[Node | str], first: Node) -> bool:
    return next((n for n in nodes if isinstance(n, Node) or n.strip()), None) is first


def _same(one: str, other: str) -> bool:
    return re.sub(r"[\W_]+", "", one).lower() == re.sub(r"[\W_]+", "", other).lower()


def split_at_headings(nodes: Sequence[Node | str]) -> list[tuple[Node | None, list[Node | str]]]:
    """A lone text as its letter (under None) and its sections: at `##`, or at its highest headings."""
    levels = [int(n.tag[1]) for n in nodes if isinstance(n, Node) and n.tag in TAGS]
    limit = max(2, min(levels, default=2))
    parts: list[tuple[Node | None, list[Node | str]]] = [(None, [])]
    for node in nodes:
        if isinstance(node, Node) and node.tag in TAGS and int(node.tag[1]) <= limit:
            parts.append((node, []))
        else:
            parts[-1][1].append(node)
    return parts
