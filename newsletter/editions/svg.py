"""SVG → PNG. The only module that knows resvg.

What an SVG refers to is never loaded: no entities, no files, no network; only pictures inside it (`data:`)
are shown. Text is set in the fonts that ship with the package, the machine's own are ignored, so that the
same drawing looks the same everywhere.
"""

from __future__ import annotations

from pathlib import Path

from lxml import etree

_FONTS = Path(__file__).resolve().parent.parent / "_assets" / "fonts"
_HREFS = ("href", "{http://www.w3.org/1999/xlink}href")


def svg_to_png(data: bytes, width: int) -> bytes:
    """Raises ValueError for what is no SVG."""
    import resvg_py

    text = _alone(data)
    shipped = [str(_FONTS)] if _FONTS.is_dir() else None
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=text,
            width=width,
            skip_system_fonts=True,
            font_dirs=shipped,
            font_family="Noto Sans SC",
            serif_family="Noto Serif SC",
            sans_serif_family="Noto Sans SC",
            monospace_family="Noto Sans Mono",
        )
    )


def _alone(data: bytes) -> str:
    """The drawing without a document type and without references to other files."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as caught:
        raise ValueError(f"not well-formed SVG: {caught}") from caught
    for element in root.iter():
        for name in _HREFS:
            value = element.get(name) if isinstance(element.tag, str) else None
            if value and not value.strip().lower().startswith(("#", "data:image/")):
                del element.attrib[name]
    for entity in list(root.iter(etree.Entity)):
        entity.getparent().remove(entity)
    return etree.tostring(root, encoding="unicode")
