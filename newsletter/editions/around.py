"""What leads from an issue's page to the others: put into the page when it is shown, not when it is frozen.

Which issue comes next is known only later, and must not make another revision of this one. So a page is frozen with
marks where those links belong (`around.html.j2` of a web theme sets them). A page without marks stays as it is.
"""

from __future__ import annotations

from newsletter.editions.templates import environment, render_template
from newsletter.editions.web import Neighbours
from newsletter.editions.words import load_words
from newsletter.publication import Publication

PARTS = ("head", "bar", "between", "ways")


def placed_among(
    page: bytes, publication: Publication, language: str, neighbours: Neighbours
) -> bytes:
    """A frozen page with the links to what is around it. Raises ContentError for a mistake in the template."""
    templates = environment(publication, "web")
    words = load_words(publication, language)
    for part in PARTS:
        mark = f"<!--around:{part}-->".encode()
        if mark in page:
            links = render_template(
                publication,
                templates,
                "around.html.j2",
                part=part,
                neighbours=neighbours,
                publication=publication.settings,
                words=words,
            )
            page = page.replace(mark, links.strip().encode(), 1)
    return page
