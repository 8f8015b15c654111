"""The printed page in numbers: paper, type area, size and pitch, all in points, and how a language is set.

A Chinese type area is counted in whole characters (W3C Requirements for Chinese Text Layout): one column
of 40, or two of 25 with two characters between. A Latin or Arabic one is measured in letters to the line.
The template reads these numbers; pictures are resampled for them.
"""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.editions.print_fonts import FontBook, may_be_spaced
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


def page_of(issue: Issue, publication: Publication) -> Page:
    """The page of an issue: what it asks for, else what the publication does."""
    columns = issue.layout.columns or publication.settings.print.columns
    paper = issue.layout.paper or publication.settings.print.paper
    width, height = PAPERS.get(paper, PAPERS["a4"])
    size, pitch, measure, gutter = _type(issue.language, columns)
    used = measure * columns + gutter * (columns - 1)
    # As many whole lines as fit between two margins of an inch, the rest below.
    lines = int((height - 2 * 72) // pitch)
    return Page(
        paper=paper if paper in PAPERS else "a4",
        columns=columns,
        paper_width=width,
        paper_height=height,
        size=size,
        pitch=pitch,
        measure=measure,
        gutter=gutter,
        side=(width - used) / 2,
        top=72.0,
        bottom=height - 72.0 - lines * pitch,
    )


def _type(language: str, columns: int) -> tuple[float, float, float, float]:
    """Size, pitch, measure and gutter."""
    if is_han(language):
        return (10.5, 18.0, 40 * 10.5, 0.0) if columns == 1 else (9.0, 15.0, 25 * 9.0, 18.0)
    if primary(language) in _ARABIC:
        # Naskh stands higher and deeper than Latin at the same size.
        return (12.0, 20.0, 410.0, 0.0) if columns == 1 else (10.5, 16.0, 226.0, 18.0)
    return (10.5, 15.5, 400.0, 0.0) if columns == 1 else (9.0, 13.0, 226.0, 18.0)


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
        "fonts": fonts.of_language(language),
    }
