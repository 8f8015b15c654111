"""CSS → style attributes. The only module that knows premailer and cssutils.

A mail is inlined piece by piece: the skeleton as a document, each block's HTML as a fragment with the same
rules. A fragment's result depends on nothing but the fragment and the rules, so it is kept, and a second
build after one changed article inlines that article alone.

What premailer does wrong is repaired here, each repair pinned by a test in tests/editions/test_inline_css.py:

- it drops a lower-case doctype (quirks mode) → put back;
- it deletes `!important`, `@font-face`, `[data-ogsc]` and `*` rules, and inlines MJML's own reset onto every
  element → style elements of a document are set apart, only the theme's own rules are inlined;
- cssutils loads `@import` from the network and from files, whatever premailer is told → no fetcher, refused;
- a style attribute that equals a tag's name crashes it, and one it cannot read is lost → fragments may
  have none;
- what it cannot inline right (`#id`, `[attribute]`, `:pseudo`, `*`, `>`, `!important`) → refused.

Importing premailer takes 0.4 s, so it is imported when first used.
"""

from __future__ import annotations

import logging
import re
from functools import cache, partial
from typing import Any

from newsletter.editions.caches import forgotten_by, kept
from newsletter.editions.css_braces import unclosed
from newsletter.editions.template_lines import Rendered
from newsletter.problems import ContentError, Problem, Source, error

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_AT_RULE = re.compile(r"@[a-z-]+", re.IGNORECASE)
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_SELECTOR = re.compile(r"[a-z][a-z0-9]*|[a-z][a-z0-9]*\.[\w-]+|\.[\w-]+", re.IGNORECASE)
_STYLE_ELEMENT = re.compile(r"<style\b", re.IGNORECASE)
_STYLE_ATTRIBUTE = re.compile(r"<[a-z][^<>]*\sstyle\s*=", re.IGNORECASE)
_TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9]*)")
_CLASSES = re.compile(r"""\bclass\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_SELECTOR_NAME = re.compile(r"\.?[\w-]+")
_STYLE_VALUE = re.compile(r' style="([^"]*)"')
_DOCTYPE = "<!doctype html>"
_IGNORE = ' data-premailer="ignore"'


def check_css(css: Rendered) -> tuple[Problem, ...]:
    """What in a theme's rules cannot be inlined, at the template's line."""
    clean = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), css.text)
    source = partial(_source, css, clean)
    if fault := unclosed(css.text):
        message = f"{fault[1]} without its counterpart"
        hint = "Each { needs a }: what stands behind is lost."
        return (error("email-css", css.source(fault[0]), message, hint),)
    problems = [
        _refused(source(found.start()), f"{found[0]} cannot be inlined")
        for found in _AT_RULE.finditer(clean)
    ]
    if problems:
        return tuple(problems)
    for rule in _RULE.finditer(clean):
        start = rule.start() + len(rule[1]) - len(rule[1].lstrip())
        for selector in rule[1].split(","):
            if not all(_SELECTOR.fullmatch(part) for part in selector.split()):
                message = f"the selector {selector.strip()} cannot be inlined"
                problems.append(_refused(source(start), message))
        if "!important" in rule[2]:
            problems.append(_refused(source(start), "!important cannot be inlined"))
    return tuple(problems)


def _source(css: Rendered, clean: str, offset: int) -> Source:
    return css.source(clean.count("\n", 0, offset) + 1)


def _refused(source: Source, message: str) -> Problem:
    hint = "Rules to inline: tag, .class, tag.class and descendants. All else belongs into head.css.j2."
    return error("email-css", source, message, hint)


@kept(512)
def inline_fragment(html: str, css: str) -> str:
    """The HTML of one block with the rules as style attributes. `html` is well-formed and has no style attribute."""
    _forbid_imports(css)
    if _STYLE_ATTRIBUTE.search(html):
        raise _content_error("a block's HTML has a style attribute; give it a class instead")
    if not html.strip():
        return ""
    page = _transform(
        f"<html><head><style>{css}</style></head><body><div>{html}</div></body></html>"
    )
    start = page.index("<body><div>") + len("<body><div>")
    return _tidy(page[start : page.rindex("</div></body>")])


@kept(64)
def inline_document(html: str, css: str) -> str:
    """A whole compiled document with the rules as style attributes; its own style elements stay as they are."""
    _forbid_imports(css)
    apart = _STYLE_ELEMENT.sub(f"<style{_IGNORE}", html)
    page = _transform(apart.replace("</head>", f"<style>{css}</style></head>", 1))
    page = re.sub(r"^\s*<!doctype[^>]*>\s*", "", page, flags=re.IGNORECASE)
    return _DOCTYPE + _tidy(page.replace(_IGNORE, ""))


def _tidy(html: str) -> str:
    """premailer writes `a:b; c:d`; a mail has thousands of these spaces."""
    return _STYLE_VALUE.sub(
        lambda found: f' style="{found[1].replace("; ", ";").rstrip(";")}"', html
    )


def _forbid_imports(css: str) -> None:
    """cssutils would load them, from anywhere."""
    found = re.search(r"@(import|charset)\b", css, re.IGNORECASE)
    if found:
        raise _content_error(f"{found[0]} in the rules of an email theme")


def _content_error(message: str) -> ContentError:
    return ContentError(message, [error("email-css", Source("templates/email"), message)])


def _transform(html: str) -> str:
    premailer = _premailer()
    return str(
        premailer(
            html,
            keep_style_tags=False,
            strip_important=False,
            disable_validation=True,
            allow_network=False,
            allow_loading_external_files=False,
            disable_basic_attributes=["align", "valign", "bgcolor", "width", "height"],
            align_floating_images=False,
            include_star_selectors=False,
            remove_classes=False,
            disable_link_rewrites=True,
            cssutils_logging_level=logging.CRITICAL,
            cache_css_parsing=True,
        ).transform(pretty_print=False)
    )


@cache
def _premailer() -> Any:
    import cssutils.util
    from premailer import Premailer
    from premailer.cache import cache as premailers_own

    cssutils.util._defaultFetcher = _fetch_nothing
    forgotten_by(premailers_own.clear, of_theme=True)

    class Sparing(Premailer):  # type: ignore[misc]
        """Has each style read by cssutils once, not twice, and looks only for the rules that a piece can need:
        that is what took most of the time. `check_css` has seen to it that rules are as simple as this takes."""

        def _parse_style_rules(self, css: str, index: int) -> tuple[list[Any], list[Any]]:
            present = _names(self.html)
            rules = [
                ((0, 0, len(classes), len(names) - len(classes), index, number), selector, style)
                for number, (selector, names, classes, style) in enumerate(_rules(css))
                if present.issuperset(names)
            ]
            return rules, []

    return Sparing


@kept(32, of_theme=True)
def _rules(css: str) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...], str], ...]:
    """Selector, the tags and classes without which it finds nothing, the classes among them, and the style."""
    rules = []
    for written, style in _RULE.findall(_COMMENT.sub("", css)):
        for selector in written.split(","):
            found = _SELECTOR_NAME.findall(selector)
            names = tuple(name if name[0] == "." else name.lower() for name in found)
            classes = tuple(name for name in names if name[0] == ".")
            if style.strip():
                rules.append((selector.strip(), names, classes, style.strip()))
    return tuple(rules)


def _names(html: str) -> set[str]:
    """The tags (`p`) and classes (`.note`) that occur in a document; its parser adds html, head and body."""
    names = {"html", "head", "body", "tbody"}
    body = html.rpartition("</style>")[2]
    names.update(tag.lower() for tag in _TAG.findall(body))
    for found in _CLASSES.finditer(body):
        names.update(f".{name}" for name in (found[1] or found[2] or found[3] or "").split())
    return names


def _fetch_nothing(url: str) -> tuple[None, bytes]:
    return None, b""
