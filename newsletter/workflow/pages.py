"""The publication's own small pages (unsubscribe, not found), in its language and look.

Their templates are `templates/pages/<theme>/*.html.j2`; their words stand with those of the editions in
`templates/words/<language>.toml` and `templates/words/readers/<language>.toml`, so that `[words]` of newsletter.toml words a page as well.
"""

from __future__ import annotations

from newsletter.editions.templates import environment, render_template
from newsletter.editions.tokens import load_tokens
from newsletter.editions.words import Words, has_words, load_words
from newsletter.model.clicks import Clicks
from newsletter.model.language import direction
from newsletter.publication import Publication


def render_page(
    publication: Publication, name: str, /, language: str = "", **values: object
) -> str:
    """One page as html, in a reader's `language` where there are words for it, else the publication's.
    `values` are shown as text. Raises ContentError when a template is broken."""
    language = page_language(publication, language)
    tokens, _ = load_tokens(publication)
    return render_template(
        publication,
        environment(publication, "pages"),
        f"{name}.html.j2",
        publication=publication.settings,
        home=f"{publication.base_url}/",
        language=language,
        direction=direction(language),
        words=page_words(publication, language),
        tracking=tracking_words(publication, language),
        tokens=tokens,
        **values,
    )


def page_language(publication: Publication, wanted: str) -> str:
    """The language of a page for somebody who reads `wanted`."""
    if wanted and has_words(publication, wanted, part="readers"):
        return wanted
    return publication.settings.language


def speaks_to_readers(publication: Publication, wanted: str) -> bool:
    """Whether the page that somebody sees who reads `wanted` has all its words in one language."""
    return has_words(publication, page_language(publication, wanted), part="readers")


def page_words(publication: Publication, language: str) -> Words:
    """The words of the pages and of the system's own mails, in the nearest language that there are words for."""
    own = load_words(publication, language)
    return Words(language, {**own, **load_words(publication, language, part="readers")})


def tracking_words(publication: Publication, language: str) -> str:
    """What is kept of clicks, as readers are told; empty where nothing is."""
    kept = publication.click_rules.mode
    return "" if kept is Clicks.OFF else page_words(publication, language)[f"clicks_{kept}"]


def consent_words(publication: Publication, language: str) -> str:
    """What somebody says yes to when they sign up, as it is kept with their consent: what is kept of them is in it."""
    said = page_words(publication, language)["subscribe_consent"]
    parts = (said.replace("{name}", publication.name), tracking_words(publication, language))
    return " ".join(part for part in parts if part)
