"""Pictures for paper: their printed size, their dots, the fonts of drawings."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib

import pytest
from lxml import etree
from PIL import Image as Pillow

from newsletter.editions.print_pictures import SVG, PictureBook
from newsletter.model.picture import Image, Picture
from newsletter.problems import Source

HERE = Source("01-a/01-b.md", 7)
FONTS = "'Noto Sans SC', 'Noto Sans'"


def picture(width: int, height: int, kind: str = "PNG") -> Picture:
    out = io.BytesIO()
    Pillow.linear_gradient("L").resize((width, height)).convert("RGB").save(out, kind)
    return as_picture(out.getvalue(), f"image/{kind.lower()}", width, height)


def as_picture(data: bytes, media_type: str, width: int, height: int) -> Picture:
    return Picture("p", media_type, width, height, hashlib.sha256(data).hexdigest(), data)


def sized(
    one: Picture, *, width: float = 400, height: float = 400, asked: int = 0
) -> tuple[float, float]:
    book = PictureBook({"p": one}, FONTS)
    found = book.figure(Image("p", width=asked), width=width, height=height, source=HERE)
    return found["width"], found["height"]


def test_a_picture_takes_the_width_it_is_given() -> None:
    assert sized(picture(1200, 600)) == (400, 200)


def test_a_tall_picture_keeps_room_for_its_caption() -> None:
    assert sized(picture(600, 3000)) == (80, 400)


def test_a_small_picture_is_not_blown_up_into_a_blur() -> None:
    assert sized(picture(110, 110)) == (72, 72)


def test_the_author_may_ask_for_less() -> None:
    assert sized(picture(1200, 600), asked=200) == (150, 75)


def test_a_fine_picture_is_printed_at_two_hundred_dots_an_inch() -> None:
    book = PictureBook({"p": picture(3000, 1500, "JPEG")}, FONTS)
    size = book.figure(Image("p"), width=360, height=400, source=HERE)
    names, files, problems = book.files()
    with Pillow.open(io.BytesIO(files[names[size["picture"]]])) as made:
        assert made.width == 1000
    assert problems == ()


@pytest.mark.parametrize(
    ("pixels", "points", "printed"),
    [
        (1400, 225, 625),
        (1200, 225, 600),  # two by two: 192 dots an inch
        (1400, 420, 1167),
        (1200, 420, 1200),  # 206
        (1300, 420, 1167),
        (3000, 225, 600),  # five by five
        (2200, 225, 625),
    ],
)
def test_a_drawing_has_two_hundred_dots_an_inch_give_or_take_a_twentieth(
    pixels: int, points: float, printed: int
) -> None:
    flat = Pillow.new("RGB", (pixels, 700), "white")
    flat.paste("navy", (100, 100, 701, 601))
    out = io.BytesIO()
    flat.save(out, "PNG")
    book = PictureBook({"p": as_picture(out.getvalue(), "image/png", pixels, 700)}, FONTS)
    size = book.figure(Image("p"), width=points, height=800, source=HERE)
    assert size["width"] == points
    names, files, _ = book.files()
    with Pillow.open(io.BytesIO(files[names[size["picture"]]])) as made:
        assert made.width == printed
        assert abs(made.width / points * 72 / 200 - 1) <= 0.05
        assert abs(made.height - 700 * printed / pixels) <= 1
        colours = [
            made.getpixel((round(x * printed / pixels), made.height // 2)) for x in (50, 400)
        ]
    assert colours == [(255, 255, 255), (0, 0, 128)]


def test_a_file_that_cannot_be_decoded_is_a_warning_and_leaves_a_box() -> None:
    broken = as_picture(picture(300, 300).data[:200], "image/png", 300, 300)
    book = PictureBook({"p": broken}, FONTS)
    size = book.figure(Image("p"), width=360, height=400, source=HERE)
    names, files, (problem,) = book.files()
    assert size["picture"] not in names
    assert files == {}
    assert (problem.code, problem.source) == ("picture-unreadable", HERE)


def test_a_png_that_is_whole_but_holds_no_pixels_is_found_when_it_is_looked_at() -> None:
    """Its check sums are right, so it is not decoded before the engine has refused it."""
    hollow = as_picture(png(200, 200, pixels=b"no pixels"), "image/png", 200, 200)
    books = [PictureBook({"p": hollow}, FONTS, careful=careful) for careful in (False, True)]
    for book in books:
        book.figure(Image("p"), width=360, height=400, source=HERE)
    names, _, problems = books[0].files()
    assert names
    assert problems == ()
    assert books[0].has_broken()
    assert [problem.code for problem in books[1].files()[2]] == ["picture-unreadable"]


def png(width: int, height: int, pixels: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(pixels))
    return b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")


def test_a_drawing_is_set_in_fonts_we_have_and_refers_to_nothing_outside() -> None:
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">'
        "<style>text{font-family:Arial;fill:red}</style>"
        '<text font-family="Comic Sans MS" style="font:bold 12px Arial;x:y">图</text>'
        '<image href="file://localhost/etc/passwd"/><use xlink:href="#a"/></svg>'
    )
    book = PictureBook({"p": as_picture(drawing.encode(), SVG, 9, 9)}, FONTS)
    size = book.figure(Image("p"), width=90, height=400, source=HERE)
    names, files, _ = book.files()
    made = files[names[size["picture"]]].decode()
    assert "Arial" not in made
    assert "Comic" not in made
    assert "font-family: 'Noto Sans SC', 'Noto Sans';fill:red" in made
    assert "font: bold 12px 'Noto Sans SC', 'Noto Sans';x:y" in made
    assert "passwd" not in made
    assert 'xlink:href="#a"' in made
    assert (size["width"], size["height"]) == (90, 90)


def test_a_character_in_a_drawing_that_no_font_has_is_the_mark_for_it_and_not_a_box() -> None:
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>10⁶<tspan>⁶</tspan>⁶</text></svg>'
    found: list[tuple[str, Source]] = []

    def drawable(text: str, source: Source) -> str:
        found.append((text, source))
        return text.replace("⁶", "〓")

    book = PictureBook({"p": as_picture(drawing.encode(), SVG, 9, 9)}, FONTS, drawable)
    size = book.figure(Image("p"), width=90, height=400, source=HERE)
    names, files, _ = book.files()
    made = etree.fromstring(files[names[size["picture"]]])
    assert "".join(made.itertext()) == "10〓〓〓"
    assert {place for _, place in found} == {HERE}


def test_what_is_no_picture_at_all_has_no_identifier() -> None:
    book = PictureBook({}, FONTS)
    assert book.figure(Image(""), width=90, height=90, source=HERE)["picture"] == ""
    assert book.inline(Image(""), "words", HERE)["picture"] == ""
