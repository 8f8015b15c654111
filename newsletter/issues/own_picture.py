"""A picture that front matter names: an article's own, or the cover's.

What can go wrong: it is not there, no picture, too large (an error of the shelf at the key's line), or on the web
(a warning; it is left out).
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from newsletter.issues.documents import Document
from newsletter.issues.pictures import PictureTrouble
from newsletter.issues.places import Places
from newsletter.model.issue import NO_COVER
from newsletter.problems import Source, warning


def own_picture(document: Document, places: Places, key: str) -> str:
    """The key into the issue's pictures of the one that `key` names, else empty."""
    written = document.keys.text(key)
    if not written:
        return ""
    if re.match(r"https?://", written):
        message = f"{key}: this picture is not part of the issue: {written[:100]}"
        hint = "Save it into the issue's folder."
        source = Source(document.name, document.keys.line(key))
        places.problems.append(warning("image-remote", source, message, hint))
        return ""
    found = places.shelf.take(str(PurePosixPath(document.name).parent), written)
    if isinstance(found, PictureTrouble):
        document.keys.tell(found.code, key, found.message, found.hint)
        return ""
    return found.path


def cover_picture(document: Document, places: Places) -> str:
    """The same for `cover`, which may also say that there is to be none."""
    if document.keys.text("cover").lower() == NO_COVER:
        return NO_COVER
    return own_picture(document, places, "cover")
