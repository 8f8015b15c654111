"""SVG → PNG. With `svg_worker`, the only module that knows resvg.

What an SVG refers to is never loaded: no entities, no files, no network; only pictures inside it (`data:`)
are shown. Text is set in the fonts that ship with the package, the machine's own are ignored, so that the
same drawing looks the same everywhere. One that may be dear (filters, pictures inside, thousands of parts) is drawn in a process
of its own with limits (`svg_worker`).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from lxml import etree

_FONTS = Path(__file__).resolve().parent.parent / "_assets" / "fonts"
_HREFS = ("href", "{http://www.w3.org/1999/xlink}href")
SECONDS = 4
"""Of processor time: fifty thousand plain shapes take one."""
_TOO_MUCH = "the drawing takes too much memory or time"
_CLOCK = 30.0
"""Seconds by the clock for a drawing that waits rather than works."""
_PLAIN_BYTES = 300_000
_PLAIN_ELEMENTS = 5_000
_COSTLY = re.compile(rb"<[\w:]*(?:filter|mask|marker|pattern|image)\b|opacity|clip-path")
_MOST_COSTLY = 200
"""So much of what is drawn apart and laid over the rest is in a chart; each may cost as much as the whole picture."""


def svg_to_png(data: bytes, width: int) -> bytes:
    """Raises ValueError for what is no SVG, or takes more memory or time than a drawing may have."""
    text, elements = _alone(data)
    shipped = [str(_FONTS)] if _FONTS.is_dir() else None
    drawing: dict[str, Any] = {
        "svg_string": text,
        "width": width,
        "skip_system_fonts": True,
        "font_dirs": shipped,
        "font_family": "Noto Sans SC",
        "serif_family": "Noto Serif SC",
        "sans_serif_family": "Noto Sans SC",
        "monospace_family": "Noto Sans Mono",
    }
    if _may_be_dear(data, elements):
        return _drawn_apart(drawing)
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(**drawing))


def _may_be_dear(data: bytes, elements: int) -> bool:
    """A plain drawing is drawn here, which is a tenth of a second faster than in a process of its own."""
    costly = sum(1 for _ in _COSTLY.finditer(data))
    return (
        len(data) > _PLAIN_BYTES
        or elements > _PLAIN_ELEMENTS
        or costly > _MOST_COSTLY
        or any(mark in data for mark in (b"<filter", b":filter", b"<image", b":image", b"marker"))
    )


def _drawn_apart(drawing: dict[str, Any]) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-P", "-m", "newsletter.editions.svg_worker", str(SECONDS)],
            input=json.dumps(drawing).encode(),
            capture_output=True,
            cwd=tempfile.gettempdir(),
            env=_environment(),
            timeout=_CLOCK,
            check=False,
        )
    except subprocess.TimeoutExpired as caught:
        raise ValueError(_TOO_MUCH) from caught
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        # Ended by the kernel, or aborted when it could have no more memory; else it is no drawing.
        raise ValueError(_TOO_MUCH if done.returncode < 0 or "emory" in said else said)
    return done.stdout


def _environment() -> dict[str, str]:
    """Where our package is, and nothing of what this process was told."""
    own = {"PYTHONPATH": str(Path(__file__).resolve().parents[2]), "PATH": os.defpath}
    root = os.environ.get("SYSTEMROOT")  # Windows starts no process without it
    return own | ({"SYSTEMROOT": root} if root else {})


def _alone(data: bytes) -> tuple[str, int]:
    """The drawing without a document type and without references to other files, and of how many elements it is."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as caught:
        raise ValueError(f"not well-formed SVG: {caught}") from caught
    elements = 0
    for element in root.iter():
        elements += 1
        for name in _HREFS:
            value = element.get(name) if isinstance(element.tag, str) else None
            if value and not value.strip().lower().startswith(("#", "data:image/")):
                del element.attrib[name]
    for entity in list(root.iter(etree.Entity)):
        entity.getparent().remove(entity)
    return etree.tostring(root, encoding="unicode"), elements
