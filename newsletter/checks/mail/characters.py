"""Characters that break a mail: control characters make Gmail clip it at once (email-bugs#41), others mean that text was damaged on its way."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from newsletter.checks.context import MailContext, passages
from newsletter.problems import Problem, Source, error, warning

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ESCAPED = re.compile(r"""=\s*"[^"<>]*\\u\{[0-9a-f]+\}""")
_REPLACEMENT = "\ufffd"


def check(context: MailContext) -> Iterator[Problem]:
    edition = context.edition
    for part, content in (
        ("html", edition.html),
        ("text", edition.text),
        ("subject", edition.subject),
    ):
        for character in sorted(set(_CONTROL.findall(content))):
            name = f"U+{ord(character):04X}"
            yield error(
                "mail-control-character",
                _where(context, character),
                f"the {part} of the mail holds the control character {name}",
                "Delete it: it cannot be seen, but mail programs stumble over it.",
            )
        if _REPLACEMENT in content:
            yield warning(
                "mail-damaged-character",
                _where(context, _REPLACEMENT),
                f"the {part} of the mail holds U+FFFD ({unicodedata.name(_REPLACEMENT).lower()})",
                "Text was damaged where it was copied from; type the character anew.",
            )
    if _ESCAPED.search(edition.html):
        yield error(
            "mail-escaped-attribute",
            context.issue.source,
            r"an attribute of the mail's html holds a literal \u{…}",
            "The value has to go into the html behind the MJML compiler, by a marker.",
        )
    if "<mj-" in edition.html:
        yield error(
            "mail-uncompiled",
            context.issue.source,
            "the mail's html still holds MJML tags",
            "The template nests a tag where MJML does not allow it.",
        )


def _where(context: MailContext, character: str) -> Source:
    for passage in passages(context.issue):
        if character in passage.prose:
            return passage.source
    return context.issue.source
