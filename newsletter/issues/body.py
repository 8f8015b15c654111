"""One body, from elements to blocks and footnotes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from newsletter.issues.blocks import BlockReader
from newsletter.issues.context import Context
from newsletter.issues.headings import Anchors
from newsletter.issues.tree import Node
from newsletter.model.blocks import Block
from newsletter.model.issue import Footnote


@dataclass(frozen=True, slots=True)
class Body:
    blocks: tuple[Block, ...]
    footnotes: tuple[Footnote, ...]


def read_body(nodes: Sequence[Node | str], context: Context) -> Body:
    """Reads a body; problems go to the context. Footnotes are numbered by their first call; one that is
    never called comes last, so that its words are not lost."""
    if any(
        "#fig" in node.attrs.get("href", "")
        for top in nodes
        if isinstance(top, Node)
        for node in top.walk()
    ):
        # A figure may be referred to before it stands: one reading to learn the names, one with them.
        trial = replace(context, problems=[], figures={}, calls={}, take_anchor=Anchors().take)
        _read(nodes, trial)
        taken = {
            figure.anchor: context.take_anchor(figure.anchor) for figure in trial.figures.values()
        }
        context.known_figures = {
            name: replace(figure, anchor=taken[figure.anchor])
            for name, figure in trial.figures.items()
        }
        again = Anchors()
        context.take_anchor = lambda wanted: taken.get(anchor := again.take(wanted), anchor)
    return _read(nodes, context)


def _read(nodes: Sequence[Node | str], context: Context) -> Body:
    reader = BlockReader(context)
    first = next((node.line for node in nodes if isinstance(node, Node)), 1)
    blocks = reader.flow(nodes, first)
    return Body(blocks, tuple(_footnotes(reader, context)))


def _footnotes(reader: BlockReader, context: Context) -> list[Footnote]:
    """The notes in the order of their numbers; a note may call further notes."""
    found: list[Footnote] = []
    while True:
        waiting = [label for label, number in context.calls.items() if number > len(found)]
        if not waiting:
            unused = next(
                (label for label in context.definitions if label not in context.calls), None
            )
            if unused is None:
                return found
            line = context.definitions[unused].line
            context.warn("footnote-unused", line, f"the footnote [^{unused}] is never called")
            context.calls[unused] = len(context.calls) + 1
            continue
        definition = context.definitions.get(waiting[0])
        if definition is None:
            found.append(Footnote(len(found) + 1, context.source(1), ()))
            continue
        blocks = reader.flow(definition.children, definition.line)
        found.append(Footnote(len(found) + 1, context.source(definition.line), blocks))
