"""Running text: merge tags, `[12]` citations and bare mail addresses in it become inlines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.issues.context import Context
from newsletter.issues.links import MERGE_TAG_HINT
from newsletter.model.inlines import Citation, Inline, Link, MergeTag, Text
from newsletter.model.merge_tags import BadTag, split
from newsletter.problems import Problem, Source, error

_CITATION = re.compile(r"\[(\d{1,3}(?:\s*[-–—,，、;；]\s*\d{1,3})*)\]")
_LOST_NOTE = re.compile(r"\[\^([^\]\s]+)\]")
_FOREIGN = re.compile(r"\{%.*?%\}|\{\{[<%].*?[%>]\}\}", re.DOTALL)
_MAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])",
    re.ASCII,
)


def read_merge_tag(raw: str, line: int, context: Context) -> Iterator[Inline]:
    """What stands between double braces, which Markdown took whole."""
    for part in split(raw):
        if isinstance(part, MergeTag):
            yield part
        elif isinstance(part, str):
            yield Text(part)
        else:
            yield _bad(part, line, context)


def _bad(tag: BadTag, line: int, context: Context) -> Text:
    if _FOREIGN.fullmatch(tag.text):
        _warn_foreign(tag.text, line, context)
    else:
        context.error("merge-tag", line, f"not a merge tag: {_one_line(tag.text)}", MERGE_TAG_HINT)
    return Text(tag.text)


def _warn_foreign(text: str, line: int, context: Context) -> None:
    message = f"a tag of another template language, shown as text: {_one_line(text)}"
    context.warn("template-tag", line, message, "Content has no template language; take it out.")


def read_text(text: str, line: int, context: Context, *, linked: bool) -> Iterator[Inline]:
    """Text as inlines; `linked` says that it stands in a link, where no other link can be."""
    text = context.clean(text, line)
    if "{{" in text:
        # Only up to the last closing braces: looking for the end of each {{ behind them takes forever.
        end = text.rfind("}}") + 2 if "}}" in text else 0
        for part in split(text[:end]):
            if isinstance(part, str):
                yield from _without_tags(part, line, context, linked=linked)
                line += part.count("\n")
            else:
                yield part if isinstance(part, MergeTag) else _bad(part, line, context)
        text = text[end:]
    if text:
        yield from _without_tags(text, line, context, linked=linked)


def _without_tags(text: str, line: int, context: Context, *, linked: bool) -> Iterator[Inline]:
    if "{%" in text:
        for found in _FOREIGN.finditer(text):
            _warn_foreign(found[0], line + text.count("\n", 0, found.start()), context)
    if "[" in text:
        _warn_lost_notes(text, line, context)
    if linked or ("[" not in text and "@" not in text):
        yield Text(text)
        return
    end = 0
    for found in _CITATION.finditer(text):
        cited = list(_citation(found, line + text.count("\n", 0, found.start()), context))
        if cited:
            yield from _with_mail(text[end : found.start()])
            yield from cited
            end = found.end()
    yield from _with_mail(text[end:])


def _citation(found: re.Match[str], line: int, context: Context) -> Iterator[Inline]:
    numbers = [int(number) for number in re.findall(r"\d+", found[1])]
    missing = [number for number in numbers if not 1 <= number <= context.references]
    if missing:
        names = ", ".join(map(str, missing))
        context.warn(
            "citation-missing",
            line,
            f"{found[0]} names no entry of `references`: {names}",
            "Add it to `references` in the front matter, or write \\[ for a plain bracket.",
        )
        return
    for part in re.split(r"(\d+)", found[1]):
        if part.isdigit():
            yield Citation(int(part))
        elif part:
            yield Text(part)


def _warn_lost_notes(text: str, line: int, context: Context) -> None:
    for found in _LOST_NOTE.finditer(text):
        where = line + text.count("\n", 0, found.start())
        message = f"the footnote [^{found[1]}] is called but not written"
        context.warn("footnote-missing", where, message, f"Write it on a line: [^{found[1]}]: …")


def _with_mail(text: str) -> Iterator[Inline]:
    end = 0
    for found in _MAIL.finditer(text) if "@" in text else ():
        if found.start() > end:
            yield Text(text[end : found.start()])
        yield Link(f"mailto:{found[0]}", (Text(found[0]),))
        end = found.end()
    if end < len(text):
        yield Text(text[end:])


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79] + "…"


def read_merge_tag_text(text: str, source: Source) -> list[Problem]:
    """What is wrong with the merge tags of a key (`subject`, `preheader`)."""
    return [
        error("merge-tag", source, f"not a merge tag: {_one_line(part.text)}", MERGE_TAG_HINT)
        for part in split(text)
        if isinstance(part, BadTag)
    ]
