"""The subscriber manager: every page under `/subscribers`, one module each.

    /subscribers                       who there is: search, filters, pages        people_list
    /subscribers/<number>              one person                                  people_person
    /subscribers/bulk                  many at once                                people_bulk
    /subscribers/import/…, imports     bringing a file in, and undoing it          people_import
    /subscribers/growth                charts                                      people_growth
    /subscribers/lists, segments, suppressions

The same workflow functions as the command line; nothing is decided here.
"""

from __future__ import annotations

from starlette.routing import Route

from newsletter.web.studio.people_bulk import BulkPages
from newsletter.web.studio.people_frame import Frame
from newsletter.web.studio.people_growth import GrowthPage
from newsletter.web.studio.people_import import ImportPages
from newsletter.web.studio.people_list import Listings, ListPage
from newsletter.web.studio.people_lists import ListsPage
from newsletter.web.studio.people_person import PersonPage
from newsletter.web.studio.people_segments import SegmentsPage
from newsletter.web.studio.people_suppressions import SuppressionsPage
from newsletter.workflow.preview import PreviewDesk


class People:
    """All of its endpoints."""

    def __init__(self, desk: PreviewDesk) -> None:
        frame = Frame(desk)
        self._imports = ImportPages(frame)
        listings = Listings(frame)
        self._parts = (
            ListPage(frame, listings),
            BulkPages(frame, listings),
            self._imports,
            GrowthPage(frame),
            ListsPage(frame),
            SegmentsPage(frame),
            SuppressionsPage(frame),
            PersonPage(frame),
        )

    def routes(self) -> list[Route]:
        return [route for part in self._parts for route in part.routes()]

    def stop(self) -> None:
        """The server ends: imports that run are stopped, and have done nothing."""
        self._imports.stop()
