"""What gives way when a mail is too long, in which order, and what never does."""

from __future__ import annotations

from collections.abc import Mapping

from newsletter.editions.budget import fit
from newsletter.model.issue import Treatment

FULL, DIGEST, TITLE, OMIT = Treatment.FULL, Treatment.DIGEST, Treatment.TITLE, Treatment.OMIT


def fitted(
    full: Mapping[str, int], room: int, settled: Mapping[str, Treatment] | None = None
) -> dict[str, Treatment]:
    """Articles by their full size; a digest takes 10, a title 1. The first is the lead."""
    sizes = {FULL: full, DIGEST: dict.fromkeys(full, 10), TITLE: dict.fromkeys(full, 1)}
    return fit(
        list(full),
        settled or {},
        lambda anchor, shown: 0 if shown is OMIT else sizes[shown][anchor],
        room,
        lead=next(iter(full)),
    )


def test_nothing_is_cut_when_all_fits() -> None:
    assert fitted({"a": 50, "b": 50}, 100) == {"a": FULL, "b": FULL}


def test_the_heaviest_gives_way_first() -> None:
    sizes = {"lead": 50, "b": 30, "c": 90, "d": 80}
    assert fitted(sizes, 120) == {"lead": FULL, "b": FULL, "c": DIGEST, "d": DIGEST}


def test_the_last_cut_is_the_lightest_that_suffices() -> None:
    sizes = {"lead": 50, "b": 30, "c": 90, "d": 80}
    assert fitted(sizes, 232) == {"lead": FULL, "b": DIGEST, "c": FULL, "d": FULL}


def test_the_lead_gives_way_after_every_other_even_when_it_is_the_heaviest() -> None:
    assert fitted({"lead": 500, "b": 30, "c": 20}, 530) == {"lead": FULL, "b": DIGEST, "c": FULL}
    assert fitted({"lead": 500, "b": 30, "c": 20}, 100) == {
        "lead": DIGEST,
        "b": DIGEST,
        "c": DIGEST,
    }


def test_titles_come_only_after_every_digest() -> None:
    sizes = {"lead": 50, "b": 50, "c": 50}
    assert fitted(sizes, 22) == {"lead": DIGEST, "b": DIGEST, "c": TITLE}
    assert fitted(sizes, 12) == {"lead": DIGEST, "b": TITLE, "c": TITLE}
    assert fitted(sizes, 3) == {"lead": TITLE, "b": TITLE, "c": TITLE}


def test_what_is_no_shorter_as_a_digest_becomes_its_title() -> None:
    assert fitted({"lead": 5, "b": 9, "c": 8}, 15) == {"lead": FULL, "b": FULL, "c": TITLE}


def test_what_was_written_is_never_altered_even_when_nothing_fits() -> None:
    settled = {"b": FULL, "c": OMIT}
    assert fitted({"a": 50, "b": 500, "c": 50}, 100, settled) == {"a": TITLE, "b": FULL, "c": OMIT}


def test_an_article_that_its_digest_would_not_shorten_stays() -> None:
    assert fitted({"lead": 50, "b": 9, "c": 40}, 70) == {"lead": FULL, "b": FULL, "c": DIGEST}


def test_no_articles_is_an_empty_plan() -> None:
    assert fit([], {}, lambda anchor, shown: 0, 10) == {}
