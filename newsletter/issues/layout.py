"""Which files of a folder are the issue, its sections and its articles, and in which order."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from newsletter.issues.headings import slugify
from newsletter.problems import Problem, Source, error, warning

MAX_FILES = 1000
_NUMBER = re.compile(r"(?P<number>\d+)(?:[-_. ]+|\Z)(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PartFile:
    """A Markdown file and what it is called inside the issue."""

    path: Path
    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class SectionFiles:
    """A folder with articles (`file` is its section.md, if there is one) or a section in one `file`."""

    name: str
    slug: str
    file: PartFile | None
    articles: tuple[PartFile, ...] = ()


@dataclass(frozen=True, slots=True)
class IssueFiles:
    """`lone` is the one file of an issue that is a single text; then there is neither `issue` nor sections."""

    root: Path
    name: str
    issue: PartFile | None = None
    lone: PartFile | None = None
    sections: tuple[SectionFiles, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        parts = [self.issue, self.lone]
        for section in self.sections:
            parts += [section.file, *section.articles]
        return tuple(part.path for part in parts if part is not None)


def find_files(path: Path) -> IssueFiles:
    """`path` is a folder or a Markdown file. Links that lead out of the folder are errors and are left out."""
    if not path.is_dir():
        root = path.parent
        stem = (
            path.stem
            if path.stem.lower() not in ("index", "readme", "issue")
            else root.resolve().name
        )
        return IssueFiles(root, stem, lone=PartFile(path, path.name, slugify(stem)))
    finder = _Finder(path)
    top = finder.texts(path)
    sections = finder.sections(top)
    issue = next((part for part in top if part.name == "issue.md"), None)
    name = path.resolve().name
    problems = tuple(finder.problems)
    texts = [part for part in top if part.name != "issue.md"]
    if issue is None and len(texts) == 1 and len(sections) == 1:
        return IssueFiles(path, name, lone=texts[0], problems=problems)
    return IssueFiles(path, name, issue, None, tuple(sections), problems)


class _Finder:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._real_root = os.path.realpath(root)
        self.problems: list[Problem] = []
        self._count = 0

    def texts(self, folder: Path) -> list[PartFile]:
        """The Markdown files of a folder in order."""
        found = []
        for entry in self._entries(folder):
            if (
                entry.suffix.lower() in (".md", ".markdown")
                and not entry.is_dir()
                and self._inside(entry)
            ):
                self._count += 1
                if self._count > MAX_FILES:
                    break
                found.append(PartFile(entry, self._name(entry), _slug(entry.stem)))
        return found

    def sections(self, top: list[PartFile]) -> list[SectionFiles]:
        """Folders that hold texts, and texts beside issue.md, in one order."""
        files = {part.path: part for part in top if part.name != "issue.md"}
        found = []
        for entry in self._entries(self._root):
            if entry in files:
                part = files[entry]
                found.append(SectionFiles(entry.stem, part.slug, part))
            elif entry.is_dir() and self._inside(entry):
                inner = self.texts(entry)
                own = next((part for part in inner if part.path.name == "section.md"), None)
                articles = tuple(part for part in inner if part is not own)
                if inner:
                    found.append(SectionFiles(entry.name, _slug(entry.name), own, articles))
                    self._warn_deeper(entry)
        if self._count > MAX_FILES:
            message = f"more than {MAX_FILES} texts; the rest is left out"
            self.problems.append(error("issue-too-large", Source("."), message))
        return found

    def _warn_deeper(self, folder: Path) -> None:
        for entry in self._entries(folder):
            if entry.is_dir() and self._inside(entry):
                for inner in self._entries(entry):
                    if inner.suffix.lower() == ".md":
                        source = Source(self._name(inner))
                        message = "not read: a section's articles stand directly in its folder"
                        self.problems.append(warning("file-too-deep", source, message))

    def _entries(self, folder: Path) -> list[Path]:
        try:
            entries = [entry for entry in folder.iterdir() if not entry.name.startswith(("_", "."))]
        except OSError as caught:
            source = Source(self._name(folder))
            message = f"cannot be read: {caught.strerror}"
            self.problems.append(error("file-unreadable", source, message))
            return []
        return sorted(entries, key=lambda entry: order_key(entry.name))

    def _inside(self, entry: Path) -> bool:
        if not entry.is_symlink():
            return True
        real = os.path.realpath(entry)
        if not os.path.exists(real):
            message = "a link that leads nowhere or in a circle"
        elif os.path.isdir(real):
            message = "a link to a folder, which is not followed"
        elif Path(real).is_relative_to(self._real_root):
            return True
        else:
            message = "a link that leads out of the issue's folder"
        hint = "Copy the file into the issue."
        self.problems.append(error("file-outside", Source(self._name(entry)), message, hint))
        return False

    def _name(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()


def order_key(name: str) -> tuple[int, int, str]:
    """By leading number as a number, those without one behind, then by name."""
    found = _NUMBER.match(name)
    return (0, int(found["number"][:18]), name) if found else (1, 0, name)


def human_name(stem: str) -> str:
    """`01-car-t_news` → `car t news`."""
    found = _NUMBER.fullmatch(stem)
    rest = found["rest"] if found and found["rest"] else stem
    return re.sub(r"[-_]+", " ", rest).strip() or stem


def _slug(stem: str) -> str:
    found = _NUMBER.fullmatch(stem)
    rest = found["rest"] if found and found["rest"] else stem
    return slugify(rest) or "part"
