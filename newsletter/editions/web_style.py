"""The page's style sheet: the tokens as custom properties, the theme's own `style.css`, the rows of the notes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from newsletter.editions.tokens import Size, Tokens

_ROW = re.compile(r'class="sidenotes row-(\d+) span-(\d+)"')


def style_sheet(tokens: Tokens, theme: str, page: str) -> str:
    """`theme` is the text of the theme's style sheet, `page` the finished page."""
    return "\n".join(
        [
            _rule(":root", {**tokens.light, **tokens.fonts, **_sizes(tokens, True)}),
            f"@media (min-width:768px){{{_rule(':root', _sizes(tokens, False))}}}",
            f"@media screen and (prefers-color-scheme:dark){{{_rule(':root', tokens.dark)}}}",
            theme.rstrip(),
            *_rows(page),
            "",
        ]
    )


def _rule(selector: str, values: Mapping[str, str]) -> str:
    return f"{selector}{{{';'.join(f'--{name}:{value}' for name, value in values.items())}}}"


def _sizes(tokens: Tokens, phone: bool) -> dict[str, str]:
    """`--body-size: 18px` and `--body-line: 1.8` for every role."""
    values: dict[str, str] = {}
    for role, size in tokens.web.items():
        pixels, line = _of(size, phone)
        values[f"{role}-size"] = f"{pixels:g}px"
        values[f"{role}-line"] = f"{line:g}"
    return values


def _of(size: Size, phone: bool) -> tuple[float, float]:
    return (size.phone_pixels, size.phone_line) if phone else (size.pixels, size.line)


def _rows(page: str) -> list[str]:
    """One rule for each row and span that the page uses."""
    found = _ROW.findall(page)
    if not found:
        return []
    pairs = sorted({(int(row), int(span)) for row, span in found})
    rules = (f".row-{r}.span-{s}{{grid-row:{r}/span {s}}}" for r, s in pairs)
    return [f"@media (min-width:1200px){{{''.join(rules)}}}"]
