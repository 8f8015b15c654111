"""Square brackets that cannot be links, told before a parser tries each of them to the end of the text.

Looking for the end of a link from every one of 50,000 opening brackets takes minutes. In ordinary text
nothing is hopeless; only where many brackets stay open or are nested deep are those told.
"""

from __future__ import annotations

import functools
import re

MANY = 64


@functools.lru_cache(maxsize=8)
def hopeless_brackets(text: str) -> frozenset[int]:
    """Positions of `[` that no link begins at: never closed, or with more than MANY levels inside."""
    if text.count("[") <= MANY:
        return frozenset()
    stack: list[int] = []
    heights: list[int] = []
    too_deep: set[int] = set()
    for found in re.finditer(r"\\.|[\[\]]", text, re.DOTALL):
        if found[0] == "[":
            stack.append(found.start())
            heights.append(0)
        elif found[0] == "]" and stack:
            start, height = stack.pop(), heights.pop()
            if height > MANY:
                too_deep.add(start)
            if heights:
                heights[-1] = max(heights[-1], height + 1)
    return frozenset(too_deep | set(stack)) if too_deep or len(stack) > MANY else frozenset()
