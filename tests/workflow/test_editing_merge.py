"""Merging: what both sides wrote is in the result or in a conflict, whatever they wrote."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsletter.workflow.merging import Agreed, Disputed, merge

LINES = st.lists(st.sampled_from(["", "甲", "乙", "alpha", "beta ", "## 三"]), max_size=12)
TEXTS = LINES.map("\n".join)


def test_changes_in_different_paragraphs_are_both_taken() -> None:
    base = "one\n\ntwo\n\nthree\n"
    assert (
        merge(base, "ONE\n\ntwo\n\nthree\n", "one\n\ntwo\n\nTHREE\n").mine
        == "ONE\n\ntwo\n\nTHREE\n"
    )


def test_the_same_change_of_both_is_taken_once() -> None:
    assert merge("a\nb\nc", "a\nx\nc", "a\nx\nc\nd").regions == (Agreed(("a", "x", "c", "d")),)


def test_different_changes_of_a_line_are_a_conflict_and_the_rest_is_merged() -> None:
    merged = merge("a\nb\nc\nd", "a\nmine\nc\nd", "a\ntheirs\nc\nD")
    assert merged.regions == (
        Agreed(("a",)),
        Disputed(("b",), ("mine",), ("theirs",)),
        Agreed(("c", "D")),
    )
    assert merged.mine == "a\nmine\nc\nD"
    assert merged.theirs == "a\ntheirs\nc\nD"


def test_a_line_typed_after_a_last_line_without_an_end_merges_with_a_change_above() -> None:
    assert merge("top\n\nlast", "TOP\n\nlast", "top\n\nlast\nmore").mine == "TOP\n\nlast\nmore"


def test_an_edit_of_a_deleted_paragraph_is_a_conflict() -> None:
    assert merge("a\n\nb\n\nc", "a\n\nB\n\nc", "a\n\nc").conflicts


@given(TEXTS, TEXTS)
def test_an_unchanged_side_gives_way(base: str, changed: str) -> None:
    assert merge(base, changed, base).mine == changed
    assert merge(base, base, changed).mine == changed
    assert merge(base, changed, changed).mine == changed


@given(TEXTS, TEXTS, TEXTS)
def test_no_line_that_either_side_added_is_lost(base: str, mine: str, theirs: str) -> None:
    merged = merge(base, mine, theirs)
    kept = {line for region in merged.regions for line in _lines(region)}
    before = set(base.split("\n"))
    assert set(mine.split("\n")) - before <= kept
    assert set(theirs.split("\n")) - before <= kept


@given(TEXTS, TEXTS, TEXTS)
def test_the_sides_are_treated_alike(base: str, mine: str, theirs: str) -> None:
    one, other = merge(base, mine, theirs), merge(base, theirs, mine)
    assert one.mine == other.theirs
    assert one.theirs == other.mine


@given(TEXTS, LINES, LINES)
def test_additions_at_both_ends_always_merge(
    middle: str, top: list[str], bottom: list[str]
) -> None:
    base = f"head\n{middle}\nmark\ntail"
    mine, theirs = "\n".join([*top, base]), "\n".join([base, *bottom])
    merged = merge(base, mine, theirs)
    assert merged.conflicts == ()
    assert merged.mine == "\n".join([*top, base, *bottom])


def _lines(region: Agreed | Disputed) -> tuple[str, ...]:
    return region.lines if isinstance(region, Agreed) else (*region.mine, *region.theirs)
