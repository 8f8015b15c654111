"""What the editions keep for as long as the process lives, so that what did not change is not made again.

Everything is kept with all that it was made of and is bounded, the least recently used going first, so a
warm process gives the same bytes as a cold one. `forget()` empties every cache but that of scaled pictures.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

Result = TypeVar("Result")
Function = TypeVar("Function", bound=Callable[..., object])

Question = tuple[str, ...]
"""What is asked of the rest of an edition: `("token", field, default)`, `("picture", path)`."""
Ask = Callable[[Question], str]

_of_issues: list[Callable[[], object]] = []
_of_themes: list[Callable[[], object]] = []


def forget(*, themes: bool = True) -> None:
    """A cold start inside a process; for measuring, and for tests that cold and warm give the same.

    Without `themes` only what was made of issues is forgotten: templates stay compiled, style sheets read.
    """
    for empty in (*_of_issues, *(_of_themes if themes else ())):
        empty()


def forgotten_by(empty: Callable[[], object], *, of_theme: bool = False) -> None:
    """Has a cache emptied by `forget()`."""
    (_of_themes if of_theme else _of_issues).append(empty)


def kept(most: int, *, of_theme: bool = False) -> Callable[[Function], Function]:
    """`functools.lru_cache` for a function whose arguments are all that its result is made of."""

    def keeping(function: Function) -> Function:
        cached = lru_cache(maxsize=most)(function)
        forgotten_by(cached.cache_clear, of_theme=of_theme)
        return cached  # type: ignore[return-value]

    return keeping


@dataclass(frozen=True, slots=True)
class _Entry(Generic[Result]):
    made_of: object
    answers: tuple[tuple[Question, str], ...]
    result: Result


class Kept(Generic[Result]):
    """Results by place (an article in a treatment, say), each with the values it was made of.

    Values are compared, not hashed: an article that was read again and is the same is found. What a result
    asked for while it was made is asked again, in the same order, so the edition learns what it holds.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[Hashable, _Entry[Result]] = OrderedDict()
        self._lock = threading.Lock()
        forgotten_by(self._entries.clear)

    def result(
        self, place: Hashable, made_of: object, ask: Ask, make: Callable[[Ask], Result]
    ) -> Result:
        """What `make` gave for equal values and equal answers, else what it gives now."""
        with self._lock:
            entry = self._entries.get(place)
            if entry is not None:
                self._entries.move_to_end(place)
        if entry is not None and entry.made_of == made_of:
            answers = [ask(question) == answer for question, answer in entry.answers]
            if all(answers):
                return entry.result
        return self._made(place, made_of, ask, make)

    def _made(
        self, place: Hashable, made_of: object, ask: Ask, make: Callable[[Ask], Result]
    ) -> Result:
        answers: list[tuple[Question, str]] = []

        def asking(question: Question) -> str:
            answers.append((question, ask(question)))
            return answers[-1][1]

        result = make(asking)
        with self._lock:
            self._entries[place] = _Entry(made_of, tuple(answers), result)
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)
        return result
