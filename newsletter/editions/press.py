"""What an issue is printed with: the publication's words, colours, page, pictures and fonts, gathered once."""

from __future__ import annotations

from dataclasses import dataclass, field

from newsletter.editions.glyphs import GlyphCheck
from newsletter.editions.plan import Plan
from newsletter.editions.print_fonts import FontBook
from newsletter.editions.print_page import Page
from newsletter.editions.print_pictures import PictureBook
from newsletter.editions.tokens import Tokens
from newsletter.editions.words import Words
from newsletter.problems import Problem
from newsletter.publication import Publication


@dataclass(frozen=True)
class Press:
    """All that an issue is printed with."""

    publication: Publication
    words: Words
    tokens: Tokens
    page: Page
    plan: Plan
    glyphs: GlyphCheck
    pictures: PictureBook
    fonts: FontBook
    told: list[Problem] = field(default_factory=list)
    """What was found while the issue was written down."""
