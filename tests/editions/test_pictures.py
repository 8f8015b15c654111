"""Pictures for mail: width, weight, form, and what they must not carry."""

from __future__ import annotations

import hashlib
import io
import random
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from newsletter.editions.picture_bytes import bare_jpeg, bare_png
from newsletter.editions.pictures import MAIL_BYTES, _scaled, mail_picture, print_picture, scaled
from newsletter.editions.svg import svg_to_png
from newsletter.model.edition import EditionFile
from newsletter.model.picture import Picture
from newsletter.problems import ContentError


def picture(data: bytes, media_type: str = "", size: tuple[int, int] | None = None) -> Picture:
    if size is None:
        with Image.open(io.BytesIO(data)) as opened:
            size, media_type = opened.size, media_type or Image.MIME[opened.format or ""]
    digest = hashlib.sha256(data).hexdigest()
    return Picture("figures/x", media_type, *size, digest, data)


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def chart(width: int, height: int, mode: str = "RGB") -> Image.Image:
    image = Image.new(mode, (width, height), "#f6f8fa")
    for bar in range(5):
        image.paste("#1f5f7a", (bar * width // 5, height // 3, bar * width // 5 + 9, height))
    return image


def noise(width: int, height: int) -> Image.Image:
    """As hard to compress as a photograph, and then some; the same every time."""
    return Image.frombytes("RGB", (width, height), random.Random(1).randbytes(width * height * 3))


def opened(file: EditionFile) -> Image.Image:
    image = Image.open(io.BytesIO(file.data))
    image.load()
    return image


def svg(inner: str, size: str = 'viewBox="0 0 100 50"') -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {size}>{inner}</svg>'.encode()


def test_a_wide_picture_becomes_twice_the_column() -> None:
    image = opened(mail_picture(picture(saved(chart(1400, 600), "PNG"))))
    assert (image.format, image.size) == ("PNG", (1152, 494))


def test_a_picture_is_never_made_larger() -> None:
    assert opened(mail_picture(picture(saved(chart(300, 100), "PNG")))).size == (300, 100)


def test_a_file_is_named_by_what_it_has_become() -> None:
    file = mail_picture(picture(saved(chart(1400, 600), "PNG")))
    assert file.path == f"pictures/{hashlib.sha256(file.data).hexdigest()[:16]}.png"


def test_a_photograph_saved_as_png_becomes_a_jpeg_below_the_bound() -> None:
    file = mail_picture(picture(saved(noise(900, 600), "PNG")))
    assert file.media_type == "image/jpeg"
    assert len(file.data) <= MAIL_BYTES


def test_what_no_quality_makes_small_enough_loses_width() -> None:
    made = scaled(picture(saved(noise(600, 600), "PNG")), 600, 30_000)
    assert made.width < 600
    assert len(made.data) <= 30_000


def test_a_transparent_picture_stays_transparent() -> None:
    image = chart(1300, 400, "RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    file = opened(mail_picture(picture(saved(image, "PNG"))))
    assert file.has_transparency_data


@pytest.mark.parametrize("form", ["WEBP", "AVIF", "TIFF", "BMP"])
def test_forms_that_mail_programs_do_not_show_become_png(form: str) -> None:
    file = mail_picture(picture(saved(chart(200, 100), form, lossless=True)))
    assert file.media_type in ("image/png", "image/jpeg")
    assert opened(file).size == (200, 100)


def test_a_picture_that_fits_keeps_its_pixels_and_loses_its_resolution() -> None:
    image = chart(200, 100)
    file = mail_picture(picture(saved(image, "PNG", dpi=(300, 300))))
    assert "dpi" not in opened(file).info
    assert opened(file).tobytes() == image.tobytes()


def test_a_jpeg_that_fits_is_not_compressed_again_and_says_nothing_of_resolution_or_comments() -> (
    None
):
    data = saved(chart(200, 100), "JPEG", dpi=(300, 300), comment=b"secret")
    file = mail_picture(picture(data))
    with Image.open(io.BytesIO(data)) as before:
        assert opened(file).tobytes() == before.convert("RGB").tobytes()
    assert b"secret" not in file.data
    assert opened(file).info.get("jfif_unit", 0) == 0


def test_a_photograph_is_turned_upright_and_tells_neither_place_nor_camera() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"
    file = mail_picture(picture(saved(chart(200, 100), "JPEG", exif=exif)))
    assert opened(file).size == (100, 200)
    assert not opened(file).getexif()
    assert b"Camera" not in file.data


def test_a_small_moving_picture_keeps_moving_and_a_large_one_stands_still() -> None:
    frames = [chart(120, 60), Image.new("RGB", (120, 60), "red")]
    small = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert mail_picture(picture(small)).data == small
    made = scaled(picture(small), 100, MAIL_BYTES)
    assert (made.media_type, made.width) == ("image/png", 100)


def test_an_svg_becomes_a_png_at_twice_its_size() -> None:
    data = svg('<rect width="100" height="50" fill="#1f5f7a"/>')
    image = opened(mail_picture(picture(data, "image/svg+xml", (100, 50))))
    assert (image.format, image.size) == ("PNG", (200, 100))
    assert image.convert("RGB").getpixel((9, 9)) == (0x1F, 0x5F, 0x7A)


def test_an_svg_shows_no_file_of_the_machine(tmp_path: Path) -> None:
    red = tmp_path / "red.png"
    Image.new("RGB", (10, 10), "red").save(red)
    for name in ("href", "xlink:href"):
        for address in (str(red), red.as_uri(), red.name):
            data = svg(f'<image width="100" height="50" {name}="{address}"/>')
            made = Image.open(io.BytesIO(svg_to_png(data, 100)))
            assert made.convert("RGBA").getextrema()[3] == (0, 0), address


def test_an_svg_with_entities_shows_no_file_of_the_machine(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    doctype = f'<!DOCTYPE svg [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'.encode()
    data = doctype + svg('<text y="40" font-size="40">&x;</text>')
    assert Image.open(io.BytesIO(svg_to_png(data, 100))).convert("RGBA").getextrema()[3] == (0, 0)


def test_a_drawing_that_takes_too_long_is_told_and_harms_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("newsletter.editions.svg.SECONDS", 1)
    layers = (
        '<g opacity=".5"><rect width="900" height="900"/><rect width="9" height="9"/></g>' * 20_000
    )
    with pytest.raises(ValueError, match="too much memory or time"):
        svg_to_png(svg(layers, 'viewBox="0 0 900 900"'), 900)


def test_a_drawing_that_takes_too_much_memory_is_told() -> None:
    wide = svg('<filter id="f"/><rect width="1" height="1"/>', 'viewBox="0 0 1 90000"')
    with pytest.raises(ValueError, match="too much memory or time"):
        svg_to_png(wide, 4000)


def test_a_drawing_with_a_shadow_is_the_same_in_a_process_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shadow = '<filter id="f"><feGaussianBlur stdDeviation="2"/></filter>'
    data = svg(shadow + '<rect filter="url(#f)" x="9" y="9" width="50" height="20"/>')
    apart = svg_to_png(data, 100)
    monkeypatch.setattr("newsletter.editions.svg._may_be_dear", lambda data, elements: False)
    assert apart == svg_to_png(data, 100)


def test_a_palette_a_bilevel_and_a_deep_png_become_what_they_show() -> None:
    for mode in ("P", "1", "I;16", "LA"):
        file = mail_picture(picture(saved(chart(1200, 40, "L").convert(mode), "PNG")))
        assert opened(file).size[0] == 1152


def bomb() -> bytes:
    """A PNG of 400 megapixels in a few hundred kilobytes."""
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    body = zlib.compress(bytes(2501) * 20_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(20_000, 20_000), (100, 100)])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(
    size: tuple[int, int],
) -> None:
    with pytest.raises(ContentError) as caught:
        mail_picture(picture(bomb(), "image/png", size))
    assert caught.value.problems[0].code == "picture-broken"


@pytest.mark.parametrize("media_type", ["image/png", "image/jpeg", "image/webp", "image/svg+xml", "image/gif"])  # fmt: skip
def test_a_file_that_is_no_picture_is_told_with_its_path(media_type: str) -> None:
    with pytest.raises(ContentError) as caught:
        mail_picture(picture(b"\x89PNG\r\n\x1a\nrubbish", media_type, (10, 10)))
    assert caught.value.problems[0].source.file == "figures/x"


def test_a_png_that_ends_early_is_told() -> None:
    data = saved(noise(100, 100), "PNG")[:-2000]
    with pytest.raises(ContentError):
        mail_picture(picture(data, "image/png", (100, 100)))


def test_the_same_picture_gives_the_same_bytes() -> None:
    data = saved(noise(1300, 200), "PNG")
    first = mail_picture(picture(data))
    _scaled.cache_clear()
    assert mail_picture(picture(data)) == first


def test_a_picture_for_print_has_two_hundred_dots_an_inch() -> None:
    data = print_picture(picture(saved(chart(1400, 600), "PNG")), 360)
    assert Image.open(io.BytesIO(data)).width == 1000


def test_bytes_that_are_no_png_or_jpeg_are_left_to_the_decoder() -> None:
    assert bare_png(b"GIF89a") is None
    assert bare_jpeg(b"\x89PNG") is None
    assert bare_png(b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR") is None


def test_a_picture_for_presses_becomes_one_for_screens() -> None:
    red = saved(Image.new("CMYK", (40, 30), (0, 255, 255, 0)), "JPEG")
    shown = opened(mail_picture(picture(red, "image/jpeg", (40, 30))))
    assert shown.mode == "RGB"
    pixel = shown.getpixel((5, 5))
    assert isinstance(pixel, tuple)
    assert pixel[0] > 200 > 60 > pixel[1]


def test_a_colour_profile_that_cannot_be_read_is_left_out() -> None:
    data = saved(Image.new("RGB", (40, 30), "#123456"), "JPEG", icc_profile=b"no profile " * 20)
    shown = opened(mail_picture(picture(data, "image/jpeg", (40, 30))))
    assert "icc_profile" not in shown.info
    assert shown.size == (40, 30)


@pytest.mark.parametrize("form", ["PNG", "SVG"])
def test_a_dark_drawing_gets_the_papers_ground_and_a_light_one_stays_as_it_is(form: str) -> None:
    """Where a mail program turns the paper dark, the dark one would vanish."""

    def drawn(colour: str) -> Picture:
        if form == "SVG":
            shape = f'<path d="M5 25h90" stroke="{colour}" stroke-width="9"/>'
            return picture(svg(shape), "image/svg+xml", (100, 50))
        image = Image.new("RGBA", (200, 100))
        image.paste(colour, (20, 40, 180, 60))
        return picture(saved(image, "PNG"))

    dark = opened(mail_picture(drawn("#1f282c"), "#fefefe")).convert("RGBA")
    assert dark.getpixel((2, 2)) == pytest.approx((254, 254, 254, 255), abs=2)
    light = opened(mail_picture(drawn("#eaf1f4"), "#fefefe")).convert("RGBA")
    assert light.getpixel((2, 2))[3] == 0
    assert opened(mail_picture(drawn("#1f282c"))).convert("RGBA").getpixel((2, 2))[3] == 0
