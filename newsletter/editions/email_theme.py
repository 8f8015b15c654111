"""A theme of the mail: its templates, rules, words and tokens, and the two things they make: rows and the skeleton.

A row is the HTML of one part of the mail with its rules inlined. The skeleton is the compiled and inlined
layout with an opaque token for each row, so that it depends on the order of rows and on nothing written.
Both are kept by their content (see `mjml.py` and `inline_css.py`): what did not change is not made again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from newsletter.editions.inline_css import check_css, inline_document, inline_fragment
from newsletter.editions.mjml import compile_mjml
from newsletter.editions.template_lines import Rendered, render_with_lines
from newsletter.editions.templates import environment, exists, render_template, theme_state
from newsletter.editions.tokens import Size, Tokens, load_tokens
from newsletter.editions.words import Words, load_words
from newsletter.model.issue import Issue
from newsletter.model.language import direction, is_han, primary
from newsletter.problems import ContentError, Problem
from newsletter.publication import Publication

KINDS = "kinds/{}.html.j2"
PLAIN_KIND = "articles"


@dataclass(frozen=True, slots=True)
class ShownSize:
    """A size of the tokens as CSS writes it."""

    pixels: str
    line: str
    phone_pixels: str
    phone_line: str


class EmailTheme:
    """The theme of one issue. `problems` are those of the publication's tokens."""

    def __init__(self, issue: Issue, publication: Publication) -> None:
        self.publication = publication
        self.words: Words = load_words(publication, issue.language)
        self.problems: tuple[Problem, ...]
        self._tokens, self.problems = load_tokens(publication, issue.theme)
        self._templates = environment(publication, "email", issue.theme)
        self._looks = _looks(issue.language, self._tokens)
        self.css = self._checked_css()
        self.state = (theme_state(self._templates), self._looks, self.css)
        """All that a row is made of besides its own values."""
        self._kinds: dict[str, bool] = {}

    def row(self, template: str, **values: object) -> str:
        """The HTML of a row, with style attributes; empty when the template makes nothing of the values."""
        html = render_template(
            self.publication,
            self._templates,
            template,
            **self._looks,
            words=self.words,
            **values,
        )
        return inline_fragment(html.strip(), self.css)

    def sans(self, language: str) -> str:
        """The fonts of a language's text."""
        return str(_fonts(language, self._tokens)["sans"])

    def has_kind(self, kind: str) -> bool:
        if kind not in self._kinds:
            self._kinds[kind] = exists(self._templates, KINDS.format(kind))
        return self._kinds[kind]

    def kind_template(self, kind: str) -> str:
        """The template of a section's kind; that of plain articles for one that the theme does not know."""
        return KINDS.format(kind if self.has_kind(kind) else PLAIN_KIND)

    @property
    def paper(self) -> str:
        """The ground that text and pictures stand on in the light."""
        return self._tokens.light["paper"]

    def skeleton(self, tokens: Mapping[str, str], pieces: Sequence[tuple[str, str]]) -> str:
        """The whole mail with tokens in it: `tokens` for its fixed places, and (row class, token) for each row."""
        return inline_document(compile_mjml(self.mjml(tokens, pieces)), self.css)

    def mjml(self, tokens: Mapping[str, str], pieces: Sequence[tuple[str, str]]) -> Rendered:
        """The source of the skeleton, before it is compiled."""
        rows = [{"row": row, "token": token} for row, token in pieces]
        return render_with_lines(
            self.publication,
            self._templates,
            "skeleton.mjml.j2",
            **self._looks,
            **tokens,
            pieces=rows,
        )

    def _checked_css(self) -> str:
        css = render_with_lines(self.publication, self._templates, "inline.css.j2", **self._looks)
        problems = check_css(css)
        if problems:
            raise ContentError("the email theme has errors", problems)
        return css.text


def _looks(language: str, tokens: Tokens) -> dict[str, object]:
    """What every template of a theme is given."""
    right = direction(language) == "rtl"
    return {
        "language": language,
        "direction": direction(language),
        "start": "right" if right else "left",
        "end": "left" if right else "right",
        "light": tokens.light,
        "dark": tokens.dark,
        "fonts": _fonts(language, tokens),
        "wide": is_wide_script(language),
        "size": {role: _shown(size) for role, size in tokens.email.items()},
    }


def is_wide_script(language: str) -> bool:
    """Chinese, Japanese, Korean: fonts of their own, whose apostrophes and quotation marks are as wide as a
    character; letters that may be spaced and have no italics."""
    return is_han(language) or primary(language) == "ko"


def _fonts(language: str, tokens: Tokens) -> dict[str, Markup]:
    """The lists of fonts for a language: `sans`, `serif`, `mono`."""
    names = ("sans", "serif", "mono")
    latin = "" if is_wide_script(language) else "-latin"
    # Checked by load_tokens: no quotes that could end an attribute, no braces.
    return {name: Markup(tokens.fonts.get(name + latin, tokens.fonts[name])) for name in names}  # noqa: S704


def _shown(size: Size) -> ShownSize:
    return ShownSize(
        f"{size.pixels:g}", f"{size.line:g}", f"{size.phone_pixels:g}", f"{size.phone_line:g}"
    )
