"""Published files as they lie on disk: contained, with ETag, and with as long a life as their names allow.

Pages, styles, scripts and feeds go out packed (gzip) to whoever takes that: an issue of 43 printed pages is 139 KB of html
and 43 KB on the wire. They hold nothing secret and nothing that a visitor sent, so that packing betrays nothing.
"""

from __future__ import annotations

import gzip
import os
import re
from functools import lru_cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
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
_PACKED = frozenset([".html", ".css", ".js", ".json", ".xml", ".svg", ".txt"])
_WORTH, _MOST = 1_000, 4_000_000
"""Bytes from which, and up to which, a file is packed."""
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
        response = await super().get_response(path, scope)
        if isinstance(response, FileResponse) and _may_be_packed(response, scope):
            return await run_in_threadpool(_packed, response)
        return response

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
        if path.suffix in _PACKED:
            response.headers.add_vary_header("Accept-Encoding")
        return response


def _may_be_packed(response: FileResponse, scope: Scope) -> bool:
    asked = Headers(scope=scope)
    whole = response.status_code == 200 and "range" not in asked
    return (
        whole
        and Path(response.path).suffix in _PACKED
        and scope["method"] == "GET"
        and _takes_gzip(asked.get("accept-encoding", ""))
        and _WORTH <= int(response.headers["content-length"]) <= _MOST
    )


def _packed(response: FileResponse) -> Response:
    """The file of an answer, packed. It is read and packed here, so call it in a thread."""
    found = os.stat(response.path)
    packed = Response(_gzipped(str(response.path), found.st_mtime_ns, found.st_size))
    for name, value in response.headers.items():
        if name not in ("content-length", "accept-ranges"):
            packed.headers[name] = value
    packed.headers["content-encoding"] = "gzip"
    packed.headers["etag"] = f"W/{response.headers['etag']}"
    return packed


@lru_cache(maxsize=64)
def _gzipped(path: str, changed: int, size: int) -> bytes:
    return gzip.compress(Path(path).read_bytes(), 6, mtime=0)


def _takes_gzip(accepted: str) -> bool:
    """Whether a header Accept-Encoding names it, and not with the weight 0."""
    for one in accepted.lower().split(","):
        name, _, weight = one.replace(" ", "").partition(";q=")
        if name in ("gzip", "*"):
            return weight.rstrip("0.") != "" if weight else True
    return False


def media_type(name: str) -> str:
    """What a file of the archive is, where its ending does not tell."""
    return _TYPES[name]


def cache_control(name: str) -> str:
    """A file that is named by its content never changes; any other is asked for again, by its ETag."""
    stem = Path(name).stem
    hashed = any(_NAMED_BY_CONTENT.fullmatch(part) for part in re.split(r"[-_.]", stem))
    return FOR_EVER if hashed else ASK_AGAIN
