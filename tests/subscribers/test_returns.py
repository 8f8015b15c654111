"""Marks in return addresses: found in any text, whatever its case; forged, cut or lengthened ones are none."""

from __future__ import annotations

import pytest

from newsletter.subscribers.returns import Mark, Purpose, mark_text, marks_in
from newsletter.subscribers.tokens import Key

KEY = Key(b"k" * 32)
MARK = Mark(Purpose.DELIVERY, 12, 34567)
TEXT = mark_text(KEY, MARK)


def test_a_mark_is_short_and_found_whatever_its_case_and_surroundings() -> None:
    assert TEXT.startswith("b12.34567.")
    assert len(TEXT) == 22
    longest = mark_text(KEY, Mark(Purpose.UNSUBSCRIBE, 9_999_999_999, 10**18))
    assert len(f"{'x' * 18}{longest}") <= 64, "a local part has 64 characters"
    for text in (
        f"bounces+{TEXT}@news.example.com",
        f"<BOUNCES+{TEXT.upper()}@NEWS.EXAMPLE.COM>",
        f"Original-Envelope-Id: {TEXT}",
        f"rfc822;bounces={TEXT}",
    ):
        assert marks_in(KEY, text) == (MARK,)
    other = Mark(Purpose.UNSUBSCRIBE, 3, 34567)
    assert marks_in(KEY, f"{TEXT} and {mark_text(KEY, other)} and {TEXT}") == (MARK, other)


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("b12", "b13"),
        TEXT.replace("b12", "u12"),
        TEXT.replace("34567", "34568"),
        TEXT[:-1],
        f"{TEXT}a",
        f"a{TEXT}",
        TEXT[:-1] + ("a" if TEXT[-1] != "a" else "b"),
        "b12.34567.",
        "",
    ],
)
def test_what_was_forged_or_changed_is_no_mark(text: str) -> None:
    assert marks_in(KEY, text) == ()


def test_a_key_that_was_changed_still_knows_its_older_marks() -> None:
    newer = Key(b"n" * 32, (KEY.secret,))
    assert marks_in(newer, TEXT) == (MARK,)
    assert marks_in(Key(b"n" * 32), TEXT) == ()
    assert mark_text(newer, MARK) != TEXT
