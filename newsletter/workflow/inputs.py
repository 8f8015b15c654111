"""The files that an issue was made of, by their content: what tells whether it was edited after its approval."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from newsletter.publication import Publication
from newsletter.workflow.issues import find_issue, read

ELSEWHERE = "."
"""Beside the files: where the issue lies, when that is not among the publication's own."""


def inputs_of(publication: Publication, issue: str) -> dict[str, str]:
    """The SHA-256 of every file that the issue is made of, by its path inside the issue."""
    found = read(publication, issue)
    path = find_issue(publication, issue).resolve()
    known = _hashed(path if path.is_dir() else path.parent, found.files)
    if path.parent != publication.issues_folder.resolve():
        known[ELSEWHERE] = str(path)
    return known


def issue_of(slug: str, inputs: Mapping[str, str]) -> str:
    """What names the issue that a campaign was approved from."""
    return inputs.get(ELSEWHERE, slug)


def edited(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """The files that were changed, added or taken away."""
    paths = sorted(before.keys() | now.keys())
    return tuple(path for path in paths if before.get(path) != now.get(path))


def _hashed(root: Path, files: Iterable[Path]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in files:
        try:
            data = path.read_bytes()
            name = path.resolve().relative_to(root.resolve()).as_posix()
        except (OSError, ValueError):  # looked for and not there
            continue
        found[name] = hashlib.sha256(data).hexdigest()
    return found
