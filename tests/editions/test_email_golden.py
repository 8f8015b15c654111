"""Whole mails, to be judged by eye: tests/golden/mail-*/issue in, email.html out.

A change that is meant is laid down with: UPDATE_GOLDEN=1 .venv/bin/pytest tests/editions/test_email_golden.py
and then read in the diff.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from newsletter.editions.email_edition import render_email
from newsletter.issues.reader import read_issue
from newsletter.publication import load_publication

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
CASES = sorted(GOLDEN.glob("mail-*"))
_LINE = re.compile(
    r"(?<!\n)(?=<(?:/?(?:html|head|body|table|tbody|tr|div)\b|p\b|h[1-6]\b|!--\[if))"
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_mail_is_as_it_was_judged(case: Path, new_publication: Path) -> None:
    reading = read_issue(case / "issue", default_language="en")
    assert reading.issue is not None
    edition = render_email(reading.issue, load_publication(new_publication, {}))
    expected = case / "email.html"
    shown = _LINE.sub("\n", edition.html).strip() + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(shown, encoding="utf-8")
    assert shown == expected.read_text(encoding="utf-8")
