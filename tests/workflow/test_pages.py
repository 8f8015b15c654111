"""The small pages speak the publication's language, whole, and are escaped."""

from __future__ import annotations

import tomllib

import pytest

from newsletter.editions.words import load_words
from newsletter.publication import Publication, load_publication, starter_templates, with_settings
from newsletter.workflow.pages import render_page

FILES = sorted((starter_templates() / "words").glob("*.toml"))
ENGLISH = tomllib.loads((starter_templates() / "words" / "en.toml").read_text(encoding="utf-8"))


@pytest.fixture
def orchard(new_publication) -> Publication:
    return load_publication(new_publication, {})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_language_words_every_page_and_keeps_the_places_of_its_values(path):
    words = tomllib.loads(path.read_text(encoding="utf-8"))
    assert words.keys() == ENGLISH.keys()
    for key in (key for key in ENGLISH if "{address}" in ENGLISH[key]):
        for place in ("{address}", "{name}"):
            assert place in words[key], key


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "Unsubscribe"),
        ("en-GB", "Unsubscribe"),
        ("zh-Hans", "退订"),
        ("zh-CN", "退订"),
        ("zh-TW", "取消訂閱"),
        ("de-AT", "Abbestellen"),
        ("sw", "Unsubscribe"),
    ],
)
def test_the_nearest_language_is_taken(orchard, language, title):
    assert load_words(orchard, language)["unsubscribe_title"] == title


def test_a_publication_may_word_a_page_itself(orchard):
    own = orchard.root / "templates" / "words" / "en.toml"
    own.parent.mkdir(parents=True)
    own.write_text('unsubscribe_button = "Let me go"\n')
    page = render_page(orchard, "unsubscribe", address="a***@example.com", settings_link="")
    assert "Let me go" in page
    assert "a***@example.com will get no more mail from The Orchard." in page


def test_values_are_text_not_html(orchard):
    evil = with_settings(orchard, name="<b>Orchard</b>")
    page = render_page(evil, "unsubscribe", address="<script>@example.com", settings_link="")
    assert "<script>" not in page
    assert "<b>Orchard" not in page


def test_the_page_of_a_language_written_right_to_left_says_so(orchard):
    page = render_page(with_settings(orchard, language="ar"), "message", kind="not_found")
    assert '<html lang="ar" dir="rtl">' in page
