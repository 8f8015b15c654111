"""A folder becomes an Issue.

`read_issue` reads every file once, gives sections, articles and headings their anchors, and then reads
the bodies, so that a link can lead to any part of the issue. Whatever is wrong is a Problem at its file
and line; all are collected, and what can be read is read all the same, so that a draft can be shown.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from newsletter.issues.documents import Document, empty_document, read_document, take_title
from newsletter.issues.groups import with_open_groups
from newsletter.issues.issue_keys import read_issue_keys
from newsletter.issues.layout import IssueFiles, PartFile, SectionFiles, find_files, human_name
from newsletter.issues.lone import read_lone
from newsletter.issues.metadata import ARTICLE_KEYS, SECTION_KEYS
from newsletter.issues.own_picture import own_picture
from newsletter.issues.places import LETTER, Place, Places
from newsletter.issues.teaser import make_teaser
from newsletter.model.issue import Article, Issue, Medium, Section, Treatment
from newsletter.problems import Problem, Source, error, in_order

_DATE = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")


@dataclass(frozen=True, slots=True)
class Reading:
    """`issue` is None only when nothing can be read at all. `files` are all that were read or looked for."""

    issue: Issue | None
    problems: tuple[Problem, ...]
    files: tuple[Path, ...]


def read_issue(
    path: Path, *, default_language: str, typed: Mapping[str, str] | None = None
) -> Reading:
    """Reads an issue from its folder, or from one Markdown file. Never raises for what is in it.

    `typed` are texts by file name that are read in place of what those files hold.
    """
    files = find_files(path)
    if not files.files:
        message = "there is nothing in this issue" if path.exists() else "there is no such issue"
        hint = "Write a Markdown file into the folder, or begin with: newsletter new"
        return Reading(
            None, (*files.problems, error("issue-empty", Source("."), message, hint)), ()
        )
    problems = list(files.problems)
    documents = _read_documents(files, problems, typed or {})
    places = Places(files.root, problems)
    issue = _build(files, documents, places, default_language)
    if issue is None:
        return Reading(None, in_order(problems), files.files)
    if not _has_content(issue):
        hint = "Write something under the front matter, or add a section."
        problems.append(error("issue-empty", issue.source, "there is nothing in this issue", hint))
    looked_for = tuple(places.shelf.files)
    return Reading(issue, in_order(problems), files.files + looked_for)


def _read_documents(
    files: IssueFiles, problems: list[Problem], typed: Mapping[str, str]
) -> dict[str, Document]:
    """Every text that can be read, by its name."""
    parts = [files.issue, files.lone]
    for section in files.sections:
        parts += [section.file, *section.articles]
    documents = {}
    for part in parts:
        if part is not None:
            document, found = read_document(part, typed.get(part.name))
            problems += found
            if document is not None:
                documents[part.name] = document
    return documents


def _build(
    files: IssueFiles, documents: Mapping[str, Document], places: Places, default_language: str
) -> Issue | None:
    if not documents:
        return None
    lone = files.lone or (files.issue if _is_lone(files, documents) else None)
    if lone is not None:
        issue = read_lone(documents[lone.name], human_name(files.name), default_language, places)
    else:
        issue = _read_folder(files, documents, places, default_language)
    return replace(
        with_open_groups(issue),
        slug=issue_slug(files.name),
        date=issue.date or _date_in(files.name),
        pictures=dict(places.shelf.found),
    )


def _is_lone(files: IssueFiles, documents: Mapping[str, Document]) -> bool:
    """An issue.md alone and without front matter is a text like any other."""
    if files.issue is None or files.sections:
        return False
    document = documents.get(files.issue.name)
    return document is not None and not document.has_front_matter


@dataclass(frozen=True, slots=True)
class _PlacedArticle:
    title: str
    place: Place


@dataclass(frozen=True, slots=True)
class _PlacedSection:
    title: str
    slug: str
    place: Place
    articles: tuple[_PlacedArticle, ...]


def _read_folder(
    files: IssueFiles, documents: Mapping[str, Document], places: Places, default_language: str
) -> Issue:
    """First every text gets its place, then all are read."""
    own = files.issue or PartFile(files.root / "issue.md", "issue.md", "issue")
    document = documents.get(own.name) or empty_document(own)
    keys = read_issue_keys(document, default_language, places)
    title, nodes, heading = take_title(document.tree.root.children, keys.title)
    letter = places.put(document, places.anchors.take(LETTER), nodes, heading)
    slugs = [places.anchors.take(section.slug) for section in files.sections]
    placed = [
        _place_section(section, slug, documents, places)
        for section, slug in zip(files.sections, slugs, strict=True)
    ]
    body = places.read(letter)
    return keys.issue(
        title=title or human_name(files.name),
        letter=body.blocks,
        letter_footnotes=body.footnotes,
        sections=tuple(_section(section, places) for section in placed),
    )


def _place_section(
    files: SectionFiles, slug: str, documents: Mapping[str, Document], places: Places
) -> _PlacedSection:
    file = files.file or PartFile(places.shelf.root, f"{files.name}/section.md", files.slug)
    document = documents.get(file.name) or empty_document(file)
    title, nodes, heading = take_title(document.tree.root.children, document.keys.text("title"))
    place = places.put(document, slug, nodes, heading)
    articles = tuple(
        _place_article(part, slug, documents[part.name], places)
        for part in files.articles
        if part.name in documents
    )
    return _PlacedSection(title or human_name(files.name), slug, place, articles)


def _place_article(
    part: PartFile, section: str, document: Document, places: Places
) -> _PlacedArticle:
    title, nodes, heading = take_title(document.tree.root.children, document.keys.text("title"))
    anchor = places.anchors.take(f"{section}-{part.slug}")
    place = places.put(document, anchor, nodes, heading)
    return _PlacedArticle(title or human_name(part.path.stem), place)


def _section(placed: _PlacedSection, places: Places) -> Section:
    keys = placed.place.document.keys
    treatments = keys.treatments()
    kind = keys.text("kind") or "articles"
    places.problems += keys.finish(SECTION_KEYS)
    body = places.read(placed.place)
    return Section(
        placed.place.document.source(),
        placed.slug,
        placed.title,
        kind,
        body.blocks,
        body.footnotes,
        tuple(_article(article, treatments, places) for article in placed.articles),
        treatments,
    )


def _article(placed: _PlacedArticle, above: Mapping[Medium, Treatment], places: Places) -> Article:
    document = placed.place.document
    keys = document.keys
    references = keys.references()
    body = places.read(placed.place, len(references))
    article = Article(
        source=document.source(),
        slug=document.part.slug,
        anchor=placed.place.anchor,
        title=placed.title,
        blocks=body.blocks,
        subtitle=keys.text("subtitle"),
        short_title=keys.text("short_title"),
        teaser=keys.text("teaser") or make_teaser(body.blocks),
        authors=keys.texts("authors"),
        origin=keys.origin(),
        doi=keys.doi(),
        image=own_picture(document, places, "image"),
        language=keys.language("language"),
        tags=keys.texts("tags"),
        references=references,
        links=keys.links(),
        footnotes=body.footnotes,
        treatments={**above, **keys.treatments()},
    )
    places.problems += keys.finish(ARTICLE_KEYS)
    return article


def issue_slug(name: str) -> str:
    """The folder's name, without what an address cannot hold."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "issue"


def _date_in(name: str) -> datetime.date | None:
    found = _DATE.search(name)
    try:
        return datetime.date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _has_content(issue: Issue) -> bool:
    return bool(issue.letter) or any(
        section.blocks or any(article.blocks or article.links for article in section.articles)
        for section in issue.sections
    )
