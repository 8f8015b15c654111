"""Sections and articles of an issue as files: a new one, one moved, one put away.

The order of an issue is the order of its names, so moving is renaming. Links and pictures between the files
keep leading where they led. A move that fails in the middle is taken back; what is put away lies in
`.studio/trash/` of the publication until somebody deletes it there.
"""

from __future__ import annotations

import datetime
import json
import os
import posixpath
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote

from newsletter.issues.headings import slugify
from newsletter.issues.layout import SectionFiles, find_files, order_key
from newsletter.problems import NewsletterError, UsageError
from newsletter.workflow.source_files import write_whole

_NUMBERED = re.compile(r"\d+[-_. ]+(?P<rest>.+)", re.DOTALL)
_ADDRESS = re.compile(
    r"(?P<before>\]\(\s*<?|\b(?:src|href)=\"|^image:[ \t]*\"?)(?P<url>[^\s)\">#][^\s)\">]*)", re.M
)


def new_part(issue: Path, title: str, section: str = "") -> str:
    """Starts an article at the end of a section, or a section at the end of the issue; returns its file."""
    words = " ".join(title.split())
    if not words:
        raise UsageError("a new part needs a title")
    root = _folder(issue)
    if section:
        folder = root / section
        if section not in _sections(root) or not folder.is_dir():
            raise UsageError(f"no such section: {section}")
        names = [path.name for path in folder.glob("*.md") if path.name != "section.md"]
        name = f"{section}/{_next(names)}-{_stem(words)}.md"
    else:
        name = f"{_next(list(_sections(root)))}-{_stem(words)}/section.md"
    path = root / name
    if path.exists():
        raise UsageError(f"{name} is there already")
    text = f"---\ntitle: {json.dumps(words, ensure_ascii=False)}\n---\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, (text + ("\n" if section else "")).encode())
    except OSError as caught:
        raise NewsletterError(f"{name} cannot be written: {caught.strerror}") from caught
    return name


def move_part(issue: Path, what: str, after: str) -> dict[str, str]:
    """Puts an article or a section behind another row of the outline; returns the names that changed.

    `what` is an article's file or a section's folder; `after` an article, a section, or empty for the top.
    """
    root = _folder(issue)
    order = {name: list(articles) for name, articles in _sections(root).items()}
    names = list(order)
    if what in order:
        names.remove(what)
        row = _section_of(after, order)
        names.insert(names.index(row) + 1 if row in names else 0, what)
        wanted = {name: order[name] for name in names}
    else:
        home = _section_of(what, order)
        target = _section_of(after, order)
        if not home or what not in order[home] or not target or not (root / target).is_dir():
            raise UsageError(f"{what} cannot be moved there")
        order[home].remove(what)
        place = order[target].index(after) + 1 if after in order[target] else 0
        order[target].insert(place, what)
        wanted = order
    return _renamed(root, _new_names(wanted, _sections(root)))


def trash_part(publication: Path, issue: Path, what: str) -> Path:
    """Puts an article's file or a section's folder away; returns where it lies now."""
    root = _folder(issue)
    order = _sections(root)
    if what not in order and what not in [one for articles in order.values() for one in articles]:
        raise UsageError(f"not a part of this issue: {what}")
    return put_away(publication, root / what, f"{root.name}-{Path(what).name}")


def put_away(publication: Path, path: Path, name: str) -> Path:
    """Moves something into the trash of a publication, under the time of now."""
    trash = publication / ".studio" / "trash"
    stamp = datetime.datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    target, number = trash / f"{stamp}-{name}", 2
    try:
        trash.mkdir(parents=True, exist_ok=True)
        while target.exists():
            target, number = trash / f"{stamp}-{number}-{name}", number + 1
        os.rename(path, target)
    except OSError as caught:
        raise NewsletterError(f"{path.name} cannot be put away: {caught.strerror}") from caught
    return target


def _folder(issue: Path) -> Path:
    if not issue.is_dir():
        raise UsageError("an issue of one file has no parts", "Make a folder of it.")
    return issue


def _sections(root: Path) -> dict[str, tuple[str, ...]]:
    """The names of the sections in order, each with its articles' files."""
    return {
        _name(one): tuple(part.name for part in one.articles) for one in find_files(root).sections
    }


def _name(section: SectionFiles) -> str:
    alone = section.file is not None and "/" not in section.file.name
    return section.file.name if alone and section.file is not None else section.name


def _section_of(row: str, order: dict[str, list[str]]) -> str:
    """The section that a row stands in: itself, or that of an article."""
    if row in order:
        return row
    return next((name for name, articles in order.items() if row in articles), "")


def _new_names(wanted: dict[str, list[str]], now: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Old name to new of every section and article; numbers are given anew only where the order asks for it."""
    names = list(wanted)
    sections = dict(zip(names, _numbered(names), strict=True))
    found = dict(sections)
    for name, articles in wanted.items():
        same = tuple(articles) == now.get(name, ())
        bases = [one.rpartition("/")[2] for one in articles]
        fresh = bases if same else _numbered(bases)
        for old, base in zip(articles, fresh, strict=True):
            found[old] = f"{sections[name]}/{base}"
    return found


def _numbered(names: list[str]) -> list[str]:
    if names == sorted(names, key=order_key) and len(set(names)) == len(names):
        return names
    rests = [found["rest"] if (found := _NUMBERED.fullmatch(name)) else name for name in names]
    return [f"{number:02}-{rest}" for number, rest in enumerate(rests, 1)]


def _renamed(root: Path, names: dict[str, str]) -> dict[str, str]:
    """Renames on disk, all or nothing, and mends the addresses in every text."""
    texts = _texts(root)
    moved = _mover(names)
    fresh = {name: _readdressed(root, name, text, moved) for name, text in texts.items()}
    done: list[tuple[Path, Path]] = []

    def rename(old: Path, new: Path) -> None:
        os.rename(old, new)
        done.append((old, new))

    changed = {old: new for old, new in names.items() if old != new}
    try:
        _apply(root, changed, rename)
        for name, text in texts.items():
            if fresh[name] != text:
                write_whole(root / moved(name), fresh[name].encode())
    except OSError as caught:
        for old, new in reversed(done):
            os.rename(new, old)
        for name, text in texts.items():
            if fresh[name] != text:
                write_whole(root / name, text.encode())
        raise NewsletterError(f"the order could not be changed: {caught.strerror}") from caught
    return {name: moved(name) for name in texts if moved(name) != name}


def _apply(root: Path, changed: dict[str, str], rename: Callable[[Path, Path], None]) -> None:
    """Articles first to where nothing else is, then sections, then articles to their new places."""
    articles = {old: new for old, new in changed.items() if "/" in old}
    sections = {old: new for old, new in changed.items() if "/" not in old}
    for number, old in enumerate(articles):
        rename(root / old, root / f".moving-article-{number}")
    for number, old in enumerate(sections):
        rename(root / old, root / f".moving-section-{number}")
    for number, new in enumerate(sections.values()):
        rename(root / f".moving-section-{number}", root / new)
    for number, new in enumerate(articles.values()):
        rename(root / f".moving-article-{number}", root / new)


def _texts(root: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(root.rglob("*.md")):
        if not path.is_symlink():
            try:
                found[path.relative_to(root).as_posix()] = path.read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                continue
    return found


def _mover(names: dict[str, str]) -> Callable[[str], str]:
    def moved(path: str) -> str:
        if path in names:
            return names[path]
        head, slash, rest = path.partition("/")
        return names.get(head, head) + slash + rest

    return moved


def _readdressed(root: Path, name: str, text: str, moved: Callable[[str], str]) -> str:
    """A text with the addresses of files of the issue as they are after the move."""
    here, there = posixpath.dirname(name), posixpath.dirname(moved(name))

    def mended(found: re.Match[str]) -> str:
        path, hash, fragment = found["url"].partition("#")
        target = posixpath.normpath(posixpath.join(here, unquote(path)))
        outside = "://" in path or path.startswith(("/", "mailto:")) or target.startswith("..")
        if outside or not (root / target).exists():
            return found[0]
        fresh = posixpath.relpath(moved(target), there or ".")
        if fresh == posixpath.normpath(unquote(path)):
            return found[0]
        return f"{found['before']}{quote(fresh, safe='/()')}{hash}{fragment}"

    return _ADDRESS.sub(mended, text)


def _next(names: list[str]) -> str:
    numbers = [int(found[0]) for name in names if (found := re.match(r"\d+", name))]
    return f"{max(numbers, default=0) + 1:02}"


def _stem(title: str) -> str:
    return slugify(title)[:40].strip("-_") or "part"
