"""A few kinds of chart as SVG text, in the colours of the starter theme. Values in, SVG out.

Everything is laid on a canvas of 640 units, a little over the column of a mail, so that a label of 17
units is still legible there. Each function returns a whole SVG document; nothing depends on fonts or time.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

ACCENT, MIDDLE, PALE, TINT = "#1f5f7a", "#417a92", "#9dbfcd", "#eef4f6"
INK, MUTED, RULE, PAPER = "#1f282c", "#566670", "#c8d6dc", "#fefefe"
SHADES = (ACCENT, PALE, MIDDLE)
WIDTH = 640
LEFT, RIGHT, TOP = 62, 622, 52
"""The plot's left and right edge, and its upper edge under the legend."""

Series = tuple[str, Sequence[float]]
"""A name for the legend, and one value for each label of the axis."""


def text(
    x: float,
    y: float,
    words: str,
    size: int = 17,
    anchor: str = "start",
    colour: str = INK,
    bold: bool = False,
) -> str:
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" '
        f'fill="{colour}"{weight}>{escape(words)}</text>'
    )


def box(x: float, y: float, width: float, height: float, fill: str, stroke: str = "none") -> str:
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
        f'fill="{fill}" stroke="{stroke}"/>'
    )


def rule(
    x1: float, y1: float, x2: float, y2: float, colour: str = RULE, width: float = 1, dash: str = ""
) -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" '
        f'stroke="{colour}" stroke-width="{width:g}"{dashes}/>'
    )


def arrow(x1: float, y1: float, x2: float, y2: float, colour: str = MIDDLE) -> str:
    """A straight arrow, level or upright; the head is part of its length."""
    if y1 == y2:
        head = f"{x2:g},{y2:g} {x2 - 9:g},{y2 - 6:g} {x2 - 9:g},{y2 + 6:g}"
        shaft = rule(x1, y1, x2 - 8, y2, colour, 2)
    else:
        head = f"{x2:g},{y2:g} {x2 - 6:g},{y2 - 9:g} {x2 + 6:g},{y2 - 9:g}"
        shaft = rule(x1, y1, x2, y2 - 8, colour, 2)
    return f'{shaft}<polygon points="{head}" fill="{colour}"/>'


def document(height: float, parts: Sequence[str], width: float = WIDTH) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" '
        f"font-family=\"'Noto Sans SC','Noto Sans CJK SC',sans-serif\">\n"
        f"{box(0, 0, width, height, PAPER)}\n{body}\n</svg>\n"
    )


def legend(names: Sequence[str], unit: str) -> list[str]:
    """The keys at the left, the unit at the right, in one row above the plot."""
    parts = [text(RIGHT, 30, unit, 15, "end", MUTED)] if unit else []
    x = float(LEFT)
    for name, colour in zip(names, SHADES, strict=False):
        parts += [box(x, 17, 15, 15, colour), text(x + 22, 30, name, 16)]
        x += 44 + sum(16 if ord(letter) > 0x2E7F else 9 for letter in name)
    return parts


def grid(bottom: float, top: float, step: float) -> list[str]:
    """Level lines with their values, from 0 to `top`."""
    parts = []
    for index in range(round(top / step) + 1):
        value = index * step
        y = bottom - (bottom - TOP) * value / top
        parts.append(rule(LEFT, y, RIGHT, y, MUTED if not index else RULE))
        parts.append(text(LEFT - 10, y + 6, f"{value:g}", 15, "end", MUTED))
    return parts


def bars(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    top: float,
    step: float,
    unit: str = "",
    stacked: bool = False,
    values: bool = False,
) -> str:
    """Upright bars, several series side by side or stacked; `values` writes each number over its bar."""
    bottom, scale = 330.0, (330.0 - TOP) / top
    parts = legend([name for name, _ in series] if len(series) > 1 else [], unit)
    parts += grid(bottom, top, step)
    slot = (RIGHT - LEFT) / len(labels)
    width = slot * 0.62 / (1 if stacked else len(series))
    for place, label in enumerate(labels):
        start, base = LEFT + slot * (place + 0.19), bottom
        for turn, (_, numbers) in enumerate(series):
            height = numbers[place] * scale
            x = start if stacked else start + turn * width
            y = (base if stacked else bottom) - height
            parts.append(box(x, y, width if stacked else width - 2, height, SHADES[turn]))
            if values:
                parts.append(text(x + width / 2, y - 7, f"{numbers[place]:g}", 15, "middle"))
            base = y
        parts.append(text(LEFT + slot * (place + 0.5), bottom + 25, label, 16, "middle"))
    return document(370, parts)


def level_bars(rows: Sequence[tuple[str, Sequence[float]]], names: Sequence[str], unit: str) -> str:
    """Level bars, for labels too long to stand under upright ones. The longest bar fills the row."""
    left, longest = 190.0, max(max(numbers) for _, numbers in rows)
    parts = legend(names, unit)
    y = 54.0
    for label, numbers in rows:
        height = 22.0 * len(numbers)
        parts.append(text(left - 14, y + height / 2 + 6, label, 17, "end"))
        for turn, number in enumerate(numbers):
            length = (RIGHT - left - 52) * number / longest
            parts.append(box(left, y + 22 * turn, length, 20, SHADES[turn]))
            parts.append(text(left + length + 8, y + 22 * turn + 16, f"{number:g}", 15))
        y += height + 20
    parts.insert(0, rule(left, 46, left, y - 12, MUTED))
    return document(y + 4, parts)


def lines(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    top: float,
    step: float,
    unit: str = "",
    band: tuple[float, float, str] | None = None,
) -> str:
    """Lines with a point at each value; `band` is a range of values to lie in, with its name."""
    bottom, scale = 330.0, (330.0 - TOP) / top
    parts = legend([name for name, _ in series] if len(series) > 1 else [], unit)
    if band:
        low, high, name = band
        parts.append(box(LEFT, bottom - high * scale, RIGHT - LEFT, (high - low) * scale, TINT))
        parts.append(text(RIGHT - 8, bottom - high * scale - 7, name, 15, "end", ACCENT))
    parts += grid(bottom, top, step)
    slot = (RIGHT - LEFT) / len(labels)
    for turn, (_, numbers) in enumerate(series):
        points = [
            (LEFT + slot * (place + 0.5), bottom - number * scale)
            for place, number in enumerate(numbers)
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        colour = SHADES[turn]
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="3"/>')
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{PAPER}" stroke="{colour}" stroke-width="3"/>'
            for x, y in points
        ]
    parts += [
        text(LEFT + slot * (place + 0.5), bottom + 25, label, 16, "middle")
        for place, label in enumerate(labels)
    ]
    return document(370, parts)


def timeline(events: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Years at the left of one upright line, what happened at its right, a line of text each."""
    x, y = 128.0, 40.0
    parts: list[str] = []
    for year, words in events:
        parts.append(text(x - 24, y + 7, year, 19, "end", ACCENT, bold=True))
        parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="7" fill="{ACCENT}"/>')
        parts += [
            text(x + 26, y + 7 + 24 * turn, line, 17 if turn else 18)
            if not turn
            else text(x + 26, y + 7 + 24 * turn, line, 16, colour=MUTED)
            for turn, line in enumerate(words)
        ]
        y += 34 + 24 * len(words)
    parts.insert(0, rule(x, 40, x, y - 34 - 24 * len(events[-1][1]), PALE, 3))
    return document(y - 18, parts)


def flow(rows: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> str:
    """Rows of steps, each row a way of doing something: a step is its name and a small line under it."""
    parts: list[str] = []
    y = 22.0
    for turn, (title, steps) in enumerate(rows):
        parts.append(text(18, y + 18, title, 18, colour=ACCENT, bold=True))
        gap, top = 26.0, y + 34
        width = (WIDTH - 36 - gap * (len(steps) - 1)) / len(steps)
        for place, (name, small) in enumerate(steps):
            x = 18 + place * (width + gap)
            last = place == len(steps) - 1
            parts.append(box(x, top, width, 76, ACCENT if last else TINT, PALE))
            parts.append(
                text(x + width / 2, top + 33, name, 17, "middle", PAPER if last else INK, bold=True)
            )
            parts.append(
                text(x + width / 2, top + 58, small, 15, "middle", PAPER if last else MUTED)
            )
            if place:
                parts.append(arrow(x - gap + 3, top + 38, x - 3, top + 38))
        y = top + 76 + (28 if turn < len(rows) - 1 else 20)
    return document(y, parts)


def layers(rows: Sequence[tuple[str, str]]) -> str:
    """Layers lying on each other, the upper first: a name inside, what it is for at the right."""
    parts: list[str] = []
    y = 24.0
    fills = (TINT, "#d6e6ed", PALE, MIDDLE, ACCENT)
    for turn, (name, purpose) in enumerate(rows):
        dark = turn > 2
        parts.append(box(24, y, 268, 58, fills[turn % 5], PAPER))
        parts.append(text(158, y + 36, name, 18, "middle", PAPER if dark else INK, bold=True))
        parts.append(rule(292, y + 29, 322, y + 29, MIDDLE, 1.5))
        parts.append(text(332, y + 35, purpose, 17))
        y += 64
    return document(y + 16, parts)


def tiles(rows: Sequence[Sequence[tuple[str, float]]], unit: str) -> str:
    """Regions as tiles set roughly where they lie, the darker the more: a map without borders."""
    most = max(number for row in rows for _, number in row)
    widest = max(len(row) for row in rows)
    parts = [text(WIDTH - 18, 28, unit, 15, "end", MUTED)]
    width, height = (WIDTH - 36) / widest, 92.0
    for line, row in enumerate(rows):
        for place, (name, number) in enumerate(row):
            if not name:
                continue
            x, y = 18 + place * width, 44 + line * height
            share = number / most
            fill = (TINT, "#d6e6ed", PALE, MIDDLE, ACCENT)[min(4, int(share * 5))]
            colour = PAPER if share >= 0.6 else INK
            parts.append(box(x, y, width - 6, height - 6, fill))
            parts.append(text(x + (width - 6) / 2, y + 38, name, 17, "middle", colour, bold=True))
            parts.append(text(x + (width - 6) / 2, y + 64, f"{number:g}", 17, "middle", colour))
    return document(44 + len(rows) * height + 12, parts)
