"""What git says of an issue, for the foot of the editor: its branch, and how many files are not saved as a version.

Asked for apart from the page, which never waits for it; where git is not there, or slow, there is nothing to see.
"""

from __future__ import annotations

import logging
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from newsletter.problems import NewsletterError
from newsletter.web.views import page
from newsletter.workflow.history import History, Standing
from newsletter.workflow.preview import PreviewDesk

_log = logging.getLogger("newsletter.web")
PATIENCE = 2.0
"""Seconds for each question to git."""


class Versions:
    """The endpoint of `/studio/{slug}/versions`."""

    def __init__(self, desk: PreviewDesk) -> None:
        self._desk = desk

    async def show(self, request: Request) -> Response:
        place = self._desk.path(request.path_params["slug"])
        return page("studio/versions", standing=await run_in_threadpool(_standing, place))


def _standing(place: Path) -> Standing | None:
    try:
        return History(place, PATIENCE).standing()
    except NewsletterError as caught:
        _log.info("no versions are told: %s", caught.message)
        return None
