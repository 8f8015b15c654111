"""Colours: contrast between two of them, and how to reach enough of it (WCAG 2.2, relative luminance)."""

from __future__ import annotations

import re

_HEX = re.compile("#[0-9a-fA-F]{6}")


def is_colour(value: str) -> bool:
    """Whether a value is `#rrggbb`, the one form that every medium reads alike."""
    return _HEX.fullmatch(value) is not None


def contrast(first: str, second: str) -> float:
    """The WCAG contrast ratio, 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def with_contrast(colour: str, ground: str, least: float) -> str:
    """The colour, moved towards black on a light ground (white on a dark one) until its contrast is enough."""
    towards = "#000000" if _luminance(ground) > 0.18 else "#ffffff"
    for hundredths in range(101):
        mixed = mix(colour, towards, hundredths / 100)
        if contrast(mixed, ground) >= least:
            return mixed
    return towards


def mix(colour: str, other: str, share: float) -> str:
    """`share` of the other colour, 0 to 1, channel by channel."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in _channels(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
