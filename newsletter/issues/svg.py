"""An SVG may be shown when it is only a drawing: its size, and that it neither runs nor fetches anything."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes
from xml.parsers import expat

from newsletter.issues.svg_references import References

MAX_BYTES = 2_000_000
MAX_ELEMENTS = 50_000
MAX_DRAWN = 200_000
"""With all that is repeated by `<use>`; the engines give up at five times that."""
MAX_FILTERS = 20
"""So many elements may be blurred or the like: each costs as much as drawing the whole picture."""
MAX_FILTERING = 400
"""Elements that are filtered, times the steps of all filters. A shadow has five steps."""
MAX_LETTERS = 50_000
MAX_LAYERS = 5_000
"""Elements that are drawn apart and laid over the rest: half transparent, or cut by a shape."""
MAX_MARKED = 50_000
"""Signs of a path that has a marker, which is drawn at each of its corners."""
MAX_EMBEDDED = 40_000_000
"""Pixels of all pictures inside."""
_LENGTH = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(px|pt|mm|cm|in|)\s*")
_UNITS = {"": 1.0, "px": 1.0, "pt": 96 / 72, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
_FETCH = re.compile(r"url\(\s*[\"']?\s*(?!#|[\"']?#|data:image/)|@import", re.IGNORECASE)
_FILTER_RULE = re.compile(r"\bfilter\s*:(?!\s*none)", re.IGNORECASE)
_LAYER = re.compile(r"(?<![\w-])opacity\s*:(?!\s*1\b)|clip-path", re.IGNORECASE)
_FORBIDDEN = frozenset({"script", "foreignobject", "iframe", "object", "embed", "handler"})


class BadSvg(Exception):
    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


def looks_like_svg(data: bytes) -> bool:
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"<") and b"<svg" in head


def measure(data: bytes, pixels_of: Callable[[bytes], int] = len) -> tuple[int, int]:
    """Width and height in CSS pixels, from the view box, else from width and height. Raises BadSvg.

    `pixels_of` counts those of a picture inside, from its file."""
    if len(data) > MAX_BYTES:
        raise BadSvg("image-too-large", f"an SVG of more than {MAX_BYTES // 1_000_000} MB")
    scan = _Scan(pixels_of)
    try:
        scan.parse(data)
    except expat.ExpatError as caught:
        raise BadSvg("image-unreadable", f"a broken SVG file: {caught}") from caught
    if scan.references.drawn() > MAX_DRAWN:
        raise BadSvg("image-too-large", "an SVG that repeats itself too often", "Export it as PNG.")
    if scan.filtering() > MAX_FILTERING:
        raise _too_filtered()
    return scan.size()


class _Scan:
    """One pass over the elements; stops at the first that must not be."""

    def __init__(self, pixels_of: Callable[[bytes], int]) -> None:
        self._pixels_of = pixels_of
        self._embedded = 0
        self._steps = 0
        self._letters = 0
        self._layers = 0
        self._filter_rule = False
        self._root: dict[str, str] | None = None
        self._elements = 0
        self._filtered = 0
        self._depth = 0
        self._in_style = False
        self.references = References()

    def parse(self, data: bytes) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._entity
        parser.Parse(data, True)

    def filtering(self) -> int:
        """Steps to draw; a rule of a style sheet may filter everything."""
        return max(1, self._elements if self._filter_rule else self._filtered) * self._steps

    def size(self) -> tuple[int, int]:
        root = self._root or {}
        box = re.findall(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", root.get("viewBox", ""))
        if len(box) == 4:
            width, height = float(box[2]), float(box[3])
        else:
            width, height = _length(root.get("width", "")), _length(root.get("height", ""))
        if not (0 < width < 1e5 and 0 < height < 1e5):
            raise BadSvg("image-unreadable", "an SVG without a size", "Give it a viewBox.")
        return max(1, round(width)), max(1, round(height))

    def _start(self, name: str, attrs: dict[str, str]) -> None:
        local = name.rsplit(":", 1)[-1].lower()
        if self._root is None:
            if local != "svg":
                raise BadSvg("image-type", "an XML file that is no SVG")
            self._root = attrs
        self._elements += 1
        self._depth += 1
        if self._elements > MAX_ELEMENTS or self._depth > 200:
            raise BadSvg("image-too-large", "an SVG with too many elements")
        self.references.enter(attrs, refers=local == "use")
        if local in _FORBIDDEN:
            raise _unsafe(f"has <{local}> in it")
        self._in_style = local == "style"
        self._steps += _steps(local, attrs)
        if len(attrs.get("d", attrs.get("points", ""))) > MAX_MARKED and _is_marked(attrs):
            raise BadSvg("image-too-large", "an SVG with too many markers", "Export it as PNG.")
        for key, value in attrs.items():
            self._attribute(key.rsplit(":", 1)[-1].lower(), value.strip())

    def _attribute(self, key: str, value: str) -> None:
        if key.startswith("on"):
            raise _unsafe(f"has {key}= in it")
        if key in ("href", "src") and not value.startswith(("#", "data:image/")) and value:
            raise _unsafe(f"refers to {value[:60]}")
        if key in ("href", "src") and value.startswith("data:"):
            self._embed(value)
        if _FETCH.search(value):
            raise _unsafe("fetches something from outside")
        if key in ("opacity", "clip-path") or (key == "style" and _LAYER.search(value)):
            self._layers += 1
            if self._layers > MAX_LAYERS:
                raise BadSvg("image-too-large", "an SVG with too many layers", "Export it as PNG.")
        if key in ("filter", "mask") or (key == "style" and "filter" in value):
            self._filtered += 1
            if self._filtered > MAX_FILTERS:
                raise _too_filtered()

    def _embed(self, value: str) -> None:
        head, _, body = value.partition(",")
        try:
            picture = base64.b64decode(body) if ";base64" in head else unquote_to_bytes(body)
        except ValueError:
            return  # no engine draws it either
        if looks_like_svg(picture):
            raise _unsafe("has another SVG inside")
        self._embedded += self._pixels_of(picture)
        if self._embedded > MAX_EMBEDDED:
            raise BadSvg(
                "image-too-many-pixels",
                f"an SVG with pictures of {self._embedded / 1e6:.0f} megapixels inside",
                "Export it as PNG, at most 40 megapixels.",
            )

    def _text(self, text: str) -> None:
        if not self._in_style:
            self._letters += len(text)
            if self._letters > MAX_LETTERS:
                raise BadSvg("image-too-large", "an SVG with too much text", "Export it as PNG.")
        elif _FETCH.search(text):
            raise _unsafe("fetches something from outside")
        elif _FILTER_RULE.search(text):
            self._filter_rule = True

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._in_style = False
        self.references.leave()

    def _entity(self, *_: object) -> None:
        raise _unsafe("declares entities")


def _is_marked(attrs: dict[str, str]) -> bool:
    return any(key.startswith("marker") or "marker" in attrs.get("style", "") for key in attrs)


def _steps(local: str, attrs: dict[str, str]) -> int:
    """How many plain steps one of a filter stands for."""
    if local == "feturbulence":
        return 2 * max(1, _whole(attrs.get("numOctaves", "")))
    if local == "feconvolvematrix":
        return max(1, _whole(attrs.get("order", ""))) ** 2
    if local == "femorphology":
        return 1 + _whole(attrs.get("radius", "")) // 5
    return 1 if local.startswith("fe") else 0


def _whole(text: str) -> int:
    return int(found[0][:6]) if (found := re.search(r"\d+", text)) else 0


def _too_filtered() -> BadSvg:
    return BadSvg("image-too-large", "an SVG with too many filters", "Export it as PNG.")


def _unsafe(reason: str) -> BadSvg:
    return BadSvg(
        "image-svg-unsafe", f"an SVG that {reason}", "Export it as a plain SVG, or as PNG."
    )


def _length(text: str) -> float:
    found = _LENGTH.fullmatch(text)
    return float(found[1]) * _UNITS[found[2]] if found else 0.0
