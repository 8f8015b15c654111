"""Text that is too pale to read: WCAG 2.2 asks for 4.5 to 1, and 3 to 1 for large letters (1.4.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.checks.context import MailContext
from newsletter.checks.document import Element, declarations, hidden, is_element
from newsletter.problems import Problem, warning

ORDINARY, LARGE = 4.5, 3.0
Colour = tuple[int, int, int]
_NAMED: dict[str, Colour] = {"white": (255, 255, 255), "black": (0, 0, 0)}


def check(context: MailContext) -> Iterator[Problem]:
    told: set[tuple[Colour, Colour]] = set()
    for element, words, colour, ground, large in _texts(
        context.document.body, (0, 0, 0), (255, 255, 255), 16.0, False
    ):
        found = ratio(colour, ground)
        if found < (LARGE if large else ORDINARY) and (colour, ground) not in told:
            told.add((colour, ground))
            yield warning(
                "mail-contrast",
                context.near(element),
                f"{_hex(colour)} on {_hex(ground)} has a contrast of {found:.1f} to 1: {words.strip()[:24]}",
                "Darken the token in newsletter.toml under [tokens], or in the theme.",
            )


def ratio(first: Colour, second: Colour) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2, “contrast ratio”)."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _texts(
    element: Element, colour: Colour, ground: Colour, size: float, bold: bool
) -> Iterator[tuple[Element, str, Colour, Colour, bool]]:
    """Every visible text with the colours, inherited ones included, it is shown in."""
    if not is_element(element) or element.tag in ("style", "script") or hidden(element):
        return
    style = declarations(element)
    colour = _colour(style.get("color", "")) or colour
    ground = (
        _colour(style.get("background-color", ""))
        or _colour(style.get("background", ""))
        or _colour(element.get("bgcolor", ""))
        or ground
    )
    size = _pixels(style.get("font-size", "")) or size
    weight = style.get("font-weight", "bold" if element.tag in ("b", "strong", "th") else "")
    bold = weight in ("bold", "600", "700", "800", "900") if weight else bold
    large = size >= 24 or (bold and size >= 18.66)
    if element.text and element.text.strip():
        yield element, element.text, colour, ground, large
    for child in element:
        yield from _texts(child, colour, ground, size, bold)
        if child.tail and child.tail.strip():
            yield element, child.tail, colour, ground, large


def _colour(value: str) -> Colour | None:
    value = value.strip().lower()
    if value in _NAMED:
        return _NAMED[value]
    if found := re.match(r"#([0-9a-f]{6}|[0-9a-f]{3})\b", value):
        digits = found.group(1)
        pairs = [d * 2 for d in digits] if len(digits) == 3 else re.findall("..", digits)
        return int(pairs[0], 16), int(pairs[1], 16), int(pairs[2], 16)
    if found := re.match(r"rgb\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)", value):
        return int(found[1]), int(found[2]), int(found[3])
    return None


def _pixels(value: str) -> float:
    found = re.fullmatch(r"([\d.]+)px", value.strip())
    return float(found[1]) if found else 0.0


def _luminance(colour: Colour) -> float:
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in colour)
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
