"""Merge tags, the closed grammar by which content names a recipient's value.

    {{ subscriber.name }}                      {{ subscriber.city | default("your town") }}
    {{ unsubscribe_url }}                      {{ web_url }}

There is no template language in content. Anything else between double braces is a mistake of the
editor's, told where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.model.inlines import MergeTag

_BRACES = re.compile(r"\{\{((?:(?!\{\{|\}\}).){0,400})\}\}", re.DOTALL)
"""Bounded, and never across another opening, so that many unclosed braces cost no more than their length."""
_TAG = re.compile(
    r"""\s*(?P<field>subscriber\.[A-Za-z_][A-Za-z0-9_]*|unsubscribe_url|web_url)\s*
        (?:\|\s*default\(\s*(?P<quote>["'“”])(?P<default>[^"“”']*)["'“”]\s*\)\s*)?""",
    re.VERBOSE,
)

URL_FIELDS = frozenset({"unsubscribe_url", "web_url"})


@dataclass(frozen=True, slots=True)
class BadTag:
    """Something between double braces that is no merge tag; `text` includes the braces."""

    text: str


def split(text: str) -> Iterator[str | MergeTag | BadTag]:
    """The text in order, as plain runs, merge tags and what only looks like one."""
    end = 0
    for found in _BRACES.finditer(text):
        if found.start() > end:
            yield text[end : found.start()]
        tag = _TAG.fullmatch(found.group(1))
        yield MergeTag(tag["field"], tag["default"] or "") if tag else BadTag(found.group(0))
        end = found.end()
    if end < len(text):
        yield text[end:]


def with_defaults(text: str) -> str:
    """The text as somebody without a name reads it."""
    return "".join(
        part if isinstance(part, str) else part.default if isinstance(part, MergeTag) else part.text
        for part in split(text)
    )
