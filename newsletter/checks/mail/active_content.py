"""What mail programs remove, and filters punish: scripts, forms, frames, foreign style sheets and fonts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.checks.context import MailContext
from newsletter.problems import Problem, error

_ELEMENTS = (
    "script",
    "form",
    "iframe",
    "object",
    "embed",
    "applet",
    "link",
    "base",
    "video",
    "audio",
)
_FETCHED = re.compile(r"@import|@font-face", re.IGNORECASE)


def check(context: MailContext) -> Iterator[Problem]:
    for element in context.document.elements(*_ELEMENTS):
        yield error(
            "mail-active-content",
            context.near(element),
            f"the mail's html holds <{element.tag}>",
            "Mail programs remove it; the template must not have it.",
        )
    for element in context.document.elements("*"):
        handlers = [name for name in element.attrib if name.lower().startswith("on")]
        for name in handlers:
            yield error(
                "mail-active-content",
                context.near(element),
                f"the mail's html holds a script in {name}=",
                "Mail programs remove it; the template must not have it.",
            )
    if any(_FETCHED.search(element.text or "") for element in context.document.elements("style")):
        yield error(
            "mail-foreign-font",
            context.issue.source,
            "a style sheet of the mail fetches fonts or other sheets from elsewhere",
            "Use fonts that readers have: Outlook falls back to Times New Roman.",
        )
