"""HTML comments that run over blank lines, which Markdown reads as text from the first one on."""

from __future__ import annotations


def test_a_comment_begun_inside_a_block_of_html_hides_all_until_its_end(read_text, show):
    reading = read_text(
        "before\n\n<div>\n<!-- hidden one\n\nhidden two **x**\n\n| hidden | four |\n|--|--|\n-->\nshown\n</div>\n\nafter\n"
    )
    shown = show(reading)
    assert "hidden" not in shown
    assert "-->" not in shown
    assert [word for word in ("before", "shown", "after") if word in shown] == [
        "before",
        "shown",
        "after",
    ]
    assert reading.problems == ()


def test_lines_keep_their_numbers_behind_such_a_comment(read_text):
    reading = read_text("text\n\n<div><!-- a\n\nb --></div>\n\n![x](no.png)\n")
    assert [p.source.line for p in reading.problems if p.code == "image-missing"] == [7]


def test_a_comment_that_is_never_closed_is_told(read_text, show):
    reading = read_text("text\n\n<!-- a\n\nlost\n")
    assert "lost" not in show(reading)
    assert [(p.code, p.source.line) for p in reading.problems] == [("comment-unclosed", 3)]


def test_comments_in_code_are_code(read_text, show):
    reading = read_text("`<!-- a`\n\n```\n<!-- b\n\nc\n```\n\nd\n")
    shown = show(reading)
    assert "<!-- a" in shown
    assert "<!-- b" in shown
    assert "d" in shown.split("\n")[-1]


def test_many_such_comments_are_read_in_seconds(read_text, show):
    one = "<div><!-- hidden\n\nhidden --></div>\n\nshown\n\n"
    shown = show(read_text(one * 2_000))
    assert "hidden" not in shown
    assert shown.count("shown") == 2_000
