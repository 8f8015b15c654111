"""The frame of the html: without a doctype clients use quirks mode, without language screen readers guess."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.checks.context import MailContext
from newsletter.problems import Problem, warning


def check(context: MailContext) -> Iterator[Problem]:
    for code, message in _missing(context):
        yield warning(code, context.issue.source, message, "The mail's template has to say it.")


def _missing(context: MailContext) -> Iterator[tuple[str, str]]:
    root = context.document.root
    if not context.edition.html.lstrip()[:15].lower().startswith("<!doctype html"):
        yield "mail-doctype", "the html does not begin with <!doctype html>"
    language, direction = root.get("lang", ""), root.get("dir", "")
    if language in ("", "und"):
        yield "mail-language", "the html names no language"
    if direction not in ("ltr", "rtl"):
        yield "mail-direction", "the html names no direction of writing"
    if not (root.findtext("head/title") or "").strip():
        yield "mail-title", "the html has no title"
    inside = context.document.body.iter("*")
    if not any(
        element.get("lang") == language and element.get("dir") == direction for element in inside
    ):
        yield (
            "mail-body-language",
            "no element inside the body repeats language and direction (webmail drops <html>)",
        )
