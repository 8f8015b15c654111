"""The corrections of an issue: those that its newest revision tells of, and one that is to be published."""

from __future__ import annotations

import datetime

from newsletter.editions.corrections import with_corrections
from newsletter.model.issue import Correction, Issue
from newsletter.publication import Publication
from newsletter.workflow import published
from newsletter.workflow.scheduling import zone_of


def corrected(publication: Publication, issue: Issue, note: str = "") -> Issue:
    """An issue with its notes of corrections, `note` among them."""
    return with_corrections(issue, corrections_of(publication, issue.slug, note), publication)


def corrections_of(publication: Publication, slug: str, note: str = "") -> tuple[Correction, ...]:
    """What was corrected in an issue, the oldest first; a note that is told already is not told again."""
    last = published.newest(publication, slug)
    told = last.corrections if last else ()
    if not note or any(one.note == note for one in told):
        return told
    zone = datetime.UTC if publication.settings.timezone == "UTC" else zone_of(publication)
    return (*told, Correction(datetime.datetime.now(zone).date(), note))
