"""Growth and sources of a list as charts, each over a table with the same numbers."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.problems import UsageError
from newsletter.web.problem_words import error_message
from newsletter.web.studio.people_charts import growth_chart, source_bars
from newsletter.web.studio.people_frame import AT, Frame
from newsletter.web.words import gettext
from newsletter.workflow.growth import growth, sources
from newsletter.workflow.lists import all_lists


class GrowthPage:
    """`GET /subscribers/growth?list=…&by=week|month`."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        return [Route(f"{AT}/growth", self._frame.shown(self._show), methods=["GET"])]

    def _show(self, request: Request, told: str) -> Response:
        publication, query = self._frame.publication, request.query_params
        by = "month" if query.get("by") == "month" else "week"
        status = 200
        try:
            grown = growth(publication, query.get("list", ""), by=by)
        except UsageError as caught:
            told, status = error_message(caught.message), 404
            grown = growth(publication, by=by)
        return self._frame.page(
            request,
            "growth",
            "growth",
            status,
            told=told,
            lists=all_lists(publication),
            grown=grown,
            by=by,
            chart=growth_chart(grown),
            bars=source_bars(sources(publication, grown.list_name)),
            source_word=source_word,
        )


def source_word(source: str) -> str:
    """A source of consent in words; those that people wrote themselves stay as they are."""
    known = {
        "": gettext("not known"),
        "sign-up form": gettext("sign-up form"),
        "preferences page": gettext("preferences page"),
        "cli": gettext("command line"),
        "studio": gettext("the studio"),
    }
    if source.startswith("import:"):
        return gettext("import of %(file)s", file=source.removeprefix("import:"))
    if source.startswith("bulk:"):
        return gettext("many at once, by %(name)s", name=source.removeprefix("bulk:"))
    return known.get(source, source)
