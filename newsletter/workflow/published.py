"""What is published: the newest revision of each issue, read from the records under `published/revisions/`.

    published/issues/index.html, feed.xml   the archive and its feed, made anew with each revision
    published/issues/<slug>/                the web edition as readers see it; old pictures stay for ever
    published/revisions/<slug>/<n>/         revision.json and the page and PDF of that revision

A record tells what was frozen: number, title, date, and the SHA-256 of each file.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newsletter.model.issue import Correction
from newsletter.publication import Publication
from newsletter.workflow.old_records import listed

RECORD = "revision.json"
PAGE = "index.html"


@dataclass(frozen=True, slots=True)
class Published:
    """One frozen revision of an issue. `digest` is the SHA-256 over all its files; `published` is UTC."""

    slug: str
    revision: int
    digest: str
    title: str
    language: str
    published: datetime.datetime
    number: str = ""
    date: datetime.date | None = None
    preheader: str = ""
    publisher: str = ""
    articles: tuple[str, ...] = ()
    """The titles of the articles that the archive and the feeds list, in order."""
    anchors: tuple[str, ...] = ()
    """Where each stands on the page, where that is known."""
    files: Mapping[str, str] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()


def issues_folder(publication: Publication) -> Path:
    return publication.published_folder / "issues"


def revisions_folder(publication: Publication, slug: str) -> Path:
    return publication.published_folder / "revisions" / slug


def newest(publication: Publication, slug: str) -> Published | None:
    """The newest revision of an issue, None when it was never published."""
    folder = revisions_folder(publication, slug)
    if not folder.is_dir():
        return None
    numbers = sorted(
        (int(entry.name) for entry in folder.iterdir() if entry.name.isdecimal()), reverse=True
    )
    for number in numbers:
        record = folder / str(number) / RECORD
        if record.is_file():
            return _read(record)
    return None


def all_published(publication: Publication) -> tuple[Published, ...]:
    """The newest revision of every issue, the newest issue first."""
    folder = publication.published_folder / "revisions"
    if not folder.is_dir():
        return ()
    found = [newest(publication, entry.name) for entry in folder.iterdir() if entry.is_dir()]
    return tuple(sorted((one for one in found if one is not None), key=_age, reverse=True))


def record(published: Published) -> bytes:
    data: dict[str, Any] = {
        "slug": published.slug,
        "revision": published.revision,
        "digest": published.digest,
        "title": published.title,
        "language": published.language,
        "published": published.published.isoformat(),
        "number": published.number,
        "date": published.date.isoformat() if published.date else "",
        "preheader": published.preheader,
        "publisher": published.publisher,
        "articles": list(published.articles),
        "anchors": list(published.anchors),
        "files": dict(sorted(published.files.items())),
        "corrections": [
            {"date": one.date.isoformat(), "note": one.note} for one in published.corrections
        ],
    }
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()


def _read(path: Path) -> Published:
    data = json.loads(path.read_bytes())
    if "anchors" not in data:
        frozen = path.with_name(PAGE)
        kept = listed(data["articles"], frozen.read_bytes() if frozen.is_file() else b"")
        data |= {"articles": [title for _, title in kept], "anchors": [at for at, _ in kept]}
    return Published(
        slug=data["slug"],
        revision=data["revision"],
        digest=data["digest"],
        title=data["title"],
        language=data["language"],
        published=datetime.datetime.fromisoformat(data["published"]),
        number=data["number"],
        date=datetime.date.fromisoformat(data["date"]) if data["date"] else None,
        preheader=data["preheader"],
        publisher=data["publisher"],
        articles=tuple(data["articles"]),
        anchors=tuple(data["anchors"]),
        files=data["files"],
        corrections=tuple(
            Correction(datetime.date.fromisoformat(one["date"]), one["note"])
            for one in data.get("corrections", ())
        ),
    )


def _age(published: Published) -> tuple[datetime.date, str]:
    return (published.date or published.published.date(), published.slug)
