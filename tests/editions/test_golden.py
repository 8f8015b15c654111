"""Whole editions, to be judged by eye: tests/golden/<case>/issue in; mail, text, web page and problems out.

A change that is meant is laid down with: UPDATE_GOLDEN=1 .venv/bin/pytest tests/editions/test_golden.py
and then read in the diff.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from newsletter.editions.email_edition import render_email
from newsletter.editions.web import render_web
from newsletter.issues.reader import read_issue
from newsletter.model.issue import Issue
from newsletter.publication import Publication, load_publication

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
CASES = sorted(path for path in GOLDEN.iterdir() if path.is_dir())
_LINE = re.compile(
    r"(?<!\n)(?=<(?:/?(?:html|head|body|table|tbody|tr|div|section|article|figure|ul|ol)\b|p\b|li\b|h[1-6]\b|!--\[if))"
)


def _read(case: Path) -> tuple[Issue, tuple[str, ...]]:
    reading = read_issue(case / "issue", default_language="en")
    assert reading.issue is not None
    return reading.issue, tuple(map(str, reading.problems))


def _is_as_judged(path: Path, shown: str) -> None:
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")


def _lines(html: str) -> str:
    return _LINE.sub("\n", html).strip() + "\n"


@pytest.fixture
def orchard(new_publication: Path) -> Publication:
    return load_publication(new_publication, {})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_mail_and_its_text_part_are_as_they_were_judged(
    case: Path, orchard: Publication
) -> None:
    edition = render_email(_read(case)[0], orchard)
    _is_as_judged(case / "email.html", _lines(edition.html))
    _is_as_judged(case / "email.txt", edition.text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_web_page_is_as_it_was_judged(case: Path, orchard: Publication) -> None:
    files = {file.path: file.data for file in render_web(_read(case)[0], orchard).files}
    _is_as_judged(case / "web.html", _lines(files["index.html"].decode("utf-8")))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_problems_are_as_they_were_judged(case: Path) -> None:
    _, problems = _read(case)
    _is_as_judged(case / "problems.txt", "".join(f"{problem}\n" for problem in problems))
