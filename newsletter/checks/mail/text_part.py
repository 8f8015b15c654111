"""The text part says what the html says. Filters compare them, and some people read only it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.checks.context import MailContext
from newsletter.checks.document import visible_text
from newsletter.problems import Problem, error, warning

ENOUGH = 0.5
_PIECE = 6
_TOO_FEW = 20
"""Pieces below which chance decides more than the words do."""


def check(context: MailContext) -> Iterator[Problem]:
    text = context.edition.text
    if not text.strip():
        yield error(
            "mail-text-empty",
            context.issue.source,
            "the mail's text part is empty",
            "Nothing would be left for readers without html.",
        )
        return
    share = coverage(visible_text(context.document.body), text)
    if share < ENOUGH:
        yield warning(
            "mail-text-thin",
            context.issue.source,
            f"only {share:.0%} of the html's words are in the text part",
            "Filters mistrust mails whose two parts differ.",
        )


def coverage(html_text: str, text: str) -> float:
    """The share of the html's words, in pieces of six characters, that the text has too, 0 to 1; 1 for a few words."""
    said, repeated = _letters(html_text), _letters(text)
    pieces = [said[start : start + _PIECE] for start in range(0, len(said) - _PIECE + 1, _PIECE)]
    if len(pieces) < _TOO_FEW:
        return 1.0
    known = {repeated[start : start + _PIECE] for start in range(len(repeated) - _PIECE + 1)}
    return sum(piece in known for piece in pieces) / len(pieces)


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]+", "", text).casefold()
