"""One key is changed and every other byte stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.issues.front_matter import split_front_matter
from newsletter.issues.front_matter_edit import CannotEdit, keys_of, with_entry, with_key
from newsletter.issues.metadata import Keys

TEXT = """---
title: Old # as in the contents
tags:
  - a
  - b
# the day it is sent
date: 2026-01-01
source:
  name: A paper
---

Body: text
"""


def test_a_value_is_changed_and_its_comment_stays() -> None:
    assert with_key(TEXT, "title", "New: one") == TEXT.replace(
        "title: Old # as", 'title: "New: one" # as'
    )


def test_a_new_key_goes_to_the_end_and_an_empty_value_takes_its_key_out() -> None:
    assert with_key(TEXT, "doi", "10.5555/x") == TEXT.replace(
        "A paper\n---", 'A paper\ndoi: "10.5555/x"\n---'
    )
    assert with_key(TEXT, "date", "") == TEXT.replace("date: 2026-01-01\n", "")
    assert with_key(TEXT, "doi", "") == TEXT


def test_a_text_without_front_matter_gets_one() -> None:
    assert with_key("Words.\n", "title", "T") == "---\ntitle: T\n---\n\nWords.\n"


def test_a_list_of_words_is_changed_and_a_table_is_left_to_the_text() -> None:
    assert "tags: [c, d e]\n# the day" in with_key(TEXT, "tags", ["c", "d e"])
    with pytest.raises(CannotEdit):
        with_key(TEXT, "source", "another")
    assert keys_of(TEXT) == {"title": True, "tags": True, "date": True, "source": False}


def test_tables_are_added_to_a_list() -> None:
    once = with_entry(TEXT, "silence", [("code", "x"), ("reason", "y: z")])
    twice = with_entry(once, "silence", [("code", "q"), ("reason", "r")])
    assert 'silence:\n  - code: x\n    reason: "y: z"\n  - code: q\n    reason: r\n---' in twice


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=40))
def test_whatever_is_written_is_read_back(value: str) -> None:
    text = with_key(TEXT, "subtitle", value)
    keys = Keys.of(split_front_matter(text, "a.md"), "a.md")
    assert keys.problems == []
    assert (
        " ".join(keys.text("subtitle").split()) == " ".join(value.split())
        or not value.isprintable()
    )
    assert text.endswith("---\n\nBody: text\n")
