"""Letters too small, or lines too close, to be read on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.checks.context import MailContext
from newsletter.checks.document import Element, declarations, visible_runs
from newsletter.model.language import is_han
from newsletter.problems import Problem, warning

SMALLEST = 12.0
CLOSEST_HAN = 1.5
_HINT = "Change the size in the theme of the mail."


def check(context: MailContext) -> Iterator[Problem]:
    han = is_han(context.edition.language)
    small: set[float] = set()
    close: set[float] = set()
    for element, text in visible_runs(context.document.body):
        size = _inherited(element, "font-size", r"([\d.]+)px")
        if size is not None and 0 < size < SMALLEST and size not in small and not _raised(element):
            small.add(size)
            yield warning(
                "mail-text-small",
                context.near(element),
                f"text of {size:g} px is too small to read: {text.strip()[:24]}",
                _HINT,
            )
        height = _inherited(element, "line-height", r"([\d.]+)(%?)") if _is_prose(element) else None
        if han and height is not None and height < CLOSEST_HAN and height not in close:
            close.add(height)
            yield warning(
                "mail-lines-close",
                context.near(element),
                f"lines stand {height:g} apart; Chinese and Japanese need {CLOSEST_HAN}: {text.strip()[:24]}",
                _HINT,
            )


def _is_prose(element: Element) -> bool:
    return element.tag == "p" and len(element.text_content()) > 80


def _raised(element: Element) -> bool:
    """Note numbers and the like are small on purpose."""
    return any(node.tag in ("sup", "sub") for node in (element, *element.iterancestors()))


def _inherited(element: Element, name: str, pattern: str) -> float | None:
    for node in (element, *element.iterancestors()):
        value = declarations(node).get(name, "")
        if found := re.fullmatch(pattern, value.strip()):
            number = float(found[1])
            return number / 100 if "%" in found[0] else number
    return None
