"""A new issue's folder: an example of every kind of file, or the shape of an earlier issue without its text."""

from __future__ import annotations

import json
import re
from pathlib import Path

from newsletter.issues.layout import find_files
from newsletter.issues.text_files import read_text_file
from newsletter.problems import UsageError

_FENCED = re.compile(r"---[ \t]*\n(?P<yaml>.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_RENEWED = frozenset({"title", "date", "number", "subject", "preheader", "canonical"})


def new_issue(
    folder: Path,
    *,
    slug: str,
    title: str,
    language: str,
    date: str,
    copy_from: Path | None = None,
) -> tuple[Path, ...]:
    """Writes the issue into `folder`, which is made, and returns the files written. `date` is ISO 8601, or
    empty; `copy_from` is an issue whose sections and settings are taken over. Raises UsageError when the
    folder has something in it or the slug is no name."""
    if not re.fullmatch(r"\w[\w.-]*", slug):
        raise UsageError(f"not a name for an issue: {slug}", "Use letters, digits, - and _.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is there already", "Choose another name for the new issue.")
    texts = _copied(copy_from, language) if copy_from is not None else _example(language)
    texts["issue.md"] = _issue(title, language, date, texts.get("issue.md", ""))
    written = []
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    return tuple(sorted(written))


def _issue(title: str, language: str, date: str, kept: str) -> str:
    lines = [
        f"title: {_quoted(title)}",
        *([f"date: {date}"] if date else []),
        f"language: {language}",
    ]
    found = _FENCED.match(kept)
    if found:
        lines += _top_entries(found["yaml"], _RENEWED | {"language"})
    return "---\n" + "\n".join(lines) + "\n---\n"


def _top_entries(yaml: str, without: frozenset[str]) -> list[str]:
    """The lines of the top-level keys that are not in `without`, as they were written."""
    kept: list[str] = []
    keeping = False
    for line in yaml.split("\n"):
        key = re.match(r"([\w-]+)[ \t]*:", line)
        if key:
            keeping = key[1] not in without
        if keeping and line.strip():
            kept.append(line)
    return kept


def _copied(issue: Path, language: str) -> dict[str, str]:
    """The sections of an earlier issue: their titles and settings, not their text."""
    files = find_files(issue)
    texts: dict[str, str] = {}
    for part in (files.issue, *(section.file for section in files.sections)):
        text = read_text_file(part.path, part.name).text if part is not None else None
        if part is not None and text is not None:
            found = _FENCED.match(text)
            texts[part.name] = found[0] if found else ""
    for section in files.sections:
        if section.articles or section.file is None:
            texts.setdefault(f"{section.name}/section.md", "")
            texts[f"{section.name}/01-{_words(language)['article_slug']}.md"] = _article(language)
    return texts


_WORDS_EN = {
    "article_slug": "first-article",
    "section": "News",
    "article": "The first article",
    "text": "Write here. An empty line begins a new paragraph.",
}
_WORDS_ZH = {
    "article_slug": "first-article",
    "section": "动态",
    "article": "第一篇文章",
    "text": "在这里写正文。空一行另起一段。",
}


def _words(language: str) -> dict[str, str]:
    return _WORDS_ZH if language.lower().startswith("zh") else _WORDS_EN


def _article(language: str) -> str:
    words = _words(language)
    return f"---\ntitle: {_quoted(words['article'])}\n---\n\n{words['text']}\n"


def _example(language: str) -> dict[str, str]:
    words = _words(language)
    return {
        "01-news/section.md": f"---\ntitle: {_quoted(words['section'])}\n---\n",
        f"01-news/01-{words['article_slug']}.md": _article(language),
    }


def _quoted(text: str) -> str:
    """A YAML scalar: JSON's strings are YAML's double-quoted ones."""
    return json.dumps(text, ensure_ascii=False)
