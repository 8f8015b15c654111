"""Issue → WebEdition: one self-contained folder with the whole issue, `index.html` and what it shows.

The page asks nothing of other servers, holds no personal link, and reads without its script. Its templates
are `templates/web/<theme>/`: `index.html.j2`, `kinds/<kind>.html.j2` for a section, `style.css`, `contents.js`.
Pictures are as the editor laid them, named by content hash, so that an address once sent out never shows
another picture.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import jinja2

from newsletter.editions.html import Surroundings
from newsletter.editions.markers import source_markers
from newsletter.editions.plan import written_plan
from newsletter.editions.social_card import HEIGHT, WIDTH, social_card
from newsletter.editions.social_card import NAME as CARD
from newsletter.editions.templates import (
    environment,
    exists,
    render_template,
    theme_file,
    theme_styles,
)
from newsletter.editions.tokens import load_tokens
from newsletter.editions.web_style import style_sheet
from newsletter.editions.web_views import SectionView, Viewer
from newsletter.editions.words import load_words
from newsletter.model.edition import EditionFile, WebEdition
from newsletter.model.issue import Issue, Medium
from newsletter.model.language import direction
from newsletter.model.picture import Picture
from newsletter.publication import Publication

_EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/svg+xml": "svg",
    "image/avif": "avif",
}
"""Below this many pixels social sites show no picture."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What stands around an issue on the site; only what exists is linked. Addresses may be relative."""

    previous: Neighbour | None = None
    next: Neighbour | None = None
    archive_url: str = ""
    feed_url: str = ""
    subscribe_url: str = ""

    @property
    def alone(self) -> bool:
        """A page that is given none now may be given them later (`around`)."""
        return self == Neighbours()


ALONE = Neighbours()


def render_web(
    issue: Issue, publication: Publication, *, neighbours: Neighbours = ALONE, pdf_name: str = ""
) -> WebEdition:
    """`pdf_name` is the file beside `index.html` that holds the print edition, empty when there is none.

    Raises ContentError for a mistake in a template.
    """
    templates = environment(publication, "web", issue.theme)
    tokens, problems = load_tokens(publication, issue.theme)
    pictures: dict[str, EditionFile] = {}
    page = _page(issue, publication, templates, pictures, neighbours, pdf_name)
    style = style_sheet(tokens, theme_styles(templates), page)
    card = social_card(issue, publication, templates, tokens, issue_line(issue, publication))
    files = [
        EditionFile("index.html", "text/html", page.encode()),
        EditionFile("style.css", "text/css", style.encode()),
        EditionFile(
            "contents.js", "text/javascript", theme_file(templates, "contents.js").encode()
        ),
        EditionFile(CARD, "image/png", card),
        *(pictures[path] for path in sorted(pictures)),
    ]
    return WebEdition(tuple(files), problems)


def picture_path(picture: Picture) -> str:
    """Where a picture lies in the folder: `pictures/<16 hexadecimal digits>.<ext>`."""
    extension = _EXTENSIONS.get(picture.media_type, "bin")
    return f"pictures/{picture.digest[:16]}.{extension}"


def _page(
    issue: Issue,
    publication: Publication,
    templates: jinja2.Environment,
    pictures: dict[str, EditionFile],
    neighbours: Neighbours,
    pdf_name: str,
) -> str:
    web_url = publication.issue_url(issue.slug)
    words = load_words(publication, issue.language)

    def address_of(picture: Picture) -> str:
        path = picture_path(picture)
        pictures[path] = EditionFile(path, picture.media_type, picture.data)
        return path

    def surroundings(anchor: str, language: str) -> Surroundings:
        return Surroundings(
            language=language or issue.language,
            words=load_words(publication, language) if language else words,
            anchor=anchor,
            pictures=issue.pictures,
            address_of=address_of,
            web_url=web_url,
        )

    viewer = Viewer(issue, written_plan(issue, Medium.WEB), surroundings)
    sections = [view for section in issue.sections if (view := viewer.section(section))]
    standfirst = source_markers(issue.preheader, None, web_url=web_url)
    return render_template(
        publication,
        templates,
        "index.html.j2",
        issue=issue,
        publication=publication.settings,
        words=words,
        language=issue.language,
        direction=direction(issue.language),
        issue_line=issue_line(issue, publication),
        standfirst=standfirst,
        description=standfirst or publication.settings.description,
        letter=viewer.letter(),
        sections=sections,
        templates_of=_kind_templates(templates, sections),
        article_count=sum(len(section.articles) or 1 for section in sections),
        canonical=issue.canonical or web_url,
        web_url=web_url,
        card=web_url + CARD,
        card_size=(WIDTH, HEIGHT),
        neighbours=neighbours,
        pdf_name=pdf_name,
    )


def issue_line(issue: Issue, publication: Publication) -> tuple[str, ...]:
    """“2024 年第 4 期”, “2024.04.30” and the publisher, as far as they are known."""
    words = load_words(publication, issue.language)
    parts = (
        words.issue_number(issue.number) if issue.number else "",
        words.date(issue.date) if issue.date else "",
        issue.publisher or publication.settings.publisher,
    )
    return tuple(part for part in parts if part)


def _kind_templates(
    templates: jinja2.Environment, sections: Iterable[SectionView]
) -> dict[str, str]:
    """The template of every kind; a kind that no theme knows is set as `articles`."""
    kinds = {section.kind for section in sections}
    names = {kind: f"kinds/{kind}.html.j2" for kind in kinds if kind.replace("-", "").isalnum()}
    return {
        kind: names[kind]
        if kind in names and exists(templates, names[kind])
        else "kinds/articles.html.j2"
        for kind in kinds
    }
