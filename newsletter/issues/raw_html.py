"""Raw HTML in Markdown, tag by tag into the tree. Nothing is executed, fetched or passed on as HTML.

A small scanner instead of a full parser: Markdown hands over fragments (an opening tag here, its end
three paragraphs on), which `TreeBuilder` puts together. Comments, declarations and processing
instructions are not text and are left out; script and style leave their content out as well.
"""

from __future__ import annotations

import html
import re

from newsletter.issues.tree import TreeBuilder

# The inner repetition is bounded and its parts exclude each other's first characters, so that a file
# full of unclosed quotes costs a bounded scan at each tag, not one to its end.
_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9:-]*)(?P<attrs>(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+'){0,200})>"
    r"|<(?P<end2>/?)(?P<name2>[A-Za-z][A-Za-z0-9:-]*)(?P<attrs2>[^<>]*+)>"
    r"|<!--.*?(?:-->|\Z)|<[?].*?(?:[?]>|\Z)|<![A-Za-z\[][^>]*+(?:>|\Z)",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([^\s=\"'/<>]+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'<>]++)))?")
_WITHOUT_TEXT = frozenset({"script", "style"})


def pour(fragment: str, line: int, builder: TreeBuilder) -> None:
    """Adds a fragment of HTML that begins on `line` to the tree."""
    position = 0
    while position < len(fragment):
        found = _TAG.search(fragment, position)
        end = found.start() if found else len(fragment)
        if end > position:
            builder.text(html.unescape(fragment[position:end]))
        if found is None:
            return
        line += fragment.count("\n", position, found.start())
        position = found.end()
        name = (found["name"] or found["name2"] or "").lower()
        if name:
            closing = bool(found["end"] or found["end2"])
            attrs = found["attrs"] if found["name"] else found["attrs2"]
            if closing:
                _close(name, line, builder)
            else:
                empty = attrs.endswith("/")
                builder.open_raw(name, line, attributes(attrs), empty=empty)
                if name in _WITHOUT_TEXT and not empty:
                    position = _skip_content(name, fragment, position, builder)
        line += fragment.count("\n", found.start(), position)


def attributes(text: str) -> dict[str, str]:
    """The attributes of a tag; the first of a name counts, as in HTML."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(text):
        value = next((group for group in match.groups()[1:] if group is not None), "")
        found.setdefault(match[1].lower(), html.unescape(value))
    return found


def _close(name: str, line: int, builder: TreeBuilder) -> None:
    if name == "br":
        builder.leaf("br", line)
    else:
        builder.close_raw(name)


def _skip_content(name: str, fragment: str, position: int, builder: TreeBuilder) -> int:
    end = re.compile(f"</{name}", re.IGNORECASE).search(fragment, position)
    if end is None:
        return position
    builder.text(fragment[position : end.start()])
    return end.start()
