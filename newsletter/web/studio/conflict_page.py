"""A conflict for a person without scripts: both sides line by line, and three ways on."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.responses import HTMLResponse

from newsletter.web.studio.choice import Choice
from newsletter.web.views import page
from newsletter.workflow.editing import Conflict
from newsletter.workflow.merging import Agreed


def conflict_page(conflict: Conflict, slug: str, choice: Choice) -> HTMLResponse:
    return page(
        "studio/conflict",
        409,
        conflict=conflict,
        places=tuple(_places(conflict)),
        slug=slug,
        choice=choice,
        back=choice.address(file=conflict.file),
    )


def _places(conflict: Conflict) -> Iterator[tuple[int, tuple[str, ...], tuple[str, ...]]]:
    """Each disputed place: the line where it begins in the file, what was typed, what the file says."""
    line = 1
    for region in conflict.merged.regions:
        if isinstance(region, Agreed):
            line += len(region.lines)
        else:
            yield line, region.mine, region.theirs
            line += len(region.theirs)
