"""What the print edition's fonts can draw, and what becomes of the rest."""

from __future__ import annotations

import pytest

from newsletter.editions.glyphs import GETA, TOLD, GlyphCheck
from newsletter.editions.print_fonts import font_book
from newsletter.problems import Severity, Source
from newsletter.publication import Publication

HERE = Source("01-a/01-b.md", 7)


@pytest.fixture(scope="module")
def covered(publication: Publication) -> frozenset[int]:
    return font_book(publication).covered


@pytest.mark.parametrize(
    "character", "αβγⅡ①℃≥邴禤龘“”…—〓☐☑→éßąЖδなカשم×±μ∑😀한नதগไՀქខမ\u00b2\u2082"
)
def test_the_laid_fonts_have_what_newsletters_use(covered: frozenset[int], character: str) -> None:
    assert ord(character) in covered


def test_a_character_without_a_font_becomes_a_geta_and_a_warning_at_its_line() -> None:
    check = GlyphCheck(frozenset(map(ord, "姓名")))
    assert check.drawable("姓𠮷名", HERE) == f"姓{GETA}名"
    (problem,) = check.problems()
    assert (problem.code, problem.severity, problem.source) == (
        "missing-glyph",
        Severity.WARNING,
        HERE,
    )
    assert "U+20BB7 𠮷" in problem.message


def test_a_character_that_comes_again_is_told_once_with_its_first_place() -> None:
    check = GlyphCheck(frozenset())
    check.drawable("𠮷", Source("b.md", 9))
    check.drawable("𠮷", Source("a.md", 3))
    (problem,) = check.problems()
    assert problem.source == Source("b.md", 9)
    assert "1 more time" in problem.message


def test_a_script_without_fonts_does_not_flood_the_list() -> None:
    check = GlyphCheck(frozenset())
    check.drawable("".join(map(chr, range(0xAC00, 0xAC00 + 300))), HERE)
    problems = check.problems()
    assert len(problems) == TOLD + 1
    assert f"{300 - TOLD} more characters" in problems[-1].message


def test_controls_and_variation_selectors_are_left_out_without_a_word() -> None:
    check = GlyphCheck(frozenset(map(ord, "ab☺")))
    assert check.drawable("a\x00\x1b☺\ufe0f\ufeffb", HERE) == "a☺b"
    assert check.problems() == ()


def test_joiners_and_bidi_marks_stay_for_the_engine() -> None:
    text = "نمی\u200cخواهم\u200f"
    assert GlyphCheck(frozenset(map(ord, "نمیخواه"))).drawable(text, HERE) == text
