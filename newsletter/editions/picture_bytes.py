"""PNG and JPEG files without what they carry besides their pixels: resolution, place, camera, comments; and a PNG in haste.

Bytes in, bytes out, no decoding (PNG, ISO/IEC 15948 §5; JPEG, ITU-T T.81 annex B). None when the file must be
made anew instead: it is turned by its EXIF, has a colour profile of its own, or is not well formed, a
PNG also when a check sum is wrong.
"""

from __future__ import annotations

import struct
import zlib

from PIL import Image

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"sRGB"})
_PNG_COLOUR = frozenset({b"iCCP", b"eXIf", b"cICP"})
_JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_APP0, _APP1, _APP2, _APP14, _APP15, _COM, _SOS = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE, 0xDA


def bare_png(data: bytes) -> bytes | None:
    if not data.startswith(_PNG_SIGNATURE):
        return None
    parts = [_PNG_SIGNATURE]
    at = len(_PNG_SIGNATURE)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, end = data[at + 4 : at + 8], at + 12 + length
        if end > len(data) or kind in _PNG_COLOUR:
            return None
        if zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            return None
        if kind in _PNG_KEPT:
            parts.append(data[at:end])
        if kind == b"IEND":
            return b"".join(parts)
        at = end
    return None


def bare_jpeg(data: bytes) -> bytes | None:
    if not data.startswith(b"\xff\xd8"):
        return None
    parts = [b"\xff\xd8", _JFIF]
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        (length,) = struct.unpack_from(">H", data, at + 2)
        segment = data[at : at + 2 + length]
        if marker == _SOS:
            return b"".join((*parts, data[at:]))
        if _says_how_to_show(marker, segment):
            return None
        if not (_APP0 <= marker <= _APP15 and marker != _APP14) and marker != _COM:
            parts.append(segment)
        at += 2 + length
    return None


def _says_how_to_show(marker: int, segment: bytes) -> bool:
    """EXIF that may turn the picture, or a colour profile: its pixels alone are not the picture."""
    exif = marker == _APP1 and segment[4:8] == b"Exif"
    return exif or (marker == _APP2 and segment[4:15] == b"ICC_PROFILE")


def quick_png(image: Image.Image) -> bytes:
    """The pixels, RGB or RGBA, as a PNG for a program that decodes it at once. Pillow tries five filters on each row, which
    takes twice as long as the rest."""
    row = image.width * len(image.getbands())
    pixels = image.tobytes()
    rows = b"".join([b"\0" + pixels[at : at + row] for at in range(0, len(pixels), row)])
    kind = {"RGB": 2, "RGBA": 6}[image.mode]
    head = struct.pack(">IIBBBBB", image.width, image.height, 8, kind, 0, 0, 0)
    parts = (b"IHDR", head), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b"")
    return _PNG_SIGNATURE + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
