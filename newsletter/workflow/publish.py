"""Publish: an issue's web edition is frozen as a revision, for `newsletter serve` or any static host.

The folder readers see is swapped whole, so nobody sees half of it. Pictures of earlier revisions stay in
it: a mail sent years ago keeps its pictures. Content that did not change makes no new revision.
"""

from __future__ import annotations

import datetime
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from newsletter.editions.archive import COVER
from newsletter.editions.around import placed_among
from newsletter.editions.feeds import listed_articles
from newsletter.editions.page_images import cover_jpeg
from newsletter.editions.web import Neighbours
from newsletter.problems import (
    ContentError,
    NewsletterError,
    Problem,
    TryAgainLater,
    has_errors,
    in_order,
)
from newsletter.publication import Publication
from newsletter.workflow import builds, published
from newsletter.workflow.archive import archive_files, neighbours_of
from newsletter.workflow.corrections import corrections_of
from newsletter.workflow.folders import replace_folder
from newsletter.workflow.issues import read
from newsletter.workflow.published import RECORD, Published

PAGE = published.PAGE

PICTURES = "pictures/"
"""Where an issue's pictures lie; their names are their content's, so that old and new never collide."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A frozen web edition. `new` is False when the content was published before, unchanged."""

    slug: str
    number: int
    digest: str
    url: str
    folder: Path
    new: bool
    problems: tuple[Problem, ...] = ()


def publish(publication: Publication, argument: str, *, correction: str = "") -> Revision:
    """Freezes the web edition of an issue, with the mail's pictures, the PDF and its cover, and renews the archive.
    `correction` is a note of what was wrong before; it stays at the issue's head from now on.

    Raises ContentError when the issue has errors: what is published then stays as it is.
    """
    found = read(publication, argument, correction=correction)
    if found.issue is None:
        raise ContentError(f"{argument} could not be read", in_order(found.problems))
    rendered = builds.render(publication, found.issue, found.problems)
    if has_errors(rendered.problems) or rendered.web is None or rendered.print is None:
        raise ContentError(
            f"{argument} has errors", rendered.problems, "What is published stays as it is."
        )
    files = {file.path: file.data for file in builds.web_files(rendered)}
    files[COVER] = cover_jpeg(rendered.print.pdf)
    try:
        with _alone(publication):
            revision, new = _freeze(publication, rendered, files, correction)
    except OSError as caught:
        raise NewsletterError(
            f"cannot write {publication.published_folder}: {caught.strerror}",
            "What was published before still is.",
        ) from caught
    slug = found.issue.slug
    return Revision(
        slug=slug,
        number=revision.revision,
        digest=revision.digest,
        url=publication.issue_url(slug),
        folder=published.issues_folder(publication) / slug,
        new=new,
        problems=rendered.problems,
    )


def _freeze(
    publication: Publication, rendered: builds.Rendered, files: dict[str, bytes], correction: str
) -> tuple[Published, bool]:
    """The revision that holds these files: the newest one where it does, else a new one."""
    issue = rendered.issue
    hashes = {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}
    digest = _digest(hashes)
    last = published.newest(publication, issue.slug)
    new = last is None or last.digest != digest
    revision = last
    if revision is None or new:
        listed = listed_articles(issue)
        revision = Published(
            slug=issue.slug,
            revision=last.revision + 1 if last else 1,
            digest=digest,
            title=issue.title,
            language=issue.language,
            published=datetime.datetime.now(datetime.UTC).replace(microsecond=0),
            number=issue.number,
            date=issue.date,
            preheader=issue.preheader,
            publisher=issue.publisher,
            articles=tuple(title for _, title in listed),
            anchors=tuple(anchor for anchor, _ in listed),
            files=hashes,
            corrections=corrections_of(publication, issue.slug, correction),
        )
        _keep(publication, revision, files)
    every = published.all_published(publication)
    around = neighbours_of(publication, every)
    page = placed_among(files[PAGE], publication, issue.language, around[issue.slug])
    _show(publication, issue.slug, {**files, PAGE: page})
    if new:
        _show_around(publication, issue.slug, every, around)
    archive = archive_files(publication, every)
    replace_folder(published.issues_folder(publication), archive, tuple(archive))
    return revision, new


def _show_around(
    publication: Publication,
    slug: str,
    every: Sequence[Published],
    around: Mapping[str, Neighbours],
) -> None:
    """The issues before and after this one lead to it from now on."""
    slugs = [one.slug for one in every]
    at = slugs.index(slug)
    for one in (*every[max(0, at - 1) : at], *every[at + 1 : at + 2]):
        revision = published.revisions_folder(publication, one.slug) / str(one.revision)
        shown = published.issues_folder(publication) / one.slug
        if not (revision / PAGE).is_file() or not shown.is_dir():
            continue
        page = placed_among(
            (revision / PAGE).read_bytes(), publication, one.language, around[one.slug]
        )
        with tempfile.NamedTemporaryFile(dir=shown, prefix=".page-", delete=False) as file:
            file.write(page)
        os.chmod(file.name, 0o644)
        os.replace(file.name, shown / PAGE)


def _digest(hashes: Mapping[str, str]) -> str:
    lines = "".join(f"{digest}  {path}\n" for path, digest in sorted(hashes.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _keep(publication: Publication, revision: Published, files: Mapping[str, bytes]) -> None:
    """The record of a revision with its pages; its pictures, named by their content, stay with the issue."""
    folder = published.revisions_folder(publication, revision.slug) / str(revision.revision)
    kept = {path: data for path, data in files.items() if not path.startswith(PICTURES)}
    kept[RECORD] = published.record(revision)
    replace_folder(folder, kept, tuple({path.split("/")[0] for path in kept}))


def _show(publication: Publication, slug: str, files: Mapping[str, bytes]) -> None:
    """Puts the files where readers see them, with every older picture beside them."""
    folder = published.issues_folder(publication) / slug
    pictures = (path for path in (folder / PICTURES).rglob("*") if path.is_file())
    older = {path.relative_to(folder).as_posix(): path for path in pictures}
    stays = {name: path.read_bytes() for name, path in older.items() if name not in files}
    tops = {name.split("/")[0] for name in (*stays, *files)}
    tops |= {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
    replace_folder(folder, {**stays, **files}, tops)


@contextmanager
def _alone(publication: Publication) -> Iterator[None]:
    """One publishing at a time in a publication."""
    publication.published_folder.mkdir(parents=True, exist_ok=True)
    with (publication.published_folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as caught:
            raise TryAgainLater("somebody else is publishing just now") from caught
        yield
