"""The editions' own words: complete in every language, English behind, the publication's over them."""

from __future__ import annotations

import datetime
import re
import tomllib
from pathlib import Path

import pytest

from newsletter.editions.words import load_words
from newsletter.problems import ContentError
from newsletter.publication import Publication, load_publication, with_settings

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "words"
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.toml"))
ENGLISH = tomllib.loads((FOLDER / "en.toml").read_text(encoding="utf-8"))


def test_the_languages_of_the_project_are_all_there() -> None:
    expected = "ar de el en es fa fr he hi id it ja ko nl pl pt ru th tr uk vi zh-Hans zh-Hant"
    assert expected.split() == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_words_with_the_same_places(language: str) -> None:
    words = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    assert list(words) == list(ENGLISH)
    for key, text in words.items():
        places = set(re.findall(r"\{\w+\}", text))
        if key == "date":
            assert "{year}" in places
        else:
            assert places == set(re.findall(r"\{\w+\}", ENGLISH[key])), key
    assert len(words["months"].split(",")) == 12


@pytest.mark.parametrize(
    ("tag", "contents"),
    [
        ("zh", "本期要目"),
        ("zh-CN", "本期要目"),
        ("zh-TW", "本期要目"),
        ("zh-Hant-HK", "本期要目"),
        ("en-GB", "In this issue"),
        ("pt-BR", "Nesta edição"),
        ("el", "Σε αυτό το τεύχος"),
        ("th-TH", "ในฉบับนี้"),
        ("eo", "In this issue"),
        ("../../etc", "In this issue"),
    ],
)
def test_a_tag_finds_its_language_or_english(
    publication: Publication, tag: str, contents: str
) -> None:
    assert load_words(publication, tag)["contents"] == contents


def test_chinese_is_told_apart_by_its_script(publication: Publication) -> None:
    shown = [
        load_words(publication, tag)["subscribe"]
        for tag in ("zh", "zh-SG", "zh-TW", "zh-Hant", "yue")
    ]
    assert shown == ["订阅", "订阅", "訂閱", "訂閱", "訂閱"]


def test_numbers_and_dates_read_as_the_language_writes_them(publication: Publication) -> None:
    date = datetime.date(2024, 4, 30)
    chinese, english, german = (load_words(publication, tag) for tag in ("zh-Hans", "en", "de"))
    assert chinese.format("figure_number", number=3) == "图 3"
    assert chinese.date(date) == "2024.04.30"
    assert english.date(date) == "30 April 2024"
    assert german.date(date) == "30. April 2024"
    assert load_words(publication, "el").date(date) == "30 Απριλίου 2024"
    assert load_words(publication, "th").date(date) == "30 เมษายน 2024"
    assert chinese.issue_number("2024-04") == "2024 年第 4 期"
    assert english.issue_number("17") == "No. 17"
    assert english.issue_number("Spring special") == "Spring special"
    assert (english.count(6000), german.count(6000)) == ("6,000", "6.000")


def test_the_publications_own_words_come_last(publication: Publication) -> None:
    own = with_settings(publication, words={"contents": "目次"})
    assert load_words(own, "zh-Hans")["contents"] == "目次"


def test_a_broken_file_of_words_is_told_with_its_name(new_publication: Path) -> None:
    folder = new_publication / "templates" / "words"
    folder.mkdir(parents=True)
    (folder / "en.toml").write_text("contents = [1]", encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_words(load_publication(new_publication, {}), "en")
    (problem,) = caught.value.problems
    assert (str(problem.source), problem.code) == ("templates/words/en.toml", "words-syntax")
