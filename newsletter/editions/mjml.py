"""MJML → HTML. The only module that knows mjml-python.

Its compiler (mrml, in Rust) is fast and small; what it does wrong is repaired here, each repair pinned by
a test in tests/editions/test_mjml.py:

- it takes unknown tags, attributes, values and nesting silently → `mjml_rules.check_mjml` first;
- it writes attribute values in Rust's debug notation (a quote becomes `\\"`, a full-width space `\\u{3000}`)
  → such values travel as tokens and are put back after;
- it drops white space that holds a line break between two tags, gluing words → sheltered likewise;
- it tells mistakes by UTF-8 byte offset, or without a place → lines of the template, with expat's help;
- it dies of very deep nesting → refused before;
- its hidden preview text is white on white, which spam filters count against a mail → dark;
- it leaves empty pairs of Outlook's conditional comments side by side → merged;
- it loads web fonts by the name of a family → never.

Raises ContentError with a Problem for each mistake, at the template's file and line.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.parsers import expat

from newsletter.editions.caches import kept
from newsletter.editions.mjml_rules import check_mjml, components
from newsletter.editions.template_lines import Rendered
from newsletter.problems import ContentError, Problem, Source, error

_POSITION = re.compile(r"\bat position (\d+):\d+")
_SEAM = re.compile(r"<!\[endif\]-->\s*<!--\[if mso \| IE\]>")
_PREVIEW = '<div style="display:none;font-size:1px;color:#ffffff;'
_DARK_PREVIEW = '<div style="display:none;font-size:1px;color:#1f282c;'
_STRAY = re.compile(r'(<td [^>]*?) vertical-align="middle"')
_PLAIN = re.compile(r"[ !#-\[\]-~]*")
_ATTRIBUTE = re.compile(r"""([^\s=<>/"']+)(\s*=\s*)("[^"]*"|'[^']*')""")
_TOKEN = re.compile("NLPA[0-9]{4}Z")


@kept(64)
def compile_mjml(mjml: Rendered) -> str:
    """The HTML document of a rendered MJML template: one line, lower-case doctype, no web fonts."""
    from mjml import mjml2html  # 1 ms and a native library, not needed for --help

    problems = [
        error("mjml", mjml.source(finding.line), finding.message, finding.hint)
        for finding in check_mjml(mjml.text)
    ]
    if problems:
        raise _content_error(problems)
    shelter = _Shelter(mjml.text)
    try:
        html = mjml2html(shelter.sheltered(), fonts={})
    except ValueError as caught:
        raise _content_error([_explained(mjml, shelter.sheltered(), str(caught))]) from caught
    return shelter.restored(_repaired(html))


def _repaired(html: str) -> str:
    html = html.replace(_PREVIEW, _DARK_PREVIEW, 1)
    html = _STRAY.sub(r"\1", html)
    return _SEAM.sub("", html)


def _content_error(problems: list[Problem]) -> ContentError:
    return ContentError("the email theme has errors", problems)


def _explained(mjml: Rendered, compiled: str, message: str) -> Problem:
    line, reason = _place(compiled, message)
    return error("mjml", mjml.source(line) if line else Source(mjml.source(1).file), reason)


def _place(source: str, message: str) -> tuple[int, str]:
    """The line (0 = unknown) and a reason: by the compiler's byte offset, else by an XML parser's opinion."""
    reason = message.split(" in root template")[0]
    position = _POSITION.search(message)
    if position:
        before = source.encode()[: int(position[1])]
        return before.count(b"\n") + 1, reason
    parser = expat.ParserCreate()
    parser.UseForeignDTD(True)
    try:
        parser.Parse(source.encode(), True)
    except expat.ExpatError as caught:
        return caught.lineno, f"{reason} ({expat.ErrorString(caught.code)})"
    return 0, reason


class _Shelter(HTMLParser):
    """Takes what the compiler would damage out of a source and puts tokens in its place.

    Neither adds nor removes a line, so that the compiler's positions stay true to the line.
    """

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=False)
        self._source = source
        self._starts = _line_starts(source)
        self._open: list[str] = []
        self._changes: list[tuple[int, int, str]] = []
        self._kept: list[str] = []
        self.feed(source)
        self.close()

    def sheltered(self) -> str:
        parts: list[str] = []
        end = 0
        for start, stop, token in self._changes:
            parts += (self._source[end:start], token)
            end = stop
        return "".join((*parts, self._source[end:]))

    def restored(self, html: str) -> str:
        return (
            _TOKEN.sub(lambda token: self._kept[int(token[0][4:8])], html) if self._kept else html
        )

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._attributes(tag)
        if tag in components():
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._attributes(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        inside = components()[self._open[-1]].content if self._open else ""
        if inside == "html" and data.startswith("\n") and not data.strip():
            start = self._offset()
            self._changes.append((start, start, self._keep("")))  # no longer white space alone

    def _attributes(self, tag: str) -> None:
        text = self.get_starttag_text() or ""
        start = self._offset()
        for found in _ATTRIBUTE.finditer(text):
            value = found[3][1:-1]
            if not _PLAIN.fullmatch(value):
                kept = self._keep(value.replace('"', "&quot;"))
                lines = " " + "\n" * value.count("\n") if "\n" in value else ""
                change = f'"{kept}"{lines}'
                self._changes.append((start + found.start(3), start + found.end(3), change))

    def _keep(self, text: str) -> str:
        self._kept.append(text)
        return f"NLPA{len(self._kept) - 1:04}Z"

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._starts[line - 1] + column


def _line_starts(source: str) -> list[int]:
    return [0, *(found.end() for found in re.finditer("\n", source))]
