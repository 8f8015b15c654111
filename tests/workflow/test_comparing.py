"""Two texts beside each other: lines that changed, and the words in them."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from newsletter.workflow.comparing import Row, compared


def marked(row: Row) -> str:
    return "".join(f"[{text}]" if other else text for text, other in row.parts)


def changes(before: str, now: str) -> list[str]:
    return [f"{row.kind} {marked(row)}" for row in compared(before, now) if row.parts]


def test_words_that_differ_are_marked_in_both_lines() -> None:
    assert changes("The frost came late this year.", "The frost came early this spring.") == [
        "gone The frost came [late] this [year].",
        "new The frost came [early] this [spring].",
    ]


def test_where_words_have_no_spaces_characters_are_marked() -> None:
    assert changes("今年的霜来得很晚。", "今年的霜来得很早，也很重。") == [
        "gone 今年的霜来得很[晚]。",
        "new 今年的霜来得很[早，也很重]。",
    ]


def test_lines_that_have_little_in_common_are_not_marked_in_part() -> None:
    assert changes("Apples and pears.", "The quick brown fox jumps!") == [
        "gone Apples and pears.",
        "new The quick brown fox jumps!",
    ]


def test_nothing_is_shown_of_texts_that_are_the_same_and_little_around_a_change() -> None:
    assert compared("a\nb", "a\nb") == ()
    lines = [str(n) for n in range(20)]
    rows = compared("\n".join(lines), "\n".join([*lines[:10], "new", *lines[10:]]))
    assert [row.kind for row in rows] == ["gap", *["same"] * 3, "new", *["same"] * 3]


@given(st.text("ab 中文\n", max_size=40), st.text("ab 中文\n", max_size=40))
def test_pieces_are_the_whole_line(before: str, now: str) -> None:
    for row in compared(before, now):
        if row.kind in ("gone", "new"):
            assert "".join(text for text, _ in row.parts) == row.text


def test_one_very_long_line_is_compared_in_a_moment() -> None:
    began = time.monotonic()
    compared("甲乙" * 40_000 + "x", "乙甲" * 40_000 + "y")
    assert time.monotonic() - began < 5
