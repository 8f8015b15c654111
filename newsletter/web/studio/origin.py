"""Only pages of ours change anything: requests that could are refused when another site sent them.

Browsers say where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`; programs that are no
browser say neither and are let through, since nobody can be tricked into running them. (The method of Go's
net/http.CrossOriginProtection.)
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request

from newsletter.web.security import same_host


def sent_by_others(connection: HTTPConnection) -> bool:
    """Whether a page of another site sent a request."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    return not same_host(connection.headers.get("origin"), connection.headers.get("host"))


def refuse_other_sites(request: Request) -> None:
    """Raises 403 for a request that a page of another site sent."""
    if sent_by_others(request):
        raise HTTPException(403, "Only the studio's own pages may change an issue.")
