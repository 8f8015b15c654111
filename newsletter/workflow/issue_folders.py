"""Issues as folders: a copy of one, another name, put away and taken back.

Nothing is deleted here: what is put away lies in `.studio/trash/` of the publication, and can be taken back.
"""

from __future__ import annotations

import datetime
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from newsletter.problems import NewsletterError, UsageError
from newsletter.publication import Publication
from newsletter.workflow.issues import find_issue, issue_slugs
from newsletter.workflow.parts import put_away

_SLUG = re.compile(r"\w[\w.-]*")
_PUT_AWAY = re.compile(r"(?P<stamp>\d{8}-\d{6})(?:-\d)?-(?P<slug>.+)")


@dataclass(frozen=True, slots=True)
class PutAway:
    """An issue in the trash. `name` is its folder's there; `when` is local time."""

    name: str
    slug: str
    when: datetime.datetime


def duplicate(publication: Publication, slug: str, new: str) -> Path:
    """A whole copy of an issue under another name."""
    source = find_issue(publication, slug)
    target = _free(publication, new, source)
    try:
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copyfile(source, target)
    except OSError as caught:
        raise NewsletterError(f"{slug} cannot be copied: {caught.strerror}") from caught
    return target


def rename(publication: Publication, slug: str, new: str) -> Path:
    """Another name for an issue. One that was published keeps its old address: its readers have that."""
    source = find_issue(publication, slug)
    if (publication.published_folder / "revisions" / slug).is_dir():
        raise UsageError(
            f"{slug} was published under this name", "Duplicate it to go on under another."
        )
    target = _free(publication, new, source)
    try:
        os.rename(source, target)
    except OSError as caught:
        raise NewsletterError(f"{slug} cannot be renamed: {caught.strerror}") from caught
    return target


def trash(publication: Publication, slug: str) -> Path:
    """Puts an issue away; what was published of it stays."""
    return put_away(publication.root, find_issue(publication, slug), slug)


def trashed(publication: Publication) -> tuple[PutAway, ...]:
    """Issues that were put away, the last one first."""
    folder = publication.root / ".studio" / "trash"
    found: list[PutAway] = []
    for path in sorted(folder.iterdir(), reverse=True) if folder.is_dir() else ():
        named = _PUT_AWAY.fullmatch(path.name)
        if named and path.is_dir() and (path / "issue.md").is_file():
            when = datetime.datetime.strptime(named["stamp"], "%Y%m%d-%H%M%S").astimezone()
            found.append(PutAway(path.name, named["slug"], when))
    return tuple(found)


def take_back(publication: Publication, name: str) -> Path:
    """Lays an issue that was put away back where it was. Raises UsageError when its name is taken by now."""
    known = {one.name: one for one in trashed(publication)}
    if name not in known:
        raise UsageError(f"nothing of this name was put away: {name}")
    source = publication.root / ".studio" / "trash" / name
    target = _free(publication, known[name].slug, source)
    try:
        os.rename(source, target)
    except OSError as caught:
        raise NewsletterError(f"{name} cannot be taken back: {caught.strerror}") from caught
    return target


def _free(publication: Publication, slug: str, source: Path) -> Path:
    if not _SLUG.fullmatch(slug):
        raise UsageError(f"not a name for an issue: {slug}", "Use letters, digits, - and _.")
    if slug in issue_slugs(publication):
        raise UsageError(f"issues/{slug} exists already", "Choose another name.")
    return publication.issues_folder / (f"{slug}.md" if source.is_file() else slug)
