"""What a designer does with a theme: see which there are, copy one to change it, look at an issue in it.

A theme is a name that folders under `templates/<medium>/` and a file under `templates/tokens/` share. What a
theme does not bring is the starter's, so a copy of another theme is whole with the few files that it has.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from newsletter.editions.archive import render_archive
from newsletter.problems import NewsletterError, UsageError
from newsletter.publication import Publication, starter_templates, with_settings
from newsletter.workflow.builds import BuildReport, build
from newsletter.workflow.folders import replace_folder
from newsletter.workflow.issues import issue_slugs, read

MEDIA = ("email", "web", "print", "pages", "mail")
STARTER = "starter"
ARCHIVE = "_archive"
"""Beside the issues' folders; none of theirs begins with a line below."""
_IN_ARCHIVE = 24
"""Issues that the archive's page is shown with: enough for two years of a monthly, soon read."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Theme:
    """`media` are those that it has templates of its own for; `shipped` says that it came with the package,
    `own` that the publication has files of it, `used` that the publication's settings name it."""

    name: str
    media: tuple[str, ...]
    tokens: bool
    shipped: bool
    own: bool
    used: bool


def all_themes(publication: Publication) -> tuple[Theme, ...]:
    """Every theme that an issue could name, by name, the starter first."""
    names = {path.name for _, path in _folders(publication)}
    names |= {path.stem for path in _token_files(publication)}
    return tuple(
        _theme(publication, name) for name in sorted(names, key=lambda n: (n != STARTER, n))
    )


def copy_theme(publication: Publication, name: str, new: str) -> tuple[Path, ...]:
    """Lays a copy of a theme's files in the publication's `templates/`, under a new name; returns them, in order.

    Raises UsageError for a theme that is not there, or a name that is taken: nothing was written then.
    """
    _known(publication, name)
    if not _NAME.fullmatch(new):
        raise UsageError(f"not a theme's name: {new}", "Letters, digits, - and _; no spaces.")
    if any(theme.name == new for theme in all_themes(publication)):
        raise UsageError(f"there is a theme {new} already", "Choose another name.")
    made: list[Path] = []
    try:
        for source, target in _pairs(publication, name, new):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            made.append(target)
    except OSError as caught:
        for path in made:
            path.unlink(missing_ok=True)
        raise NewsletterError(f"cannot write the copy: {caught.strerror}") from caught
    return tuple(made)


def preview_theme(publication: Publication, name: str, issue: str = "") -> BuildReport:
    """Builds an issue (the newest, where none is named) in a theme, into `build/themes/<theme>/<issue>/`, and the archive's
    page as it would be if every issue were published, into `_archive/` beside it.

    Neither the issues nor the settings are changed. Errors in the issue do not stop it; those of the theme do.
    """
    _known(publication, name)
    slugs = issue_slugs(publication)
    if not issue and not slugs:
        raise UsageError("there is no issue to show the theme with", "Make one: newsletter new")
    wanted = issue or slugs[0]
    slug = Path(wanted.rstrip("/")).stem
    folder = publication.build_folder / "themes" / name
    archive = _archive(with_settings(publication, theme=name), slugs[:_IN_ARCHIVE])
    report = build(publication, wanted, output=folder / slug, draft=True, theme=name)
    replace_folder(folder / ARCHIVE, archive, archive)
    return report


def _archive(publication: Publication, slugs: Sequence[str]) -> dict[str, bytes]:
    """Raises ContentError for a mistake in its templates, those of the feeds among them."""
    issues = [issue for slug in slugs if (issue := read(publication, slug).issue)]
    return {file.path: file.data for file in render_archive(publication, issues)}


def _known(publication: Publication, name: str) -> None:
    names = [theme.name for theme in all_themes(publication)]
    if name not in names:
        raise UsageError(f"there is no theme {name}", f"There are: {', '.join(names)}.")


def _theme(publication: Publication, name: str) -> Theme:
    folders = [(medium, path) for medium, path in _folders(publication) if path.name == name]
    tokens = [path for path in _token_files(publication) if path.stem == name]
    shipped = starter_templates().resolve()
    places = [path.resolve() for path in (*(path for _, path in folders), *tokens)]
    media = {medium for medium, _ in folders}
    return Theme(
        name=name,
        media=tuple(medium for medium in MEDIA if medium in media),
        tokens=bool(tokens) or name == STARTER,
        shipped=any(path.is_relative_to(shipped) for path in places),
        own=any(not path.is_relative_to(shipped) for path in places),
        used=publication.settings.theme == name,
    )


def _roots(publication: Publication) -> tuple[Path, ...]:
    """The package's templates, then the publication's own, which win."""
    candidates = (starter_templates(), publication.root / "templates")
    return tuple(dict.fromkeys(path.resolve() for path in candidates if path.is_dir()))


def _folders(publication: Publication) -> list[tuple[str, Path]]:
    return [
        (medium, path)
        for root in _roots(publication)
        for medium in MEDIA
        if (root / medium).is_dir()
        for path in sorted((root / medium).iterdir())
        if path.is_dir() and _NAME.fullmatch(path.name)
    ]


def _token_files(publication: Publication) -> list[Path]:
    return [
        path
        for root in _roots(publication)
        if (root / "tokens").is_dir()
        for path in sorted((root / "tokens").glob("*.toml"))
    ]


def _pairs(publication: Publication, name: str, new: str) -> list[tuple[Path, Path]]:
    """Each file of a theme and where its copy goes; a publication's own file stands for the package's."""
    found: dict[Path, Path] = {}
    templates = publication.root / "templates"
    for medium, folder in _folders(publication):
        if folder.name == name:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                found[templates / medium / new / path.relative_to(folder)] = path
    tokens = templates / "tokens" / f"{new}.toml"
    if name == STARTER:
        found[tokens] = starter_templates() / "tokens.toml"
    for path in _token_files(publication):
        if path.stem == name:
            found[tokens] = path
    return [(source, target) for target, source in found.items()]
