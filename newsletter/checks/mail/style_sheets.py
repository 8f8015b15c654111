"""What makes Gmail and Outlook drop whole style sheets (email-bugs#90, caniemail#144, caniemail css-rgba)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.checks.context import MailContext
from newsletter.problems import Problem, warning

LARGEST = 16_384
_AT_IN_MEDIA = re.compile(r"@media[^{}]*\{(?:[^{}]|\{[^{}]*\})*@")
_MODERN_RGB = re.compile(r"rgba?\(\s*[\d.]+%?\s+[\d.]+")
_IMPORTANT = re.compile(r"!IMPORTANT|(?<=[^\s!]) ?!\s+important")


def check(context: MailContext) -> Iterator[Problem]:
    sheets = [element.text or "" for element in context.document.elements("style")]
    inline = [element.get("style", "") for element in context.document.elements("*")]
    for code, message in _faults(sheets, inline):
        yield warning(code, context.issue.source, message, "Change the mail's template or theme.")


def _faults(sheets: list[str], inline: list[str]) -> Iterator[tuple[str, str]]:
    size = sum(len(sheet.encode()) for sheet in sheets)
    if size > LARGEST:
        yield (
            "mail-style-large",
            f"{size:,} bytes of <style>; Gmail drops all of it over {LARGEST:,}",
        )
    if any(_AT_IN_MEDIA.search(sheet) for sheet in sheets):
        yield "mail-style-nested", "an @ rule inside @media makes Gmail drop the whole rule"
    if any(_MODERN_RGB.search(css) for css in (*sheets, *inline)):
        yield (
            "mail-style-rgb",
            "rgb() with spaces makes Gmail drop the style; use commas or #rrggbb",
        )
    if any(_IMPORTANT.search(css) for css in (*sheets, *inline)):
        yield "mail-style-important", "Outlook knows only !important, in lower case and in one word"
