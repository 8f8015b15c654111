from __future__ import annotations

import base64
import io
import struct
import zlib

import pytest
from PIL import Image as Pillow

from newsletter.issues.picture_header import measure
from newsletter.model.inlines import plain


def png(width: int, height: int) -> bytes:
    """A PNG that claims a size; its pixels are not there."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + header
        + chunk(b"IDAT", zlib.compress(b"\0" * 99))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
@pytest.mark.parametrize("lossless", [True, False])
def test_the_size_is_read_from_the_header(kind, lossless):
    stream = io.BytesIO()
    Pillow.new("RGB", (31, 17)).save(
        stream, kind, **({"lossless": lossless} if kind == "WEBP" else {})
    )
    header = measure(stream.getvalue())
    assert (header.width, header.height) == (31, 17)
    assert header.media_type == f"image/{kind.lower()}"


def test_a_picture_alone_in_its_paragraph_is_a_figure(letter):
    files = {"figures/my-map.png": png(8, 4)}
    text = (
        '![alt](figures/my-map.png "图 1. 说明 · 图片来自 A"){.wide}\n\n'
        '<figure><img src="figures/my-map.png"><figcaption>A <i>caption</i></figcaption></figure>\n\n'
        "text ![inline](figures/my-map.png)"
    )
    assert letter(text, files).split("\n") == [
        "figure 1 #fig-my-map figures/my-map.png alt='alt' caption='说明' credit='图片来自 A' wide",
        "figure 2 #fig-my-map-2 figures/my-map.png alt='A caption' caption='A _caption_'",
        "p text img(figures/my-map.png,inline)",
    ]


@pytest.mark.parametrize(
    "written", ["doi:10.1097/CM9.01", "DOI: 10.1097/CM9.01", "doi：10.1097/CM9.01"]
)
def test_a_doi_in_a_credit_is_a_link_and_its_full_stop_is_not(read_text, written):
    text = f'![x](a.png "说明 · CMJ, 2024, {written}. 有改动")'
    reading = read_text(text, {"a.png": png(2, 2)})
    (figure,) = reading.issue.letter
    before, link, after = figure.credit
    assert (before.text, after.text) == ("CMJ, 2024, ", ". 有改动")
    assert (link.url, plain(link.children)) == ("https://doi.org/10.1097/CM9.01", written)


def test_a_typed_number_that_differs_is_told_and_stripped(read_text, show):
    reading = read_text(
        '![](a.png "Figure 7: Map")\n\n![](a.png "图5显示了")', {"a.png": png(2, 2)}
    )
    assert show(reading).split("\n") == [
        "figure 1 #fig-a a.png alt='Map' caption='Map'",
        "figure 2 #fig-a-2 a.png alt='图5显示了' caption='图5显示了'",
    ]
    assert [(p.code, p.source.line) for p in reading.problems] == [("figure-number", 1)]


def test_a_figure_is_referred_to_by_stem_or_name_even_before_it_stands(read_text, show):
    text = '[](#fig:b) [the map](#fig:own) [gone](#fig:c)\n\n![](a.png "x"){#fig:own}\n\n![](b.png "y")'
    reading = read_text(text, {"a.png": png(2, 2), "b.png": png(2, 2)})
    assert show(reading).split("\n")[0] == "p fig2#fig-b() fig1#fig-own(the map) gone"
    assert [p.code for p in reading.problems] == ["figure-unknown"]


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("gone.png", "image-missing"),
        ("../out.png", "image-outside"),
        ("../../etc/passwd", "image-outside"),
        ("%2e%2e/%2e%2e/etc/passwd", "image-outside"),
        ("/etc/passwd", "image-outside"),
        ("file:/etc/passwd", "image-outside"),
        ("data:image/png;base64,AAAA", "image-type"),
        ("text.md", "image-type"),
        ("bomb.png", "image-too-many-pixels"),
        ("huge.png", "image-too-large"),
        ("broken.png", "image-unreadable"),
        ("entity.svg", "image-svg-unsafe"),
        ("script.svg", "image-svg-unsafe"),
        ("fetch.svg", "image-svg-unsafe"),
        ("blurred.svg", "image-too-large"),
        ("turbulent.svg", "image-too-large"),
        ("styled.svg", "image-too-large"),
        ("book.svg", "image-too-large"),
        ("layers.svg", "image-too-large"),
        ("marked.svg", "image-too-large"),
        ("inside.svg", "image-too-many-pixels"),
        ("nested.svg", "image-svg-unsafe"),
        ("https://x.org/a.png", "image-remote"),
    ],
)
def test_pictures_that_cannot_be_shown_keep_their_place(read_text, address, code):
    files = {
        "bomb.png": png(20_000, 20_000),
        "huge.png": png(2, 2) + bytes(20_000_000),
        "broken.png": b"\x89PNG\r\n\x1a\nxx",
        "entity.svg": b'<!DOCTYPE svg [<!ENTITY a "b">]><svg viewBox="0 0 9 9"/>',
        "script.svg": b'<svg viewBox="0 0 9 9"><script/></svg>',
        "blurred.svg": b'<svg viewBox="0 0 9 9">' + b'<g filter="url(#f)"/>' * 21 + b"</svg>",
        "turbulent.svg": b'<svg viewBox="0 0 9 9"><filter><feTurbulence numOctaves="900"/></filter></svg>',
        "styled.svg": b'<svg viewBox="0 0 9 9"><style>g{filter:url(#f)}</style><filter><feFlood/></filter>'
        + b"<g/>" * 500
        + b"</svg>",
        "layers.svg": b'<svg viewBox="0 0 9 9">' + b'<g style="opacity:.5"/>' * 5_001 + b"</svg>",
        "marked.svg": b'<svg viewBox="0 0 9 9"><path marker-mid="url(#m)" d="'
        + b"L1 1" * 20_000
        + b'"/></svg>',
        "book.svg": b'<svg viewBox="0 0 9 9"><text>' + b"a" * 60_000 + b"</text></svg>",
        "inside.svg": b'<svg viewBox="0 0 9 9"><image href="data:image/png;base64,'
        + base64.b64encode(png(9_000, 9_000))
        + b'"/></svg>',
        "nested.svg": b'<svg viewBox="0 0 9 9"><image href="data:image/svg+xml,%3Csvg/%3E"/></svg>',
        "fetch.svg": b'<svg viewBox="0 0 9 9"><rect fill="url(http://x.org/#a)"/></svg>',
    }
    reading = read_text(f"![words]({address})", files)
    (figure,) = reading.issue.letter
    assert (figure.image.picture, figure.image.alt) == ("", "words")
    assert [p.code for p in reading.problems] == [code]


def test_an_svg_drawing_is_measured_by_its_view_box(letter):
    svg = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30.4 20"><path/></svg>'
    assert measure(svg).width == 30
    assert letter("![a](d.svg)", {"d.svg": svg}) == "figure 1 #fig-d d.svg alt='a'"


def test_a_picture_without_words_is_told(read_text):
    reading = read_text("![](a.png)", {"a.png": png(2, 2)})
    assert [p.code for p in reading.problems] == ["image-without-words"]
    assert reading.issue.letter[0].image.decorative


def test_an_articles_own_picture_is_a_file_of_the_issue(read_folder):
    reading = read_folder(
        {
            "01-a/x.md": "---\nimage: figures/p.png\n---\nx",
            "01-a/y.md": "---\nimage: https://x.org/p.png\n---\nx",
            "01-a/z.md": "---\nimage: gone.png\n---\nx",
            "01-a/figures/p.png": png(2, 2),
        }
    )
    articles = reading.issue.sections[0].articles
    assert [article.image for article in articles] == ["01-a/figures/p.png", "", ""]
    assert [(p.code, str(p.source)) for p in reading.problems] == [
        ("image-remote", "01-a/y.md:2"),
        ("image-missing", "01-a/z.md:2"),
    ]


def test_the_covers_picture_is_a_file_of_the_issue_or_none(read_folder):
    def cover(written):
        reading = read_folder({"issue.md": f"---\ncover: {written}\n---\nx", "p.png": png(2, 2)})
        return reading.issue.cover, [(p.code, str(p.source)) for p in reading.problems]

    assert cover("p.png") == ("p.png", [])
    assert cover("None") == ("none", [])
    assert cover("gone.png") == ("", [("image-missing", "issue.md:2")])


@pytest.mark.parametrize(("orientation", "size"), [(1, (30, 20)), (3, (30, 20)), (6, (20, 30))])
def test_a_photograph_is_measured_as_it_is_shown_not_as_it_lies(orientation, size):
    """Print and web would squeeze a portrait into a landscape otherwise."""
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    Pillow.new("RGB", (30, 20)).save(file, "JPEG", exif=exif)
    header = measure(file.getvalue())
    assert (header.width, header.height) == size
