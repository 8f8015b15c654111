"""The printed page in numbers: paper, type area, size and pitch, all in points, and how a language is set.

A Chinese type area is counted in whole characters (W3C Requirements for Chinese Text Layout): one column
of 40, or two of 25 with two characters between. A Latin or Arabic one is measured in letters to the line.
The sizes are design tokens (`[print]` of templates/tokens.toml). The template reads these numbers; pictures are resampled for them.
"""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.editions.print_fonts import FontBook, may_be_spaced
from newsletter.editions.tokens import Tokens
from newsletter.model.issue import Issue
from newsletter.model.language import direction, is_han, primary
from newsletter.model.printed import TypeArea
from newsletter.publication import Publication

PAPERS = {"a4": (595.276, 841.89), "us-letter": (612.0, 792.0)}

_ARABIC = frozenset({"ar", "fa", "ur", "ps", "ug", "ckb", "sd", "ks"})


@dataclass(frozen=True, slots=True)
class Page:
    """Points throughout. `size` is the text's, `pitch` from one baseline to the next; `measure` is the
    width of a column, `width` that of the type area, `height` its height."""

    paper: str
    columns: int
    paper_width: float
    paper_height: float
    size: float
    pitch: float
    measure: float
    gutter: float
    side: float
    top: float
    bottom: float

    @property
    def width(self) -> float:
        return self.measure * self.columns + self.gutter * (self.columns - 1)

    @property
    def height(self) -> float:
        return self.paper_height - self.top - self.bottom

    @property
    def area(self) -> TypeArea:
        """Where text stands, measured from below as a PDF does."""
        lefts = [self.side + n * (self.measure + self.gutter) for n in range(self.columns)]
        columns = tuple((left, left + self.measure) for left in lefts)
        return TypeArea(columns, self.bottom, self.paper_height - self.top)


def page_of(issue: Issue, publication: Publication, tokens: Tokens) -> Page:
    """The page of an issue: what it asks for, else what the publication does; in the sizes of its theme."""
    columns, paper = sheet_of(issue, publication)
    width, height = PAPERS[paper]
    script = f"{_script(issue.language)}-two-columns" if columns > 1 else _script(issue.language)
    sizes = tokens.pages[script]
    used = sizes.measure * columns + sizes.gutter * (columns - 1)
    above, below = tokens.margins
    # As many whole lines as fit between the margins, the rest below.
    lines = int((height - above - below) // sizes.pitch)
    return Page(
        paper=paper,
        columns=columns,
        paper_width=width,
        paper_height=height,
        size=sizes.size,
        pitch=sizes.pitch,
        measure=sizes.measure,
        gutter=sizes.gutter if columns > 1 else 0.0,
        side=(width - used) / 2,
        top=above,
        bottom=height - above - lines * sizes.pitch,
    )


def sheet_of(issue: Issue, publication: Publication) -> tuple[int, str]:
    """Columns and paper of an issue: by what it says itself, else by what the publication does."""
    paper = issue.layout.paper or publication.settings.print.paper
    columns = issue.layout.columns or publication.settings.print.columns
    return columns, paper if paper in PAPERS else "a4"


def _script(language: str) -> str:
    if is_han(language):
        return "han"
    # Naskh stands higher and deeper than Latin at the same size.
    return "arabic" if primary(language) in _ARABIC else "latin"


_WHOLE_WORDS = frozenset({"hi", "mr", "ne", "sa", "bn", "as"})
"""Devanagari and Bengali, whose printers break between words; to try each syllable would take seconds besides."""

_LONG_WORDS = frozenset({"ta", "ml", "kn", "te"})
"""Languages whose words would leave holes in every third line of a narrow column that is as wide as its neighbours."""


def voice(language: str, fonts: FontBook) -> dict[str, object]:
    """What the engine needs to know to set a language: its `lang` and `region`, its side, its fonts."""
    base = primary(language)
    lang = base if base.isascii() and base.isalpha() and len(base) in (2, 3) else "en"
    subtags = language.replace("_", "-").split("-")[1:]
    region = next((tag.lower() for tag in subtags if len(tag) == 2 and tag.isalpha()), None)
    if region is None and lang == "zh":
        region = "tw" if "hant" in map(str.lower, subtags) else "cn"
    return {
        "lang": lang,
        "region": region,
        "direction": direction(language),
        "han": is_han(language),
        "elastic": may_be_spaced(language),
        "hyphenated": lang not in _WHOLE_WORDS,
        "long-words": lang in _LONG_WORDS,
        "fonts": fonts.of_language(language),
    }
