"""The one Jinja environment of the editions: autoescape on, nothing undefined passes in silence.

Templates are looked up in the publication's theme, then in the package's. A mistake in a template is told
as a ContentError with the template's file and line, never as a traceback.
"""

from __future__ import annotations

import difflib
import re
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from newsletter.editions.caches import kept
from newsletter.editions.css_braces import unclosed
from newsletter.editions.terms import terms_in
from newsletter.problems import ContentError, Source, error
from newsletter.publication import Publication, starter_templates

GIVEN = "docs/themes.md says what a template is given."
"""What to do where nothing better is known."""

_BRACES = "Each { needs a }: what stands behind is lost."
_SAVE = "Save it as UTF-8."

_NO_NAME = re.compile(r"'(\w+)' is undefined|has no attribute '(\w+)'$")
_NO_MACRO = re.compile(r"'jinja2\.environment\.TemplateModule object' has no attribute '(\w+)'")


def environment(publication: Publication, medium: str, theme: str = "") -> jinja2.Environment:
    """The environment for a medium (`web`, `email`, `mail`); `theme` is the publication's when empty.

    Made once per set of folders; edited templates are read anew.
    """
    return _environment(publication.template_roots(medium, theme))


def render_template(
    publication: Publication, templates: jinja2.Environment, name: str, /, **values: object
) -> str:
    """Renders one template. Raises ContentError with file and line for a missing or wrong template."""
    try:
        return templates.get_template(name).render(values)
    except ContentError:
        raise
    except jinja2.TemplateSyntaxError as caught:
        path = Path(caught.filename or caught.name or name)
        raise _content_error(publication, path, caught.lineno, caught.message or "") from caught
    except jinja2.TemplateNotFound as caught:
        place = _place(caught, templates) or (Path(name), 0)
        hint = _near(str(caught.name), templates.list_templates()) or GIVEN
        message = f"no template {caught.name}"
        raise _content_error(publication, *place, message, hint) from caught
    except Exception as caught:
        # A template can go wrong in every way that Python can (`{{ 1 + "1" }}` is a TypeError).
        found = _place(caught, templates)
        if found is None:
            raise
        raise _content_error(publication, *found, *_explained(str(caught), values)) from caught


def template_fault(source: Source, message: str) -> ContentError:
    """What to raise where a template renders, but what it makes is not what it should be."""
    return _fault(source, message, "")


def exists(templates: jinja2.Environment, name: str) -> bool:
    """Whether a theme has a template of this name (a section's kind, say)."""
    assert templates.loader is not None
    try:
        templates.loader.get_source(templates, name)
    except jinja2.TemplateNotFound:
        return False
    return True


def theme_file(templates: jinja2.Environment, name: str) -> str:
    """The text of a theme's file as it stands (a style sheet, a script); jinja2.TemplateNotFound without it."""
    assert templates.loader is not None
    return templates.loader.get_source(templates, name)[0]


def theme_styles(templates: jinja2.Environment) -> str:
    """The web edition's style sheet: `style.css`, and behind it what a theme adds in `more.css`. ContentError for a brace
    without its counterpart."""
    names = [name for name in ("style.css", "more.css") if exists(templates, name)]
    return "".join(_closed(templates, name) for name in names)


def _closed(templates: jinja2.Environment, name: str) -> str:
    assert templates.loader is not None
    css, path, _ = templates.loader.get_source(templates, name)
    if fault := unclosed(css):
        raise _fault(
            Source(_from_base(Path(path or name)), fault[0]),
            f"{fault[1]} without its counterpart",
            _BRACES,
        )
    return css


def _from_base(file: Path) -> str:
    """As a designer knows it: a file of a web theme lies in <base>/templates/web/<theme>."""
    return file.relative_to(file.parents[3]).as_posix()


def theme_state(templates: jinja2.Environment) -> tuple[tuple[str, int, int], ...]:
    """The files of a theme with their times and sizes: another value when one was edited."""
    loader = templates.loader
    roots = loader.searchpath if isinstance(loader, jinja2.FileSystemLoader) else []
    files = (path for root in roots for path in sorted(Path(root).rglob("*")) if path.is_file())
    return tuple(
        (str(path), stat.st_mtime_ns, stat.st_size) for path in files for stat in [path.stat()]
    )


@kept(32, of_theme=True)
def _environment(roots: tuple[Path, ...]) -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=_Folders(roots),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters["unbroken"] = unbroken
    return templates


def unbroken(text: str) -> Markup:
    """A title as HTML, in which no line ends inside of a short hyphenated term (CAR-T). What is HTML already stays."""
    if isinstance(text, Markup):
        return text
    parts, done = list[str](), 0
    for begin, end in terms_in(text):
        parts += [escape(text[done:begin]), f'<span class="nw">{escape(text[begin:end])}</span>']
        done = end
    return Markup("".join((*parts, escape(text[done:]))))  # noqa: S704 - escaped above


class _Folders(jinja2.FileSystemLoader):
    """A file that is no UTF-8 is a mistake in a template like any other, at the line where it stops being text."""

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        try:
            return super().get_source(environment, template)
        except UnicodeDecodeError as caught:
            line = bytes(caught.object)[: caught.start].count(b"\n") + 1
            root = next(root for root in map(Path, self.searchpath) if (root / template).is_file())
            # A theme is <base>/templates/<medium>/<theme>.
            shown = (root / template).relative_to(root.parents[2]).as_posix()
            raise _fault(Source(shown, line), "the file is not UTF-8 text", _SAVE) from caught


def _explained(message: str, values: Mapping[str, object]) -> tuple[str, str]:
    """What Jinja says, and what may have been meant: a name that the template is given, or one within."""
    if macro := _NO_MACRO.search(message):
        return f"the file that is imported has no macro {macro[1]}", ""
    known = list(values)
    for value in values.values():
        known += [str(key) for key in value] if isinstance(value, Mapping) else []
    name = _NO_NAME.search(message)
    return message, (_near(name[1] or name[2], known) if name else "") or GIVEN


def _near(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {near[0]}?" if near else ""


def _place(caught: Exception, templates: jinja2.Environment) -> tuple[Path, int] | None:
    """Where in a template it happened: the innermost frame that lies in one (Jinja maps its lines)."""
    loader = templates.loader
    roots = loader.searchpath if isinstance(loader, jinja2.FileSystemLoader) else []
    for frame in reversed(traceback.extract_tb(caught.__traceback__)):
        if any(Path(frame.filename).is_relative_to(root) for root in roots):
            return Path(frame.filename), frame.lineno or 0
    return None


def _content_error(
    publication: Publication, path: Path, line: int, message: str, hint: str = GIVEN
) -> ContentError:
    return _fault(Source(_shown(publication, path), line), message, hint)


def _fault(source: Source, message: str, hint: str = GIVEN) -> ContentError:
    return ContentError(
        "a template has errors",
        [error("template-error", source, message, hint)],
        "See docs/themes.md for what a template is given.",
    )


def _shown(publication: Publication, path: Path) -> str:
    """A path as the editor knows it: relative to the publication, or `templates/…` of the starter theme."""
    if path.is_relative_to(publication.root):
        return path.relative_to(publication.root).as_posix()
    starter = starter_templates().parent
    return path.relative_to(starter).as_posix() if path.is_relative_to(starter) else str(path)
