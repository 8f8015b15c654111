"""The picture of an issue's title that networks and messengers show beside a link."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from newsletter.editions.social_card import card_title
from newsletter.editions.web import render_web
from newsletter.model.language import columns
from newsletter.publication import Publication
from newsletter.workflow.issues import read


def test_a_short_title_is_one_large_line() -> None:
    assert card_title("晨曦生物观察").lines == ("晨曦生物观察",)
    assert (
        card_title("Dawn").size > card_title("A very long title of more than one line of it").size
    )


def test_a_long_title_is_broken_between_words_and_no_mark_begins_a_line() -> None:
    title = card_title(
        "中国首个针对地中海贫血症的碱基编辑创新疗法，正序生物注射液药物国内获批：一次登记"
    )
    assert "".join(title.lines).startswith("中国首个")
    assert all(line[0] not in "，。：" for line in title.lines)
    english = card_title("The brook that reports its own nitrate and what the sensors needed")
    assert " ".join(english.lines).startswith("The brook that reports")


def test_a_title_without_end_is_cut_and_says_so() -> None:
    title = card_title("word " * 200)
    assert title.lines[-1].endswith("…")
    assert sum(columns(line) for line in title.lines) < 200


@pytest.mark.parametrize("theme", ["starter", "magazine"])
def test_the_card_has_the_networks_size_and_the_same_bytes_each_time(
    publication: Publication, theme: str
) -> None:
    from dataclasses import replace

    issue = read(publication, "2026-10-zh").issue
    assert issue is not None
    cards = [
        next(file for file in edition.files if file.path == "card.png").data
        for edition in (render_web(replace(issue, theme=theme), publication) for _ in range(2))
    ]
    assert cards[0] == cards[1]
    with Image.open(io.BytesIO(cards[0])) as picture:
        assert picture.size == (1200, 630)
        assert len(set(picture.convert("L").tobytes())) > 20, "letters are drawn, not only grounds"


def test_a_title_with_markup_stays_text(new_publication: Path) -> None:
    from newsletter.publication import load_publication

    publication = load_publication(new_publication, {})
    folder = new_publication / "issues" / "x"
    folder.mkdir()
    (folder / "issue.md").write_text('---\ntitle: "<script>&\\"</text>"\n---\n\nText.\n')
    issue = read(publication, "x").issue
    assert issue is not None
    files = {file.path: file.data for file in render_web(issue, publication).files}
    assert files["card.png"].startswith(b"\x89PNG")
