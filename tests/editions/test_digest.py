"""Which blocks stand for an article that is shown by its beginning."""

from __future__ import annotations

from newsletter.editions.digest import (
    BRIEF_MINUTES,
    Beginning,
    beginning,
    digest_blocks,
    teaser_paragraphs,
)
from newsletter.model.blocks import Block, Divider, Figure, Heading, Note, Paragraph
from newsletter.model.inlines import Strong, Text
from newsletter.model.picture import Image
from newsletter.problems import Source

HERE = Source("a.md", 1)


def p(text: str) -> Paragraph:
    return Paragraph(HERE, (Text(text),))


ONE, TWO, THREE, FOUR = p("One one."), p("Two two."), p("Three three."), p("Four four.")
FIGURE = Figure(HERE, Image("x", "x"), 1, "fig-x")
NOTE = Note(HERE, (p("note"),))
HEADING = Heading(HERE, 3, (Text("Heading"),), "h")


def test_short_paragraphs_are_three_and_long_ones_two() -> None:
    assert digest_blocks([ONE, TWO, THREE, FOUR]) == (ONE, TWO, THREE)
    long = p("word " * 200)
    assert digest_blocks([long, long, long]) == (long, long)


def test_headings_are_left_out_and_the_first_figure_and_note_kept() -> None:
    blocks: list[Block] = [HEADING, ONE, FIGURE, TWO, NOTE, THREE, FOUR]
    assert digest_blocks(blocks) == (ONE, FIGURE, TWO, THREE, NOTE)


def test_the_teasers_paragraphs_stay_together_and_are_all_there() -> None:
    teaser = "One one. Two two. Three three. Four four."
    blocks: list[Block] = [ONE, FIGURE, TWO, THREE, FOUR, ONE]
    assert digest_blocks(blocks, teaser) == (ONE, TWO, THREE, FOUR, FIGURE)


def test_a_figure_far_down_is_not_the_beginning() -> None:
    assert FIGURE not in digest_blocks([ONE] * 9 + [FIGURE])


def test_an_article_without_a_paragraph_shows_its_first_blocks() -> None:
    assert digest_blocks([FIGURE, NOTE, Divider(HERE)]) == (FIGURE, NOTE)
    assert digest_blocks([]) == ()


def test_a_teaser_is_known_by_its_words_whatever_their_marks_and_spaces() -> None:
    marked = Paragraph(HERE, (Strong((Text("One"),)), Text("\u00a0one.")))
    assert teaser_paragraphs([HEADING, marked, TWO], "One one.Two two.") == (marked, TWO)


def test_a_teaser_cut_in_a_paragraph_is_made_of_it() -> None:
    assert teaser_paragraphs([p("One one. And more."), TWO], "One one.") == (
        p("One one. And more."),
    )


def test_a_teaser_of_its_own_words_is_made_of_no_paragraph() -> None:
    assert teaser_paragraphs([ONE, TWO], "Something else") == ()


def test_a_teaser_of_its_own_words_stands_before_the_blocks_and_others_do_not() -> None:
    blocks = [ONE, TWO, THREE, FOUR]
    long = {"reading_minutes": BRIEF_MINUTES + 1}
    assert beginning(blocks, "Something else", **long) == Beginning(
        "Something else", (ONE, TWO, THREE)
    )
    assert beginning(blocks, "One one.", **long) == Beginning("", (ONE, TWO, THREE))


def test_a_short_article_and_one_among_briefs_is_its_teaser_alone() -> None:
    blocks = [ONE, FIGURE, TWO]
    assert beginning(blocks, "One one.", reading_minutes=1) == Beginning("", (ONE,), brief=True)
    assert beginning(blocks, "Own.", kind="briefs", reading_minutes=30) == Beginning(
        "Own.", (), brief=True
    )
    assert not beginning(blocks, "", reading_minutes=1).brief
