"""Whether every block of a style sheet is closed. A browser takes one that is not as it comes, and silently loses the rules
behind it: in a theme, those of `more.css` as well. Pure."""

from __future__ import annotations

import re

_PARTS = re.compile(
    r"""/\*.*?(?:\*/|\Z)|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|[{}\n]""", re.DOTALL
)


def unclosed(css: str) -> tuple[int, str] | None:
    """The line (from 1) and sign of the first brace without a counterpart; braces in comments and strings do not count."""
    line, open_ = 1, list[int]()
    for found in _PARTS.finditer(css):
        part = found[0]
        if part == "{":
            open_.append(line)
        elif part == "}":
            if not open_:
                return line, part
            open_.pop()
        line += part.count("\n")
    return (open_[0], "{") if open_ else None
