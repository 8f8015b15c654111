"""Published files as they lie on disk: contained, with ETag, and with as long a life as their names allow."""

from __future__ import annotations

import os
import re
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from newsletter.web.security import ISSUES

_NAMED_BY_CONTENT = re.compile(r"[0-9a-f]{8,64}")
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"
_TYPES = {
    "feed.xml": "application/rss+xml; charset=utf-8",
    "atom.xml": "application/atom+xml; charset=utf-8",
    "feed.json": "application/feed+json; charset=utf-8",
    "sitemap.xml": "application/xml; charset=utf-8",
}
FEEDS = ("feed.xml", "atom.xml", "feed.json")
_ENDINGS = {".txt": "text/plain; charset=utf-8"}


class PublishedFiles(StaticFiles):
    """A folder of published files. Nothing outside of it is reachable, nor is anything that begins with a dot."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=True, check_dir=False)

    async def check_config(self) -> None:
        """The folder may come into being later, with the first issue that is published."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if any(part.startswith(".") for part in path.split(os.sep) if part != "."):
            raise HTTPException(404)
        return await super().get_response(path, scope)

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        path = Path(full_path)
        response.headers["cache-control"] = cache_control(path.name)
        kind = _TYPES.get(path.name) or _ENDINGS.get(path.suffix)
        if response.status_code == 200 and kind:
            response.headers["content-type"] = kind
        if path.suffix != ".pdf":
            response.headers["content-security-policy"] = ISSUES
        return response


def media_type(name: str) -> str:
    """What a file of the archive is, where its ending does not tell."""
    return _TYPES[name]


def cache_control(name: str) -> str:
    """A file that is named by its content never changes; any other is asked for again, by its ETag."""
    stem = Path(name).stem
    hashed = any(_NAMED_BY_CONTENT.fullmatch(part) for part in re.split(r"[-_.]", stem))
    return FOR_EVER if hashed else ASK_AGAIN
