"""How much an SVG draws when everything it refers to with `<use>` is drawn as often as it says.

Ten lines can stand for a thousand million shapes: each `<use>` repeats a group that repeats another. Counted
here without drawing, in time that grows with the file.
"""

from __future__ import annotations

from collections.abc import Mapping

DEEPEST = 64
"""A group may refer to a group, and so on, so many times: drawings need three."""

ENDLESS = 1 << 62
"""What a drawing that contains itself, or is nested too deep, counts as."""


class References:
    """Told of each element as it begins and ends; `drawn` counts at the end."""

    def __init__(self) -> None:
        self._own: dict[str, int] = {"": 0}
        self._parts: dict[str, dict[str, int]] = {"": {}}
        self._open = [""]
        """The nearest named element around, for each element that is open."""

    def enter(self, attrs: Mapping[str, str], *, refers: bool) -> None:
        around = self._open[-1]
        name = attrs.get("id", "")
        if name and name not in self._own:
            self._own[name], self._parts[name] = 0, {}
            self._count(around, name)
            around = name
        self._own[around] += 1
        if refers:
            target = next((v for k, v in attrs.items() if k.rpartition(":")[2] == "href"), "")
            if target := target.strip().removeprefix("#"):
                self._count(around, target)
        self._open.append(around)

    def leave(self) -> None:
        self._open.pop()

    def drawn(self) -> int:
        """Elements in all, repeated ones as often as they are drawn."""
        return self._drawn("", {}, 0)

    def _count(self, around: str, part: str) -> None:
        parts = self._parts[around]
        parts[part] = parts.get(part, 0) + 1

    def _drawn(self, name: str, known: dict[str, int], depth: int) -> int:
        if name not in self._own:
            return 0
        if depth > DEEPEST:
            return ENDLESS
        if name not in known:
            known[name] = ENDLESS  # until it is counted: whoever meets it again contains itself
            total = self._own[name]
            for part, times in self._parts[name].items():
                total += times * self._drawn(part, known, depth + 1)
            known[name] = min(total, ENDLESS)
        return known[name]
