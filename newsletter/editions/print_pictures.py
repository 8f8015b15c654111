"""Pictures for paper: as wide as they are printed at 200 dots an inch, charts with the fonts we have.

A `PictureBook` is asked while the issue is written down and answers with sizes in points; the files are
made afterwards, all at once. A file that cannot be decoded becomes a Problem, and a labelled box in print.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from lxml import etree

from newsletter.editions.picture_shelf import PictureShelf
from newsletter.editions.pictures import scaled
from newsletter.model.picture import Image, Picture
from newsletter.problems import ContentError, Problem, Source, warning

DOTS_PER_INCH = 200
COARSEST = 110
"""Dots an inch below which a picture is printed smaller rather than blurred."""

SVG = "image/svg+xml"

_SUFFIXES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif"}
_MOST_BYTES = 12_000_000
_NEAR = 1.05
"""A picture that is so little finer than it is printed keeps its pixels."""

_REFERENCES = ("href", "{http://www.w3.org/1999/xlink}href")
_FONT_FAMILY = re.compile(r"font-family\s*:\s*[^;}]+", re.IGNORECASE)
_FONT = re.compile(r"(?<![-\w])font\s*:\s*([^;}]*?\d[\w.%]*(?:/[\w.%]+)?)\s+[^;}]+", re.IGNORECASE)


class PictureBook:
    """The pictures of one printed issue: what is used, how wide, and at the end the files."""

    def __init__(
        self,
        pictures: Mapping[str, Picture],
        fonts: str,
        drawable: Callable[[str, Source], str] = lambda text, _: text,
        *,
        careful: bool = False,
        shelf: PictureShelf | None = None,
    ) -> None:
        """`drawable` makes the words of a chart fit for the fonts, which belong to a place. A `careful` book decodes what
        could go to the engine as it is, to find what is broken in it. What is made smaller is kept on the `shelf`."""
        self._pictures = pictures
        self._fonts = fonts
        self._drawable = drawable
        self._careful = careful
        self._shelf = shelf
        self._used: dict[str, tuple[Picture, int, Source]] = {}

    def figure(
        self, image: Image, *, width: float, height: float, source: Source
    ) -> dict[str, Any]:
        """Size in points of a picture on its own, at most `width` by `height`, and its identifier in the
        data's `pictures`; no identifier for one that is missing or remote."""
        picture = self._pictures.get(image.picture)
        if picture is None or picture.width <= 0 or picture.height <= 0:
            return {"picture": "", "width": width, "height": 0.0}
        across = width if picture.media_type == SVG else min(width, picture.width * 72 / COARSEST)
        if image.width:
            across = min(across, max(image.width * 0.75, 24.0))
        across = min(across, height * picture.width / picture.height)
        return {
            "picture": self._use(picture, across, source),
            "width": round(across, 2),
            "height": round(across * picture.height / picture.width, 2),
        }

    def inline(self, image: Image, alt: str, source: Source) -> dict[str, Any]:
        """A picture in running text: as tall as the line at most, its width in its own proportion."""
        picture = self._pictures.get(image.picture)
        if picture is None or picture.width <= 0 or picture.height <= 0:
            return {"picture": "", "alt": alt, "ratio": 1.0}
        ratio = min(picture.width / picture.height, 12.0)
        return {"picture": self._use(picture, ratio * 14, source), "alt": alt, "ratio": ratio}

    def files(self) -> tuple[dict[str, str], dict[str, bytes], tuple[Problem, ...]]:
        """File names by identifier, the files' bytes by name, and what could not be read."""
        drawn = {name: self._drawn(*use) for name, use in self._used.items() if _is_drawing(use)}
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # nothing waits: more would only crowd
            photographs = [use for use in self._used.values() if not _is_drawing(use)]
            smaller = iter(list(pool.map(self._made, photographs)))
        if self._shelf is not None:
            self._shelf.tidy()
        made = [drawn[name] if name in drawn else next(smaller) for name in self._used]
        names: dict[str, str] = {}
        files: dict[str, bytes] = {}
        problems: list[Problem] = []
        for identifier, (picture, _, source) in self._used.items():
            result = made[len(names) + len(problems)]
            if result is None:
                problems.append(_unreadable(picture, source))
            else:
                suffix, data = result
                names[identifier] = f"pictures/{identifier}.{suffix}"
                files[names[identifier]] = data
        return names, files, tuple(problems)

    def _use(self, picture: Picture, points: float, source: Source) -> str:
        pixels = round(points / 72 * DOTS_PER_INCH)
        identifier = f"{picture.digest[:20]}-{pixels}"
        self._used.setdefault(identifier, (picture, pixels, source))
        return identifier

    def _drawn(self, picture: Picture, _: int, source: Source) -> tuple[str, bytes] | None:
        drawn = _with_fonts(picture.data, self._fonts, lambda text: self._drawable(text, source))
        return ("svg", drawn) if drawn else None

    def _made(self, use: tuple[Picture, int, Source]) -> tuple[str, bytes] | None:
        picture, pixels, _ = use
        return _scaled(picture, pixels, sure=self._careful, shelf=self._shelf)

    def has_broken(self) -> bool:
        """Whether a picture cannot be decoded that was believed to be whole."""
        return any(
            _scaled(picture, pixels, sure=True) is None
            for picture, pixels, _ in self._used.values()
            if picture.media_type != SVG
        )


def _is_drawing(use: tuple[Picture, int, Source]) -> bool:
    return use[0].media_type == SVG


def _scaled(
    picture: Picture, pixels: int, *, sure: bool, shelf: PictureShelf | None = None
) -> tuple[str, bytes] | None:
    """Suffix and bytes of a picture at most `pixels` wide; None when it cannot be decoded."""
    try:
        across = picture.width if picture.width <= pixels * _NEAR else pixels
        made = scaled(picture, across, _MOST_BYTES, sure=sure, shelf=shelf)
    except ContentError:
        return None
    return _SUFFIXES[made.media_type], made.data


def _with_fonts(data: bytes, fonts: str, drawable: Callable[[str], str]) -> bytes | None:
    """A chart that names a font we do not have would fall to a wrong face without a word, one that refers to a file
    would look for it, and a character that no font has would be an empty box: all are set right here. None for what is
    no SVG."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        for name in _REFERENCES:
            if not element.get(name, "#").strip().lower().startswith(("#", "data:image/")):
                del element.attrib[name]
        if "font-family" in element.attrib:
            element.attrib["font-family"] = fonts
        if style := element.attrib.get("style"):
            element.attrib["style"] = _styled(style, fonts)
        if etree.QName(element).localname == "style" and element.text:
            element.text = _styled(element.text, fonts)
        elif element.text:
            element.text = drawable(element.text)
        element.tail = drawable(element.tail) if element.tail else element.tail
    if "font-family" not in root.attrib:
        root.attrib["font-family"] = fonts
    return etree.tostring(root)


def _styled(css: str, fonts: str) -> str:
    return _FONT.sub(rf"font: \1 {fonts}", _FONT_FAMILY.sub(f"font-family: {fonts}", css))


def _unreadable(picture: Picture, source: Source) -> Problem:
    return warning(
        "picture-unreadable",
        source,
        f"the print edition cannot decode {picture.path}",
        "A labelled box is printed in its place. Save the picture again, as PNG, JPEG or SVG.",
    )
