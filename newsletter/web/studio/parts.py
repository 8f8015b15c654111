"""Parts of pages: what htmx asks for when it puts one in anew (its documentation: HX-Target, `<hx-partial>`).

A request names the element that its answer goes into. Whoever answers may then send that part alone; a whole page is
never wrong, but dearer. Nothing is allowed or refused by these headers: they are what a page of ours says about itself.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request


def part_of(request: Request) -> str:
    """The id of the element that the answer goes into; empty when the whole page is asked for."""
    return request.headers.get("hx-target", "").partition("#")[2]


def shown_before(request: Request, name: str) -> str:
    """What the address of the page said of `name` before this request."""
    query = urlsplit(request.headers.get("hx-current-url", "")).query
    return parse_qs(query).get(name, [""])[0]
