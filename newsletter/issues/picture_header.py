"""How large a picture is and what kind, from its first bytes: nothing is decoded."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass

from PIL import BmpImagePlugin, ExifTags, GifImagePlugin, ImageFile, JpegImagePlugin, PngImagePlugin

from newsletter.issues import svg


@dataclass(frozen=True, slots=True)
class Header:
    media_type: str
    width: int
    height: int


class Unreadable(Exception):
    """This is no picture that can be shown. Caught by pictures.py, which makes a problem of it."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


def measure(data: bytes) -> Header:
    """The kind comes from the bytes, whatever the name says. Raises Unreadable."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        width, height = _webp(data)
        header = Header("image/webp", width, height)
    elif (plugin := _plugin(data)) is not None:
        media_type, opener = plugin
        width, height = _pillow(data, opener)
        header = Header(media_type, width, height)
    elif svg.looks_like_svg(data):
        try:
            width, height = svg.measure(data, _pixels)
        except svg.BadSvg as caught:
            raise Unreadable(caught.code, caught.message, caught.hint) from caught
        header = Header("image/svg+xml", width, height)
    else:
        raise Unreadable(
            "image-type", "not a picture of a known kind", "Use PNG, JPEG, GIF, WebP, BMP or SVG."
        )
    if header.width < 1 or header.height < 1:
        raise Unreadable("image-unreadable", "has no width or height")
    return header


def _pixels(data: bytes) -> int:
    """Of a picture inside a drawing; none of what is no picture."""
    try:
        header = measure(data)
    except Unreadable:
        return 0
    return header.width * header.height


# Pillow's own classes and not Image.open: that one looks at every kind and warns of large pictures itself.
Opener = Callable[[io.BytesIO], ImageFile.ImageFile]


def _plugin(data: bytes) -> tuple[str, Opener] | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png", PngImagePlugin.PngImageFile
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg", JpegImagePlugin.JpegImageFile
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif", GifImagePlugin.GifImageFile
    if data.startswith(b"BM"):
        return "image/bmp", BmpImagePlugin.BmpImageFile
    return None


def _pillow(data: bytes, opener: Opener) -> tuple[int, int]:
    try:
        with opener(io.BytesIO(data)) as image:
            return _upright(image)
    except Exception as caught:  # a broken file raises whatever the plugin stumbled over
        raise Unreadable("image-unreadable", f"a broken picture file: {caught}") from caught


def _upright(image: ImageFile.ImageFile) -> tuple[int, int]:
    """Width and height as it is shown: a camera held upright writes its picture lying, and says so (EXIF 2.3, 4.6.4)."""
    width, height = image.size
    turned = "exif" in image.info and image.getexif().get(ExifTags.Base.Orientation, 1) in _LYING
    return (height, width) if turned else (width, height)


_LYING = frozenset({5, 6, 7, 8})


def _webp(data: bytes) -> tuple[int, int]:
    """The canvas of a WebP (RFC 9649); Pillow's plugin would allocate the whole picture to tell."""
    kind = data[12:16]
    try:
        if kind == b"VP8X":
            return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(
                data[27:30], "little"
            )
        if kind == b"VP8L" and data[20] == 0x2F:
            (bits,) = struct.unpack_from("<I", data, 21)
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
    except (struct.error, IndexError) as caught:
        raise Unreadable("image-unreadable", "a broken WebP file") from caught
    raise Unreadable("image-unreadable", "a broken WebP file")
