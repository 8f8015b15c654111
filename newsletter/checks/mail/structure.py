"""What a screen reader makes of the mail: layout tables that are none, one title, headings in steps."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.context import MailContext
from newsletter.checks.document import Element, hidden
from newsletter.problems import Problem, warning

_HINT = "The mail's template or writer has to mend it."


def check(context: MailContext) -> Iterator[Problem]:
    yield from _tables(context)
    yield from _headings(context)


def _tables(context: MailContext) -> Iterator[Problem]:
    layout = 0
    for table in context.document.elements("table"):
        if table.get("role") == "presentation":
            continue
        if next(table.iter("th"), None) is None and _is_layout(table):
            layout += 1
        elif next(table.iter("th"), None) is None:
            yield warning(
                "table-without-head",
                context.near(table),
                "a table has no header cells",
                "Give it a first row of headings, so that it can be read aloud.",
            )
    if layout:
        yield warning(
            "mail-layout-table",
            context.issue.source,
            f'{layout} layout tables have no role="presentation" and are read aloud as tables',
            _HINT,
        )


def _is_layout(table: Element) -> bool:
    """Whether it holds blocks, as a data table never does."""
    blocks = table.iterdescendants("table", "img", "div", "h1", "h2", "h3")
    return next(blocks, None) is not None


def _headings(context: MailContext) -> Iterator[Problem]:
    headings = [
        e for e in context.document.elements("h1", "h2", "h3", "h4", "h5", "h6") if not hidden(e)
    ]
    titles = sum(heading.tag == "h1" for heading in headings)
    if titles != 1:
        yield warning(
            "mail-heading-title",
            context.issue.source,
            f"the mail has {titles} <h1>, not one",
            _HINT,
        )
    above = 1
    for heading in headings:
        level = int(heading.tag[1])
        if level > above + 1:
            yield warning(
                "mail-heading-step",
                context.near(heading),
                f"a heading of level {level} follows one of level {above}: {heading.text_content().strip()}",
                _HINT,
            )
        above = level
