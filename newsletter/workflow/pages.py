"""The publication's own small pages (unsubscribe, not found), in its language and look.

Their templates are `templates/pages/<theme>/*.html.j2`, their words `templates/pages/words.toml`: a table a
language, the publication's file over the package's, English behind what is missing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from newsletter.editions.templates import environment, render_template
from newsletter.editions.tokens import load_tokens
from newsletter.model.language import direction, primary
from newsletter.problems import ContentError, Source, error
from newsletter.publication import Publication

FALLBACK = "en"
_TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})


def render_page(publication: Publication, name: str, **values: str) -> str:
    """One page as html. `values` are shown as text. Raises ContentError when a template is broken."""
    language = publication.settings.language
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
        tokens=tokens,
        **values,
    )


def page_words(publication: Publication, language: str) -> Mapping[str, str]:
    """The words of the pages in the nearest language that there are words for."""
    tables: dict[str, dict[str, str]] = {}
    for path in publication.template_files("pages/words.toml"):
        for tag, words in _read(path).items():
            tables[tag] = tables.get(tag, {}) | words
    chosen: dict[str, str] = {}
    for tag in (FALLBACK, *_tags(language)):
        chosen |= tables.get(tag, {})
    return chosen


def _tags(language: str) -> tuple[str, ...]:
    """The tables of a tag, the most general first."""
    tag = language.replace("_", "-")
    if primary(tag) == "zh":
        traditional = _TRADITIONAL & set(tag.lower().split("-"))
        return ("zh-Hant",) if traditional else ("zh-Hans",)
    return (primary(tag), tag)


def _read(path: Path) -> dict[str, dict[str, str]]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as caught:
        problem = error(
            "words-syntax", Source("templates/pages/words.toml"), f"not valid TOML: {caught}"
        )
        raise ContentError("a file of words has errors", [problem]) from caught
    return {
        tag: {key: str(value) for key, value in words.items()}
        for tag, words in tables.items()
        if isinstance(words, dict)
    }
