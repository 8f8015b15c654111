"""Entries of one small table are changed and every other byte stays."""

from __future__ import annotations

import pytest

from newsletter.issues.front_matter import split_front_matter
from newsletter.issues.front_matter_edit import CannotEdit
from newsletter.issues.front_matter_table import with_table
from newsletter.issues.metadata import Keys
from newsletter.model.issue import Layout


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("title: May\n", "title: May\nlayout: {columns: 2}\n"),
        (
            "layout: {columns: 1, paper: a4} # as always\ntitle: May\n",
            "layout: {columns: 2, paper: a4} # as always\ntitle: May\n",
        ),
        (
            "layout:\n  paper: a4\n  columns: 1 # for the hall\n# then\ntitle: May\n",
            "layout:\n  paper: a4\n  columns: 2 # for the hall\n# then\ntitle: May\n",
        ),
        ("layout:\n    paper: a4\n", "layout:\n    paper: a4\n    columns: 2\n"),
        ("layout:\ntitle: May\n", "layout: {columns: 2}\ntitle: May\n"),
        ("layout: {}\n", "layout: {columns: 2}\n"),
    ],
)
def test_one_entry_is_written_and_nothing_else(before: str, after: str) -> None:
    text = f"---\n{before}---\n\nBody: text\n"
    changed = with_table(text, "layout", {"columns": "2"})
    assert changed == f"---\n{after}---\n\nBody: text\n"
    assert Keys.of(split_front_matter(changed, "issue.md"), "issue.md").layout().columns == 2


def test_both_entries_are_read_back() -> None:
    text = with_table("Words.\n", "layout", {"columns": "1", "paper": "us-letter"})
    layout = Keys.of(split_front_matter(text, "issue.md"), "issue.md").layout()
    assert layout == Layout(1, "us-letter")


@pytest.mark.parametrize(
    "text",
    [
        "---\nlayout: two columns\n---\n",
        "---\nlayout:\n  - columns\n---\n",
        "---\nlayout: {columns:\n  2}\n---\n",
        "+++\ntitle = 'May'\n+++\n",
    ],
)
def test_what_is_written_otherwise_is_left_to_its_writer(text: str) -> None:
    with pytest.raises(CannotEdit):
        with_table(text, "layout", {"columns": "2"})
