"""One use of a picture: an image of Markdown or HTML becomes an `Image`, and what is wrong with it a problem."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from newsletter.issues.context import Context
from newsletter.issues.pictures import PictureTrouble
from newsletter.issues.tree import Node
from newsletter.model.picture import Image, Picture

_REMOTE = re.compile(r"https?://", re.IGNORECASE)


def source_of(node: Node) -> str:
    return node.attrs.get("src", "").strip()


def stem_of(node: Node) -> str:
    """The file's name without its ending: what figures are called by."""
    path = (
        unquote(urlsplit(source_of(node)).path)
        if _REMOTE.match(source_of(node))
        else unquote(source_of(node))
    )
    return PurePosixPath(path).stem


def read_image(node: Node, context: Context, alt: str | None = None) -> Image:
    """`alt` takes the place of what was written. A picture that cannot be shown keeps its place and its words."""
    alt = " ".join(
        context.clean(node.attrs.get("alt", "") if alt is None else alt, node.line).split()
    )
    width = _pixels(node.attrs.get("width", ""))
    written = source_of(node)
    if _REMOTE.match(written):
        context.warn(
            "image-remote",
            node.line,
            f"this picture is not part of the issue: {written[:100]}",
            "Save it into the issue's folder, so that it stays and print can show it.",
        )
        return Image("", alt, written, width)
    trouble = _refused(written)
    if trouble is None:
        folder = str(PurePosixPath(context.file).parent)
        found = context.shelf.take(folder, unquote(written))
        if isinstance(found, PictureTrouble) and "%" in written:
            literal = context.shelf.take(folder, written)
            found = literal if isinstance(literal, Picture) else found
        if isinstance(found, Picture):
            return Image(found.path, alt, "", width)
        trouble = found
    context.error(trouble.code, node.line, trouble.message, trouble.hint)
    return Image("", alt or stem_of(node)[:80], "", width)


def _refused(written: str) -> PictureTrouble | None:
    if not written:
        return PictureTrouble("image-missing", "this image names no file")
    if written.lower().startswith("data:"):
        return PictureTrouble(
            "image-type",
            "a picture written into the text (data:)",
            "Save it as a file beside the text.",
        )
    if written.startswith("//") or re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", written):
        return PictureTrouble("image-outside", f"not a file of the issue: {written[:100]}")
    return None


def _pixels(text: str) -> int:
    found = re.fullmatch(r"\s*(\d{1,5})(?:\.\d*)?\s*(?:px)?\s*", text)
    return int(found[1]) if found else 0
