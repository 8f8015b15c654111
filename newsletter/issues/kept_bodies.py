"""Bodies that were read before, so that after one change an issue is read again without reading all of it.

A body is made of its elements and of what it asks of the rest of the issue while it is read: anchors that it
takes, links that it looks up, pictures. It is kept with those questions and their answers, and used again
when the elements are the same and every question still has its answer; so a warm reading gives what a cold
one does. The elements are the same objects when the text is the same, because parsed texts are kept too.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from newsletter.issues.body import Body, read_body
from newsletter.issues.context import Context
from newsletter.issues.headings import Anchors
from newsletter.issues.tree import Node
from newsletter.problems import Problem

MOST = 400
"""Bodies that are kept, the least recently used going first."""


@dataclass(frozen=True, slots=True)
class _Asked:
    kind: str
    arguments: tuple[str, ...]
    answer: Any


@dataclass(frozen=True, slots=True)
class _Kept:
    nodes: tuple[Node | str, ...]
    made_of: tuple[Any, ...]
    asked: tuple[_Asked, ...]
    body: Body
    problems: tuple[Problem, ...]


_kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
_lock = threading.Lock()


def forget() -> None:
    """A cold start inside a process."""
    with _lock:
        _kept.clear()


def read_kept(
    anchor: str, nodes: tuple[Node | str, ...], context: Context, anchors: Anchors
) -> Body:
    """`read_body` for the body at an anchor; problems go to the context either way."""
    place = (context.file, anchor)
    made_of = (
        context.offset,
        context.base_url,
        context.references,
        context.plan.levels,
        context.plan.anchors,
        context.definitions,
    )
    with _lock:
        entry = _kept.get(place)
    if entry is not None and _same(entry.nodes, nodes) and entry.made_of == made_of:
        trial = anchors.copy()
        if _answered_alike(entry.asked, context, trial):
            anchors.become(trial)
            context.problems += entry.problems
            return entry.body
    asked: list[_Asked] = []
    before = len(context.problems)
    body = read_body(nodes, _noting(context, asked))
    made = _Kept(nodes, made_of, tuple(asked), body, tuple(context.problems[before:]))
    with _lock:
        _kept[place] = made
        _kept.move_to_end(place)
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return body


def _same(one: tuple[Node | str, ...], other: tuple[Node | str, ...]) -> bool:
    """The very same elements: one that is equal may have another identity, by which plans know it."""
    return len(one) == len(other) and all(
        a is b or (isinstance(a, str) and a == b) for a, b in zip(one, other, strict=True)
    )


def _answered_alike(asked: tuple[_Asked, ...], context: Context, anchors: Anchors) -> bool:
    ask: dict[str, Callable[..., Any]] = {
        "anchor": anchors.take,
        "link": context.find_anchor,
        "picture": context.shelf.take,
    }
    return all(
        (now := ask[one.kind](*one.arguments)) is one.answer or now == one.answer for one in asked
    )


def _noting(context: Context, asked: list[_Asked]) -> Context:
    """The same context, with its questions written down."""

    def noted(kind: str, ask: Callable[..., Any]) -> Callable[..., Any]:
        def asking(*arguments: str) -> Any:
            answer = ask(*arguments)
            asked.append(_Asked(kind, arguments, answer))
            return answer

        return asking

    return replace(
        context,
        find_anchor=noted("link", context.find_anchor),
        take_anchor=noted("anchor", context.take_anchor),
        shelf=_NotingShelf(noted("picture", context.shelf.take)),
    )


@dataclass(frozen=True, slots=True)
class _NotingShelf:
    take: Callable[[str, str], Any]
