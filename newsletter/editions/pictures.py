"""Pictures of an issue, made small enough for a mail.

Scaled to at most twice the column, at most 200 KB, PNG, JPEG or a small GIF only (others are not shown
everywhere), without the resolution that makes Outlook resize them, and with no place or camera in them. A
picture that already fits is not compressed again: what it carries besides its pixels is taken out, no more.

The same bytes in give the same bytes out; results are kept for the process by the source's digest, and on a
`PictureShelf`, where one is given, for the next.
Raises ContentError for a file that cannot be decoded.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from functools import lru_cache

from PIL import ExifTags, Image, ImageCms, ImageOps, ImageStat

from newsletter.editions.picture_bytes import bare_jpeg, bare_png, quick_png
from newsletter.editions.picture_shelf import PictureShelf
from newsletter.editions.svg import svg_to_png
from newsletter.model.edition import EditionFile
from newsletter.model.picture import Picture
from newsletter.problems import ContentError, Source, error

COLUMN = 576
"""Pixels of the mail's text column."""
MAIL_WIDTH = 2 * COLUMN
MAIL_BYTES = 200_000
MAX_PIXELS = 50_000_000
"""More is refused before decoding: a small file can hold a picture that fills the memory."""
PRINT_DPI = 200

_EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif"}
_SHOWN_EVERYWHERE = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA"})
"""Not CMYK, which is for presses, nor 16 bits."""
_FEW_COLOURS = 4096
"""A drawing has fewer, a photograph more."""
_PACKED = 20
"""So many pixels for each byte of a file has no photograph."""
_MUCH = 0.1
"""Of a picture's pixels: less than this is rounded corners."""
_DARK = 128
"""Brightness of 255 below which a drawing is lost on dark paper."""
_QUALITIES = (85, 75, 65)
_SMALLER = 0.8
_NEAR_ENOUGH = 0.05
"""Part of the width on paper by which a picture may be wider or narrower than asked: from 190 to 210 dots an inch."""


@dataclass(frozen=True, slots=True)
class Scaled:
    media_type: str
    width: int
    height: int
    data: bytes


@dataclass(frozen=True)
class _Wanted:
    """A picture and what is wanted of it; equal by the digest of the picture, so that it can be a cache's key."""

    digest: str
    picture: tuple[Picture]
    width: int
    size: int
    ground: str = ""
    sure: bool = True
    shelf: PictureShelf | None = None

    @property
    def key(self) -> tuple[object, ...]:
        return self.digest, self.width, self.size, self.ground, self.sure

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Wanted) and self.key == other.key


def mail_picture(picture: Picture, ground: str = "") -> EditionFile:
    """The picture as a mail shows it, named by the hash of what it has become.

    A dark drawing without a ground of its own would vanish where a mail program turns the paper dark, and no
    style reaches all of those: `ground`, the light paper's colour, is laid under it."""
    made = scaled(picture, MAIL_WIDTH, MAIL_BYTES, ground)
    name = hashlib.sha256(made.data).hexdigest()[:16]
    return EditionFile(
        f"pictures/{name}.{_EXTENSIONS[made.media_type]}", made.media_type, made.data
    )


def print_picture(picture: Picture, width_pt: float) -> bytes:
    """The picture as PNG or JPEG at 200 dots per inch for a width in points."""
    return scaled(picture, max(1, round(width_pt / 72 * PRINT_DPI)), 20_000_000).data


def scaled(
    picture: Picture,
    max_width: int,
    max_bytes: int,
    ground: str = "",
    *,
    sure: bool = True,
    shelf: PictureShelf | None = None,
) -> Scaled:
    """The picture at most `max_width` pixels wide and `max_bytes` long; a dark drawing on `ground`, if one is given.

    `sure` is False for a program that decodes it at once and tells what is wrong: a PNG that may stay as it is is then
    believed by its check sums, and one that is made anew is written as fast as can be."""
    return _scaled(_Wanted(picture.digest, (picture,), max_width, max_bytes, ground, sure, shelf))


@lru_cache(maxsize=256)
def _scaled(wanted: _Wanted) -> Scaled:
    picture = wanted.picture[0]
    if picture.width * picture.height > MAX_PIXELS:
        raise _broken(picture, f"{picture.width} × {picture.height} pixels are too many")
    try:
        _hush_decoder()
        return _as_it_is(picture, wanted) or _made_anew(picture, wanted)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as caught:
        raise _broken(picture, f"the picture cannot be read: {caught}") from caught


def _hush_decoder() -> None:
    """What Pillow mutters about odd files is no news to an editor. The filter stays: to put the old ones back,
    as `catch_warnings` does, would undo what another thread sets meanwhile."""
    warnings.filterwarnings("ignore", module=r"PIL\.")


def _broken(picture: Picture, message: str) -> ContentError:
    problem = error(
        "picture-broken", Source(picture.path), message, "Save it again as PNG or JPEG."
    )
    return ContentError(f"{picture.path}: {message}", [problem])


def _as_it_is(picture: Picture, wanted: _Wanted) -> Scaled | None:
    """The file itself, without what it carries besides its pixels; None when it must be made anew."""
    if picture.width > wanted.width or len(picture.data) > wanted.size:
        return None
    match picture.media_type:
        case "image/png":
            data = bare_png(picture.data)
        case "image/jpeg":
            data = bare_jpeg(picture.data)
        case "image/gif":
            data = picture.data
        case _:
            return None
    if data is None:
        return None
    with Image.open(io.BytesIO(data)) as opened:
        if wanted.sure or wanted.ground or picture.media_type != "image/png":
            opened.load()  # a broken file is found here, not by the reader of the mail
        if opened.mode not in _SHOWN_EVERYWHERE:
            return None
        if wanted.ground and _is_dark_on_nothing(opened):
            return None
        return Scaled(picture.media_type, opened.width, opened.height, data)


def _made_anew(picture: Picture, wanted: _Wanted) -> Scaled:
    """From the shelf, if it was made before."""
    if wanted.shelf is not None and (kept := wanted.shelf.found(wanted.key)):
        return Scaled(*kept)
    made = _made_smaller(_decoded(picture, wanted), wanted)
    if wanted.shelf is not None:
        wanted.shelf.keep(wanted.key, astuple(made))
    return made


def _decoded(picture: Picture, wanted: _Wanted) -> Image.Image:
    """The pixels, upright, in sRGB, at most as wide as wanted: mode RGB or RGBA."""
    data = picture.data
    if picture.media_type == "image/svg+xml":
        data = svg_to_png(picture.data, min(wanted.width, 2 * max(1, picture.width)))
    with Image.open(io.BytesIO(data)) as opened:
        if opened.width * opened.height > MAX_PIXELS:
            raise ValueError(f"{opened.width} × {opened.height} pixels are too many")
        profile = opened.info.get("icc_profile")
        if not wanted.sure and not _is_turned(opened):
            # A large JPEG is decoded at an eighth to a half of its size, twice as large as wanted or more.
            opened.draft(None, (2 * wanted.width, 2 * wanted.width * opened.height // opened.width))
        image = ImageOps.exif_transpose(opened) if _is_turned(opened) else opened
        image.load()
        image = _in_srgb(image, profile)
    if image.width > wanted.width:
        image = _narrowed(image, wanted)
    if wanted.ground and _is_dark_on_nothing(image):
        below = Image.new("RGBA", image.size, wanted.ground)
        image = Image.alpha_composite(below, image.convert("RGBA")).convert("RGB")
    return image


def _narrowed(image: Image.Image, wanted: _Wanted) -> Image.Image:
    height = max(1, round(image.height * wanted.width / image.width))
    if wanted.sure:
        return image.resize((wanted.width, height), Image.Resampling.LANCZOS)
    # On paper, at 200 dots an inch, nobody sees the difference. Whole squares of pixels become one in a fifth of the
    # time; other filters take a third of it.
    times = round(image.width / wanted.width)
    if times > 1 and abs(image.width / times / wanted.width - 1) <= _NEAR_ENOUGH:
        return image.reduce(times)
    return image.resize((wanted.width, height), Image.Resampling.HAMMING, reducing_gap=3.0)


def _is_turned(image: Image.Image) -> bool:
    return bool(image.getexif().get(ExifTags.Base.Orientation, 1) != 1)


def _is_dark_on_nothing(image: Image.Image) -> bool:
    """Whether much of a picture lets the paper through and what is seen of it is dark."""
    if not image.has_transparency_data or getattr(image, "n_frames", 1) > 1:
        return False
    small = image.convert("RGBA")
    small.thumbnail((200, 200))
    alpha = small.getchannel("A")
    seen = alpha.point(lambda value: 255 if value > 96 else 0)
    through = 1 - ImageStat.Stat(seen).mean[0] / 255
    if through < _MUCH or through == 1:
        return False
    return bool(ImageStat.Stat(small.convert("L"), seen).mean[0] < _DARK)


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if profile and image.mode in ("RGB", "CMYK"):
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(
                image, own, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            return turned if turned is not None else image.convert("RGB")
        except (ImageCms.PyCMSError, OSError):
            pass  # a profile that cannot be read is left out, as browsers do
    return image if image.mode == mode else image.convert(mode)


def _made_smaller(image: Image.Image, wanted: _Wanted) -> Scaled:
    """The best of the forms that fits; a picture that no form makes fit loses width."""
    while True:
        for media_type, data in _forms(image, wanted):
            if len(data) <= wanted.size or image.width <= 64:
                return Scaled(media_type, image.width, image.height, data)
        width = int(image.width * _SMALLER)
        height = max(1, round(image.height * width / image.width))
        image = image.resize((width, height), Image.Resampling.LANCZOS)


def _forms(image: Image.Image, wanted: _Wanted) -> Iterator[tuple[str, bytes]]:
    drawing = _is_flat(wanted.picture[0]) or image.getcolors(_FEW_COLOURS) is not None
    opaque = image.mode == "RGB" or image.getchannel("A").getextrema() == (255, 255)
    if drawing or not opaque:
        yield "image/png", _png(image) if wanted.sure else quick_png(image)
        yield "image/png", _png(_with_palette(image))
    if opaque:
        flat = image.convert("RGB")
        for quality in _QUALITIES:
            yield "image/jpeg", _jpeg(flat, quality)


def _is_flat(picture: Picture) -> bool:
    """A PNG that packs so well is a drawing: nothing has to be counted."""
    pixels = picture.width * picture.height
    return picture.media_type == "image/png" and len(picture.data) * _PACKED < pixels


def _with_palette(image: Image.Image) -> Image.Image:
    if image.mode == "RGBA":
        return image.quantize(256, method=Image.Quantize.FASTOCTREE)
    return image.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", icc_profile=None)
    return out.getvalue()


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, progressive=True, optimize=True, icc_profile=None)
    return out.getvalue()
