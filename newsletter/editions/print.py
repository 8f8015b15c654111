"""The print edition: an issue as data, read by a Typst template, becomes a PDF.

Author text is never template source: it travels as JSON and is set as text. The template, the data and
the pictures are laid in a private folder without links, and the engine runs in its own process, which sees
that folder and our fonts (`print_worker` alone knows typst). The same issue gives the same bytes: its
date is the document's date.

What can go wrong: a missing glyph or an unreadable picture is a warning; a template that does not
compile, or an issue that breaks the limits, is a ContentError.
"""

from __future__ import annotations

import datetime
import json
import tempfile
from pathlib import Path

from newsletter.editions.glyphs import GlyphCheck
from newsletter.editions.picture_shelf import shelf_of
from newsletter.editions.plan import written_plan
from newsletter.editions.press import Press
from newsletter.editions.print_data import issue_data
from newsletter.editions.print_engine import Job, Limits, limits_for, run_engine
from newsletter.editions.print_fit import FIT
from newsletter.editions.print_fonts import SANS, font_book
from newsletter.editions.print_page import page_of
from newsletter.editions.print_pictures import PictureBook
from newsletter.editions.tokens import load_tokens
from newsletter.editions.words import Words, load_words
from newsletter.model.edition import PrintEdition
from newsletter.model.issue import Issue, Medium
from newsletter.problems import ContentError, NewsletterError, Source, error, in_order
from newsletter.publication import Publication

MOST_NOTES = 6000
"""Each note at a page's foot takes about a millisecond and an eighth of a megabyte: more would fill the memory first."""

_TEMPLATE_SUFFIXES = frozenset({".typ", ".svg", ".png", ".jpg", ".toml", ".json"})


def render_print(
    issue: Issue, publication: Publication, *, limits: Limits | None = None, careful: bool = False
) -> PrintEdition:
    """Prints an issue; `limits` bounds the engine's memory and time. A `careful` run decodes every picture before the
    engine does: needed only when that has refused one.

    Raises ContentError when the theme or the limits refuse it, NewsletterError when the fonts are not laid.
    """
    book = font_book(publication)
    if not book.families:
        raise NewsletterError(
            "the fonts of the print edition are missing", "Lay them with: make setup"
        )
    tokens, token_problems = load_tokens(publication, issue.theme)
    sans = ", ".join(f"'{family}'" for family in book.of_language(issue.language)[SANS])
    glyphs = GlyphCheck(book.covered)
    press = Press(
        publication=publication,
        words=_drawable(load_words(publication, issue.language), book.covered, issue.source),
        tokens=tokens,
        page=page_of(issue, publication, tokens),
        plan=written_plan(issue, Medium.PRINT),
        glyphs=glyphs,
        pictures=PictureBook(
            issue.pictures, sans, glyphs.drawable, careful=careful, shelf=shelf_of(publication)
        ),
        fonts=book,
    )
    data = issue_data(issue, press)
    names, pictures, picture_problems = press.pictures.files()
    data["pictures"] = names
    with tempfile.TemporaryDirectory(prefix="newsletter-print-") as folder:
        stage = Path(folder) / "stage"
        places = _lay_stage(stage, publication, issue.theme, data, pictures)
        job = Job(
            stage=stage,
            output=Path(folder) / "issue.pdf",
            fonts=book.folders,
            font_stamp=book.stamp,
            timestamp=_timestamp(issue.date),
            source=issue.source,
            places=places,
            archive=publication.settings.print.standard == "pdf-a-1b",
        )
        written = (stage / "issue.json").read_bytes()
        _refuse_notes(written.count(b'"kind": "footnote"'), issue.source)
        try:
            printed = run_engine(job, limits or limits_for(len(written)))
        except ContentError:
            if careful or not press.pictures.has_broken():
                raise
            return render_print(issue, publication, limits=limits, careful=True)
    problems = (
        *token_problems,
        *book.problems,
        *press.told,
        *press.glyphs.problems(),
        *picture_problems,
        *printed.problems,
    )
    return PrintEdition(printed.pdf, printed.pages, press.page.area, in_order(problems))


def _drawable(words: Words, covered: frozenset[int], source: Source) -> Words:
    """The editions' own words as the fonts can set them. Nothing is told of them: the text tells enough."""
    glyphs = GlyphCheck(covered)
    return Words(words.language, {key: glyphs.drawable(words[key], source) for key in words})


def _refuse_notes(notes: int, source: Source) -> None:
    if notes > MOST_NOTES:
        problem = error(
            "print-limit",
            source,
            f"this issue has {notes} footnotes, more than a printed one can hold ({MOST_NOTES})",
            "Divide it into several issues.",
        )
        raise ContentError("the issue could not be printed", [problem])


def _lay_stage(
    stage: Path,
    publication: Publication,
    theme: str,
    data: dict[str, object],
    pictures: dict[str, bytes],
) -> dict[str, str]:
    """Writes every file anew: nothing in the stage is a link, and nothing else can be read from it.

    Returns where each template file came from, as its author knows it.
    """
    places: dict[str, str] = {}
    for root in reversed(publication.template_roots("print", theme)):
        for path in sorted(root.rglob("*")):
            if path.suffix in _TEMPLATE_SUFFIXES and path.is_file() and not path.is_symlink():
                name = path.relative_to(root).as_posix()
                places[name] = f"templates/print/{root.name}/{name}"
                content = path.read_bytes()
                if path.suffix == ".typ":
                    _refuse_no_text(content, places[name])
                _write(stage / name, content)
    for name, content in pictures.items():
        _write(stage / name, content)
    _write(stage / FIT, b"{}")
    _write(stage / "issue.json", json.dumps(data, ensure_ascii=False).encode())
    return places


def _refuse_no_text(content: bytes, place: str) -> None:
    """The engine does not say which of its files is no UTF-8."""
    try:
        content.decode()
    except UnicodeDecodeError as caught:
        source = Source(place, content[: caught.start].count(b"\n") + 1)
        problem = error("print-template", source, "the file is not UTF-8 text", "Save it as UTF-8.")
        raise ContentError("the issue could not be printed", [problem]) from caught


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _timestamp(date: datetime.date | None) -> int | None:
    """Noon of the issue's day in UTC, so that it is the same day nearly everywhere."""
    if date is None:
        return None
    noon = datetime.datetime.combine(date, datetime.time(12), datetime.UTC)
    return int(noon.timestamp())
