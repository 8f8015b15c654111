"""No section ends in a few lines on a page of their own: trials stop as soon as the remnant is gone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from newsletter.editions.page_lines import printed_pages
from newsletter.editions.print import render_print
from newsletter.editions.print_fit import (
    BREAKS,
    JOINED,
    MOST_PAGES,
    MOST_PARTS,
    MOVED,
    STEPS,
    Fit,
    FitMemory,
    fitted,
)
from newsletter.issues.reader import read_issue
from newsletter.publication import Publication


def end(anchor: str, filled: float, last: int = 6) -> dict[str, Any]:
    return {"anchor": anchor, "first": 3, "last": last, "filled": filled}


def test_an_issue_that_ends_well_is_laid_out_once() -> None:
    trials: list[Fit] = []

    def ends_of(fit: Fit) -> str:
        trials.append(fit)
        return json.dumps([end("a", 0.6), end("b", 0.3)])

    assert fitted(ends_of) == {}
    assert trials == [{}]


def test_a_page_of_a_quarter_is_set_otherwise_only_where_that_saves_it() -> None:
    def ends_of(fit: Fit, *, saves: bool = True) -> str:
        if saves and fit.get("a", (1.0, 1.0))[0] <= STEPS[1][0]:
            return json.dumps([end("a", 0.98, 5)])
        return json.dumps([end("a", 0.26)])

    assert fitted(ends_of) == {"a": STEPS[2]}
    assert fitted(lambda fit: ends_of(fit, saves=False)) == {}


def test_only_the_section_with_a_remnant_is_set_otherwise_and_no_more_than_needed() -> None:
    def ends_of(fit: Fit) -> str:
        tight = fit.get("b", (1.0, 1.0))[0] <= STEPS[1][0]
        return json.dumps([end("a", 0.6), end("b", 0.98 if tight else 0.1)])

    assert fitted(ends_of) == {"b": STEPS[1]}


def test_a_remnant_that_no_step_removes_changes_nothing() -> None:
    assert fitted(lambda fit: json.dumps([end("a", 0.1)])) == {}


def test_a_section_of_one_short_page_is_no_remnant() -> None:
    assert fitted(lambda fit: json.dumps([end("a", 0.1, last=3)])) == {}


def test_a_page_with_nothing_but_a_note_is_a_remnant() -> None:
    def ends_of(fit: Fit) -> str:
        return json.dumps([end("a", 0.98, last=5) | {"over": 5 if "a" in fit else 6}])

    assert set(fitted(ends_of)) == {"a"}


def test_a_figure_over_both_columns_that_stands_out_of_order_goes_to_the_head_or_into_one_column() -> (
    None
):
    def ends_of(fit: Fit, good: str) -> str:
        crossed = [] if fit.get(MOVED, {}).get("wide") == good else ["wide"]
        return json.dumps([end("a", 0.6) | {"figures": ["wide"], "crossed": crossed}])

    memory = FitMemory()
    for good in ("auto", "column"):
        moved = fitted(lambda fit, good=good: ends_of(fit, good), {"a": good}, memory)
        assert moved == {MOVED: {"wide": good}}
        again = fitted(lambda fit, good=good: ends_of(fit, good), {"a": good}, memory)
        assert again == moved


def test_a_very_long_issue_goes_without_trials() -> None:
    trials: list[Fit] = []

    def ends_of(fit: Fit) -> str:
        trials.append(fit)
        return json.dumps([end("a", 0.1, last=MOST_PAGES + 1)])

    assert fitted(ends_of) == {}
    assert len(trials) == 1


def test_what_was_found_for_a_section_is_not_tried_again_while_it_stays_the_same() -> None:
    trials: list[Fit] = []

    def ends_of(fit: Fit) -> str:
        trials.append(fit)
        tight = fit.get("b", (1.0, 1.0))[0] <= STEPS[1][0]
        return json.dumps([end("a", 0.6, 6), {**end("b", 0.98 if tight else 0.1, 9), "first": 7}])

    memory = FitMemory()
    keys = {"a": "key of a", "b": "key of b"}
    first = fitted(ends_of, keys, memory)
    assert trials == [{}, {"b": STEPS[1]}]
    assert fitted(ends_of, {**keys, "a": "edited"}, memory) == first == {"b": STEPS[1]}
    assert trials[2:] == [first]
    fitted(ends_of, {**keys, "b": "edited too"}, memory)
    assert trials[3:] == [{}, {"b": STEPS[1]}]


def test_what_was_kept_is_forgotten_when_the_section_no_longer_begins_a_page() -> None:
    first_page = 7

    def ends_of(fit: Fit) -> str:
        tight = "b" in fit
        last = {**end("b", 0.98 if tight else 0.1, 8 if tight else 9), "first": first_page}
        return json.dumps([end("a", 0.6, 6), last])

    memory, keys = FitMemory(), {"a": "1", "b": "2"}
    assert fitted(ends_of, keys, memory) == {"b": STEPS[1]}
    first_page = 6
    assert fitted(ends_of, keys, memory) == fitted(ends_of)


def test_a_warm_engine_counts_the_pages_that_a_cold_one_would() -> None:
    """What was set tighter before is as long as it would be: an issue that is too long for trials is."""
    pages = MOST_PAGES

    def ends_of(fit: Fit) -> str:
        last = pages - 1 if "b" in fit else pages
        return json.dumps([{**end("b", 0.98 if "b" in fit else 0.1, last), "first": 3}])

    memory = FitMemory()
    assert fitted(ends_of, {"b": "1"}, memory) == {"b": STEPS[0]}
    pages += 1
    assert fitted(ends_of, {"b": "1"}, memory) == fitted(ends_of) == {}


def test_lines_set_tighter_do_not_shorten_what_is_all_pictures() -> None:
    trials: list[Fit] = []

    def ends_of(fit: Fit) -> str:
        trials.append(fit)
        return json.dumps([end("a", 0.1, 4)])

    fitted(ends_of, figures={"a": 1.1})
    assert (0.985, 1.0) not in [fit.get("a") for fit in trials]
    assert {"a": (0.955, 0.9)} in trials


def test_steps_that_cannot_help_are_not_tried() -> None:
    trials: list[Fit] = []

    def ends_of(fit: Fit) -> str:
        trials.append(fit)
        return json.dumps([end("a", 0.2, 4)])

    fitted(ends_of)
    # A page and a fifth: an eighth has to go, or a twentieth to come.
    assert [fit["a"] for fit in trials[1:]] == [(1.02, 1.0), (1.04, 1.0), *STEPS[5:]]


def test_a_section_that_shares_its_first_page_is_tried_every_time() -> None:
    """What stands before it can change where it ends."""
    ends = json.dumps([end("a", 0.6, 6), {**end("b", 0.1, 9), "first": 6}])
    trials: list[Fit] = []

    def ends_of(fit: Fit) -> str:
        trials.append(fit)
        return ends

    memory = FitMemory()
    for _ in range(2):
        fitted(ends_of, {"a": "1", "b": "2"}, memory)
    assert len(trials) > 2
    assert trials[: len(trials) // 2] == trials[len(trials) // 2 :]


def test_a_short_section_that_runs_over_by_a_line_has_those_before_it_set_tighter() -> None:
    def ends_of(fit: Fit) -> str:
        tight = {"a", "b"} <= set(fit)
        last = {
            "anchor": "b",
            "first": 6,
            "last": 6 if tight else 7,
            "filled": 0.9 if tight else 0.01,
        }
        return json.dumps([{**end("a", 0.8, 6)}, last])

    memory = FitMemory()
    both = {"a": STEPS[0], "b": STEPS[0]}
    for _ in range(2):  # and nothing of it is kept for one of them
        assert fitted(ends_of, {"a": "1", "b": "2"}, memory) == both


def test_an_issue_of_very_many_parts_is_not_even_asked() -> None:
    """Each trial would hold as much memory as its pages."""

    def never(fit: Fit) -> str:
        raise AssertionError(fit)

    assert fitted(never, parts=MOST_PARTS + 1) == {}


def test_an_article_that_leaves_a_remnant_begins_the_page_where_lines_do_not_do() -> None:
    began = {"anchor": "a-last", "page": 5, "filled": 0.7}

    def ends_of(fit: Fit) -> str:
        return json.dumps([end("a", 0.4 if BREAKS in fit else 0.1) | {"began": began}])

    memory = FitMemory()
    assert fitted(ends_of, {"a": "1"}, memory) == {BREAKS: ["a-last"]}
    assert fitted(ends_of, {"a": "1"}, memory) == {BREAKS: ["a-last"]}


@pytest.mark.parametrize(
    "began",
    [
        {"anchor": "a-last", "page": 5, "filled": 0.4},  # the page before would be half empty
        {"anchor": "a-last", "page": 5, "filled": 0.9},  # it would be a remnant itself
        {"anchor": "a-last", "page": 4, "filled": 0.7},
        {},
    ],
)
def test_an_article_stays_where_a_page_of_its_own_would_be_no_better(began: dict[str, Any]) -> None:
    tried: list[Fit] = []

    def ends_of(fit: Fit) -> str:
        tried.append(fit)
        return json.dumps([end("a", 0.1) | {"began": began}])

    assert fitted(ends_of) == {}
    assert not any(BREAKS in fit for fit in tried)


def short(anchor: str, filled: float) -> dict[str, Any]:
    return {"anchor": anchor, "first": 6, "last": 6, "filled": filled, "short": True}


def test_a_short_section_begins_the_column_that_would_be_empty_where_that_is_most_level() -> None:
    parts = [short("b", 0.1), short("c", 0.2), short("d", 0.3), short("e", 0.35)]
    ends = [end("a", 0.6, 5), *parts]
    assert fitted(lambda fit: json.dumps(ends)) == {BREAKS: ["d"]}


def test_a_short_section_stays_where_the_page_is_full_or_another_would_be_needed() -> None:
    full = [end("a", 0.6, 5), short("b", 0.3), short("c", 0.6)]
    assert fitted(lambda fit: json.dumps(full)) == {}
    few = [end("a", 0.6, 5), short("b", 0.4), short("c", 0.45)]
    assert fitted(lambda fit: json.dumps(few)) == {}

    def longer(fit: Fit) -> str:
        more = [short("d", 0.4) | ({"last": 7} if fit else {})]
        return json.dumps([end("a", 0.6, 5), short("b", 0.2), short("c", 0.3), *more])

    assert fitted(longer) == {}


def test_a_short_section_with_articles_stands_beside_the_end_of_another_where_that_saves_a_page() -> (
    None
):
    def ends_of(fit: Fit, *, saves: bool = True, filled: float = 0.4) -> str:
        beside = "b" in fit.get(BREAKS, ())
        pages = {"pages": 6 if beside and saves else 7}
        page = 6 if beside else 7
        one = end("a", 0.3) | pages
        other = {"anchor": "b", "first": page, "last": page, "filled": filled, "joins": True}
        return json.dumps([one, other | pages])

    assert fitted(ends_of) == {BREAKS: ["b"]}
    assert fitted(lambda fit: ends_of(fit, saves=False)) == {}
    assert fitted(lambda fit: ends_of(fit, filled=0.6)) == {}

    def too_long(fit: Fit) -> str:
        tight = fit.get("b") == fit.get("c") == JOINED
        found: list[dict[str, Any]] = json.loads(ends_of(fit, saves=tight))
        return json.dumps([*found, found[1] | {"anchor": "c", "joins": False}])

    assert fitted(too_long) == {BREAKS: ["b"], "b": JOINED, "c": JOINED}


def test_a_heading_begins_the_second_column_where_that_makes_both_about_as_long() -> None:
    turns = [
        {"anchor": "high", "column": 0, "part": 0.2},
        {"anchor": "middle", "column": 0, "part": 0.65},
        {"anchor": "other", "column": 1, "part": 0.6},
    ]
    trials: list[Fit] = []

    def ends_of(fit: Fit, *, filled: float = 0.6, pages: int = 6, turns: Any = turns) -> str:
        trials.append(fit)
        level = "middle" in fit.get(BREAKS, ())
        one = end("a", 0.775 if level else filled, pages if level else 6)
        return json.dumps([one | {"turns": turns}])

    assert fitted(ends_of) == {BREAKS: ["middle"]}
    assert fitted(lambda fit: ends_of(fit, pages=7)) == {}
    assert fitted(lambda fit: ends_of(fit, turns=[turns[0], turns[2]])) == {}
    assert fitted(lambda fit: ends_of(fit, filled=0.85)) == {}, "the second is long enough"
    only = [turns[1] | {"part": 0.45}]
    assert fitted(lambda fit: ends_of(fit, filled=0.45, turns=only)) == {BREAKS: ["middle"]}

    def shared(fit: Fit) -> str:
        (one,) = json.loads(ends_of(fit, filled=0.45, turns=only))
        return json.dumps([one, {"anchor": "b", "first": 6, "last": 6, "filled": 0.48}])

    assert fitted(shared) == {}
    memory = FitMemory()
    fitted(ends_of, {"a": "1"}, memory)
    trials.clear()
    assert fitted(ends_of, {"a": "1"}, memory) == {BREAKS: ["middle"]}
    assert len(trials) == 1


@pytest.mark.parametrize("parts", [18, 24], ids=["begun", "empty"])
def test_the_last_two_columns_are_about_level(
    tmp_path: Path, publication: Publication, parts: int
) -> None:
    (tmp_path / "issue.md").write_text(
        "---\ntitle: Issue\nlanguage: en\nlayout: {columns: 2}\n---\n", encoding="utf-8"
    )
    section = tmp_path / "01-one"
    section.mkdir()
    (section / "section.md").write_text("---\ntitle: One\n---\n", encoding="utf-8")
    line = "A few words that run on until the line is full and then some more of them. "
    text = "\n\n".join(f"## Part {number}\n\n{line * 5}" for number in range(parts))
    links = "links: [https://example.com/a, https://example.com/b]"
    (section / "01-text.md").write_text(f"---\ntitle: Text\n{links}\n---\n{text}\n", "utf-8")
    issue = read_issue(tmp_path, default_language="en").issue
    assert issue is not None
    edition = render_print(issue, publication)
    page = printed_pages(edition.pdf, edition.area).pages[-1]
    middle = edition.area.columns[1][0]
    lowest = [
        min(row.box.bottom for row in page.lines if (row.box.left >= middle - 1) == second)
        for second in (False, True)
    ]
    assert abs(lowest[0] - lowest[1]) < 0.25 * (edition.area.top - edition.area.bottom)
    first = max(page.lines, key=lambda row: (row.box.left >= middle - 1, row.box.top))
    assert first.text.startswith("Part ")


@pytest.mark.parametrize(("columns", "paper"), [(1, "us-letter"), (2, "a4")], ids=["one", "two"])
def test_the_english_sample_ends_its_sections_well(
    publication: Publication, columns: int, paper: str
) -> None:
    """One section would end in three lines of its last article, a page would have one column of two."""
    issue = read_issue(publication.root / "issues" / "2026-11-en", default_language="en").issue
    assert issue is not None
    issue = replace(issue, layout=replace(issue.layout, columns=columns, paper=paper))
    document = pypdfium2.PdfDocument(render_print(issue, publication).pdf)
    try:
        texts = [page.get_textpage().get_text_bounded() for page in document]
        assert [text for text in texts if "Le ruisseau" in text and "Cet article" in text]
        last = document[len(document) - 1]
        found = last.get_textpage().search("Alder Brook: winter").get_next()
        assert found
        left = last.get_textpage().get_charbox(found[0])[0]
        assert (left > last.get_width() / 2) == (columns == 2)
        beside = "Un ruisseau" in texts[-1] and "Copper mesh" in texts[-1]
        assert beside == (columns == 2)
    finally:
        document.close()


@pytest.mark.parametrize("columns", [1, 2])
def test_a_few_lines_too_many_do_not_take_a_page(
    tmp_path: Path, publication: Publication, columns: int
) -> None:
    """Texts of growing length: whatever the last page of the section holds, it is not a handful of lines."""
    (tmp_path / "issue.md").write_text(
        f"---\ntitle: Issue\nlanguage: en\nlayout: {{columns: {columns}}}\n---\n", encoding="utf-8"
    )
    section = tmp_path / "01-one"
    section.mkdir()
    (section / "section.md").write_text("---\ntitle: One\n---\n", encoding="utf-8")
    line = "A few words that run on until the line is full and then some more of them. "
    for paragraphs in range(40, 60, 3):
        text = "\n\n".join([line * 6] * paragraphs)
        (section / "01-text.md").write_text(f"---\ntitle: Text\n---\n{text}\n", encoding="utf-8")
        issue = read_issue(tmp_path, default_language="en").issue
        assert issue is not None
        assert last_page_filled(render_print(issue, publication).pdf) > 0.2, paragraphs


def last_page_filled(pdf: bytes) -> float:
    """How much of the type area has text in it, a column counted as half of a page of two."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        sheet = document[len(document) - 1]
        text = sheet.get_textpage()
        boxes = [text.get_charbox(n) for n in range(text.count_chars())]
        width, height = sheet.get_size()
        inner = [b for b in boxes if b[1] > 66 and b[3] < height - 66 and b[2] > b[0]]
        left = [b for b in inner if b[0] < width / 2]
        two = max(b[2] for b in left) < width / 2
        down = (height - 72 - min(b[1] for b in left)) / (height - 144)
        text.close()
        sheet.close()
        return down / 2 if two and len(left) == len(inner) else down
    finally:
        document.close()
