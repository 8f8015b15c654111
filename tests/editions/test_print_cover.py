"""The cover has a picture: the one that was named, else an article's own, else the first good figure."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image

from newsletter.editions.glyphs import GlyphCheck
from newsletter.editions.plan import written_plan
from newsletter.editions.press import Press
from newsletter.editions.print_data import issue_data
from newsletter.editions.print_fonts import font_book
from newsletter.editions.print_page import page_of
from newsletter.editions.print_pictures import PictureBook
from newsletter.editions.tokens import load_tokens
from newsletter.editions.words import load_words
from newsletter.issues.reader import read_issue
from newsletter.model.issue import Medium
from newsletter.publication import Publication


def file(kind: str, width: int, height: int, *, noisy: bool = False) -> bytes:
    image = Image.new("RGB", (width, height), "navy")
    if noisy:
        seed = random.Random(1)
        image = Image.frombytes("RGB", (width, height), seed.randbytes(width * height * 3))
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


DRAWING = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 200"><path d="M0 0h9v9z"/></svg>'
)
PICTURES = {
    "small.jpg": file("JPEG", 600, 400),
    "strip.jpg": file("JPEG", 2000, 200),
    "photo.jpg": file("JPEG", 1200, 800),
    "later.jpg": file("JPEG", 1300, 800),
    "chart.png": file("PNG", 1200, 800),
    "photo.png": file("PNG", 1000, 700, noisy=True),
    "drawing.svg": DRAWING,
}


@pytest.fixture
def cover_of(tmp_path: Path, publication: Publication) -> Any:
    def cover(*figures: str, keys: str = "", article: str = "", plain: bool = False) -> Any:
        own = publication
        if plain:
            settings = publication.settings
            printing = msgspec.structs.replace(settings.print, cover_picture=False)
            own = replace(own, settings=msgspec.structs.replace(settings, print=printing))
        folder = tmp_path / "issue"
        (folder / "01-a").mkdir(parents=True)
        (folder / "issue.md").write_text(f"---\ntitle: I\n{keys}---\n")
        body = "\n\n".join(f'![Words](../{name} "Caption")' for name in figures)
        (folder / "01-a" / "x.md").write_text(f"---\ntitle: X\n{article}---\n\nText.\n\n{body}\n")
        for name, data in PICTURES.items():
            (folder / name).write_bytes(data)
        return chosen(folder, own)

    return cover


def chosen(folder: Path, publication: Publication) -> tuple[str, str] | None:
    """The file on the cover, and how it takes its place."""
    issue = read_issue(folder, default_language="en").issue
    assert issue is not None
    book = font_book(publication)
    press = Press(
        publication=publication,
        words=load_words(publication, "en"),
        tokens=load_tokens(publication, "")[0],
        page=page_of(issue, publication, load_tokens(publication)[0]),
        plan=written_plan(issue, Medium.PRINT),
        glyphs=GlyphCheck(book.covered),
        pictures=PictureBook(issue.pictures, "Noto Sans"),
        fonts=book,
    )
    data: Mapping[str, Any] | None = issue_data(issue, press)["cover-picture"]
    if data is None:
        return None
    digest = data["picture"].rpartition("-")[0]
    name = next(key for key, one in issue.pictures.items() if one.digest.startswith(digest))
    return name, data["fit"]


def test_the_first_large_photograph_goes_before_drawings_and_may_be_cut(cover_of: Any) -> None:
    files = ("drawing.svg", "small.jpg", "strip.jpg", "chart.png", "photo.jpg", "later.jpg")
    assert cover_of(*files) == ("photo.jpg", "cover")


def test_a_png_with_much_in_it_is_a_photograph(cover_of: Any) -> None:
    assert cover_of("chart.png", "photo.png") == ("photo.png", "cover")


def test_without_a_photograph_the_first_large_drawing_is_shown_whole(cover_of: Any) -> None:
    assert cover_of("small.jpg", "drawing.svg", "chart.png") == ("drawing.svg", "contain")


def test_small_pictures_and_strips_are_left_inside(cover_of: Any) -> None:
    assert cover_of("small.jpg", "strip.jpg") is None


def test_an_articles_own_picture_comes_before_its_figures(cover_of: Any) -> None:
    assert cover_of("photo.jpg", article="image: ../small.jpg\n") == ("small.jpg", "cover")


def test_what_the_issue_names_comes_first(cover_of: Any) -> None:
    named = cover_of("photo.jpg", keys="cover: chart.png\n", article="image: ../small.jpg\n")
    assert named == ("chart.png", "contain")


def test_an_issue_may_go_without(cover_of: Any) -> None:
    assert cover_of("photo.jpg", keys="cover: none\n", article="image: ../small.jpg\n") is None


def test_a_publication_may_go_without_unless_somebody_names_one(cover_of: Any) -> None:
    assert cover_of("photo.jpg", plain=True) is None


def test_a_picture_of_an_article_that_is_not_printed_in_full_is_not_taken(cover_of: Any) -> None:
    assert cover_of("photo.jpg", article="print: title\n") is None
