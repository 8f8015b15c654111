"""Characters that are not seen but change what is seen."""

from __future__ import annotations

import pytest

from newsletter.issues.hidden import without_hidden


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Inv\u202eoice", "Invoice"),
        ("\u202atext\u202c", "text"),
        ("a\x00b\x0bc", "abc"),
        ("an isolate left \u2067open", "an isolate left open"),
        ("closed \u2069before it opens \u2067", "closed before it opens "),
        ("one \u2067line\nand \u2069another", "one line\nand another"),
        ("Z" + "\u0301" * 5_000, "Z" + "\u0301" * 16),
        ("a" + "\u200b" * 5_000 + "b", "a" + "\u200b" * 4 + "b"),
    ],
)
def test_what_hides_the_text_is_taken_out(written: str, kept: str) -> None:
    assert without_hidden(written) == kept


@pytest.mark.parametrize(
    "text",
    [
        "شركة \u2068ACME\u2069 اليوم",
        "می\u200cخواهم",
        "👩\u200d👩\u200d👧\u200d👦 ❤\ufe0f",
        "e\u0301\u0323",
        "क्\u200dष",
        "Wort\u00adtrennung",
        "tab\tand\nlines",
    ],
)
def test_what_writing_needs_stays(text: str) -> None:
    assert without_hidden(text) == text


def test_a_title_and_a_text_that_turn_themselves_around_are_straightened_and_told(
    read_text,
) -> None:
    reading = read_text(
        '---\ntitle: "Inv\u202eoice \\u202e"\n---\n\nOne &#x202E;two\n\n## Th\u202eree\n\nx\n'
    )
    assert reading.issue is not None
    assert reading.issue.title == "Invoice"
    assert "\u202e" not in repr(reading.issue)
    told = [(p.code, p.source.line) for p in reading.problems if p.code == "control-character"]
    assert told == [("control-character", 2), ("control-character", 5)]
