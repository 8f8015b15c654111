"""Template syntax or markers that nothing will ever fill in: the reader would see them raw."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.checks.context import MailContext, all_blocks, passages
from newsletter.model.blocks import CodeBlock
from newsletter.model.edition import MARKER_TOKEN
from newsletter.model.inlines import Code, walk
from newsletter.problems import Problem, error

_TEMPLATE = re.compile(r"\{\{.{0,60}|\{%.{0,60}")
_BLOCK_TOKEN = re.compile(r"NLPB[0-9]{4}Z")


def check(context: MailContext) -> Iterator[Problem]:
    edition = context.edition
    known = {marker.token for marker in edition.markers}
    in_code = _code(context)
    parts = {
        "html": edition.html,
        "text": edition.text,
        "subject": edition.subject,
        "preheader": edition.preheader,
    }
    for part, content in parts.items():
        unknown = {token for token in MARKER_TOKEN.findall(content) if token not in known}
        for token in sorted(unknown | set(_BLOCK_TOKEN.findall(content))):
            yield error(
                "mail-unfilled-marker",
                context.issue.source,
                f"the {part} of the mail holds {token}, which nothing fills in",
                "This is a fault of the mail's template.",
            )
        found = _TEMPLATE.search(content)
        if found and not any(mark in in_code for mark in ("{{", "{%")):
            yield error(
                "mail-unfilled-tag",
                context.issue.source,
                f"the {part} of the mail holds template syntax: {found.group(0)}",
                'Merge tags are written {{ subscriber.name | default("…") }}.',
            )


def _code(context: MailContext) -> str:
    """All code of the issue, in which braces are plain text."""
    blocks = (b.text for b in all_blocks(context.issue) if isinstance(b, CodeBlock))
    inlines = (
        inline.text
        for passage in passages(context.issue)
        for inline in walk(passage.inlines)
        if isinstance(inline, Code)
    )
    return "\n".join((*blocks, *inlines))
