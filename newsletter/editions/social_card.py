"""The social card: a picture of the issue's title for links to it in messengers and networks, 1200 × 630 pixels.

Drawn by the web theme's `card.svg.j2` in the tokens' colours and the package's fonts, so that the same issue
gives the same bytes everywhere. The largest size at which the title fits is taken; one that never fits ends in “…”.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import jinja2

from newsletter.editions.caches import kept
from newsletter.editions.print_links import shown_address
from newsletter.editions.svg import svg_to_png
from newsletter.editions.template_lines import xml_fault
from newsletter.editions.templates import render_template
from newsletter.editions.tokens import Tokens
from newsletter.model.issue import Issue
from newsletter.model.language import columns, direction
from newsletter.publication import Publication

WIDTH, HEIGHT = 1200, 630
NAME = "card.png"

_TEMPLATE = "card.svg.j2"

_ROOM = 1040
"""Pixels from margin to margin."""
_SIZES = ((92, 2), (76, 3), (62, 3), (52, 4))
"""Letters in pixels, and how many lines of them there is room for."""
_COLUMN = 0.56
"""Of a letter's size: how wide half a Han character, or a bold Latin letter, is taken to be."""
_PIECES = re.compile(r"\s+|[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef]|[^\s\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef]+")  # fmt: skip
_NEVER_FIRST = frozenset("，。、；：！？）》」』】”’…·—,.;:!?)")


@dataclass(frozen=True, slots=True)
class CardTitle:
    """`size` in pixels, `lines` as they are drawn."""

    size: int
    lines: tuple[str, ...]


def social_card(
    issue: Issue,
    publication: Publication,
    templates: jinja2.Environment,
    tokens: Tokens,
    line: tuple[str, ...],
) -> bytes:
    """The card as PNG. `line` is what stands under the title: number, date, publisher.

    Raises ContentError for a mistake in the template.
    """
    values = {
        "width": WIDTH,
        "height": HEIGHT,
        "name": publication.name if publication.name != issue.title else "",
        "title": card_title(issue.title),
        "line": " · ".join(line[:2]),
        "address": shown_address(publication.base_url),
        "colours": tokens.light,
        "direction": direction(issue.language),
        "language": issue.language,
    }
    drawing = render_template(publication, templates, _TEMPLATE, **values)
    try:
        return _drawn(drawing)
    except ValueError as caught:
        raise xml_fault(publication, templates, _TEMPLATE, values, str(caught)) from caught


def card_title(title: str) -> CardTitle:
    """The title in the largest size at which it fits."""
    for size, most in _SIZES:
        lines = _wrapped(title, int(_ROOM / (size * _COLUMN)))
        if len(lines) <= most:
            return CardTitle(size, tuple(lines))
    size, most = _SIZES[-1]
    shown = _wrapped(title, int(_ROOM / (size * _COLUMN)))[:most]
    return CardTitle(size, (*shown[:-1], shown[-1].rstrip()[:-1] + "…"))


def _wrapped(text: str, room: int) -> list[str]:
    """Lines of at most `room` columns; a mark that must not begin a line hangs at the end of the one before."""
    lines = [""]
    for piece in _PIECES.findall(text.strip()):
        fits = columns(lines[-1] + piece.rstrip()) <= room
        if fits or piece in _NEVER_FIRST or not lines[-1]:
            lines[-1] += " " if piece.isspace() else piece
        elif not piece.isspace():
            lines.append(piece)
    return [line.strip() for line in lines if line.strip()]


@kept(32)
def _drawn(drawing: str) -> bytes:
    return svg_to_png(drawing.encode(), WIDTH)
