"""The one Jinja environment of the studio's own pages."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import jinja2
from starlette.responses import HTMLResponse

from newsletter.model.language import columns
from newsletter.web import problem_words, words
from newsletter.web.laid import library

PAGES = Path(__file__).resolve().parent / "pages"
STATIC = Path(__file__).resolve().parent / "static"


def page(name: str, status: int = 200, /, **values: object) -> HTMLResponse:
    """One of our pages; it is never kept by the browser, since it shows what changes."""
    html = _environment().get_template(f"{name}.html").render(values)
    return HTMLResponse(html, status, {"cache-control": "no-store"})


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(PAGES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "_": words.gettext,
        "library": library,
        "ngettext": words.ngettext,
        "ui_language": words.language,
        "ui_languages": words.LANGUAGES,
        "words_of_scripts": words.words_of_scripts,
    }
    environment.filters["kb"] = lambda count: f"{count / 1000:,.1f}"
    environment.filters["columns"] = columns
    environment.filters["message"] = problem_words.message_of
    environment.filters["hint"] = problem_words.hint_of
    environment.filters["sentence"] = problem_words.sentence
    environment.filters["fault"] = problem_words.fault
    environment.filters["reason"] = problem_words.reason
    return environment
