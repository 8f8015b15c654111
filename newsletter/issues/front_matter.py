"""YAML front matter by its nodes: every value stays the text that was written, every key has its line.

`no` is not false and `2024.04` is not a number: what a value means is decided by the key (metadata.py).
Anchors, aliases and deep nesting are refused, so that a few bytes cannot become gigabytes. Broken YAML is
a Problem at its line, and the text under it is read all the same.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from newsletter.issues.toml_matter import read_toml
from newsletter.issues.values import Mapping, Scalar, Sequence, Value
from newsletter.problems import Problem, Source, error

MAX_DEPTH = 6
MAX_CHARACTERS = 200_000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FENCE = re.compile(r"---[ \t]*\n(?P<yaml>.*?)(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TOML_FENCE = re.compile(
    r"\+\+\+[ \t]*\n(?P<toml>.*?)\n?^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """`lines` is how many lines of the file are above the body; `present` whether there was any at all."""

    values: Mapping
    body: str
    lines: int = 0
    present: bool = False
    problems: tuple[Problem, ...] = ()


def split_front_matter(text: str, file: str) -> FrontMatter:
    """Takes a file apart into its keys and its body."""
    toml = _TOML_FENCE.match(text)
    if toml is not None and (values := read_toml(toml["toml"])) is not None:
        lines = text.count("\n", 0, toml.end())
        return FrontMatter(values, text[toml.end() :], lines, True)
    found = _FENCE.match(text)
    if found is None:
        return FrontMatter(Mapping({}, 0), text, problems=_unclosed(text, file))
    lines = text.count("\n", 0, found.end()) + (not found[0].endswith("\n"))
    reader = _Reader(file)
    values = reader.read(found["yaml"])
    return FrontMatter(values, text[found.end() :], lines, True, tuple(reader.problems))


def _unclosed(text: str, file: str) -> tuple[Problem, ...]:
    if not re.match(r"---[ \t]*\n[\w-]+:", text):
        return ()
    message = "the front matter is not closed, so it is read as text"
    return (
        error("front-matter-syntax", Source(file, 1), message, "Write --- on a line below it."),
    )


class _Refused(Exception):
    """Front matter that is not read; carries the problem. Never leaves this module."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(slots=True)
class _Reader:
    file: str
    problems: list[Problem] = field(default_factory=list)

    def read(self, text: str) -> Mapping:
        """The keys; none when the YAML cannot be read."""
        try:
            if len(text) > MAX_CHARACTERS:
                raise self._refuse(1, "too long for front matter")
            value = self._value(self._events(text), 0)
        except _Refused as caught:
            self.problems.append(caught.problem)
            return Mapping({}, 1)
        except yaml.MarkedYAMLError as caught:
            self.problems.append(self._syntax(caught))
            return Mapping({}, 1)
        except (yaml.YAMLError, ValueError) as caught:
            message = f"the front matter is not valid YAML: {str(caught).splitlines()[0]}"
            self.problems.append(error("front-matter-syntax", Source(self.file, 1), message))
            return Mapping({}, 1)
        if isinstance(value, Mapping):
            return value
        if isinstance(value, Sequence) or value.text not in _NOTHING:
            self.problems.append(
                error(
                    "front-matter-syntax",
                    Source(self.file, value.line),
                    "the front matter is not a list of keys",
                    "Write one `key: value` on each line between the two ---.",
                )
            )
        return Mapping({}, 1)

    def _events(self, text: str) -> Iterator[yaml.Event]:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise self._refuse(_line(event), "anchors (&) and aliases (*) are not read here")
            if isinstance(
                event, yaml.ScalarEvent | yaml.CollectionStartEvent | yaml.CollectionEndEvent
            ):
                yield event

    def _value(self, events: Iterator[yaml.Event], depth: int) -> Value:
        event = next(events, None)
        if event is None:
            return Scalar("", 1)
        line = _line(event)
        if depth > MAX_DEPTH:
            raise self._refuse(line, "nested too deep")
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(list(self._items(events, depth)), line)
        if isinstance(event, yaml.MappingStartEvent):
            return Mapping(self._entries(events, depth), line)
        assert isinstance(event, yaml.ScalarEvent)
        nothing = event.implicit[0] and event.value in _NOTHING
        return Scalar("" if nothing else event.value, line)

    def _items(self, events: Iterator[yaml.Event], depth: int) -> Iterator[Value]:
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self._value(_again(event, events), depth + 1)

    def _entries(self, events: Iterator[yaml.Event], depth: int) -> dict[str, tuple[int, Value]]:
        entries: dict[str, tuple[int, Value]] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._value(_again(event, events), depth + 1)
            value = self._value(events, depth + 1)
            if not isinstance(key, Scalar):
                raise self._refuse(key.line, "a key is a list or a table", "A key is one word.")
            if key.text in entries:
                message = f"the key {key.text} is written twice; the later one counts"
                self.problems.append(
                    error("front-matter-key-twice", Source(self.file, key.line), message)
                )
            entries[key.text] = (key.line, value)
        return entries

    def _refuse(self, line: int, message: str, hint: str = "") -> _Refused:
        return _Refused(error("front-matter-refused", Source(self.file, line), message, hint))

    def _syntax(self, caught: yaml.MarkedYAMLError) -> Problem:
        mark = caught.problem_mark or caught.context_mark
        line = mark.line + 2 if mark else 1
        what = caught.problem or str(caught)
        hint = "Put a value that has a colon, a # or a quote in it between quotes."
        if "\\t" in what or "tab" in what:
            hint = "Indent with spaces, not with tabs."
        message = f"the front matter is not valid YAML: {what}"
        return error("front-matter-syntax", Source(self.file, line), message, hint)


def _again(event: yaml.Event, events: Iterator[yaml.Event]) -> Iterator[yaml.Event]:
    """The events with one that was looked at put back."""
    return itertools.chain((event,), events)


def _line(event: yaml.Event) -> int:
    """The line in the file: YAML counts from 0, and the opening fence is above."""
    mark = event.start_mark
    return 1 if mark is None else int(mark.line) + 2
