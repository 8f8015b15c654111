"""The small pages speak the publication's language, whole, and are escaped."""

from __future__ import annotations

import tomllib

import pytest

from newsletter.publication import Publication, load_publication, starter_templates, with_settings
from newsletter.workflow.pages import page_words, render_page

WORDS = tomllib.loads((starter_templates() / "pages" / "words.toml").read_text(encoding="utf-8"))


@pytest.fixture
def orchard(new_publication) -> Publication:
    return load_publication(new_publication, {})


@pytest.mark.parametrize("language", WORDS)
def test_every_language_knows_only_words_that_english_has(language):
    assert set(WORDS[language]) <= set(WORDS["en"])


@pytest.mark.parametrize("language", WORDS)
def test_every_sentence_keeps_the_places_of_its_values(language):
    for key, text in WORDS[language].items():
        for place in ("{address}", "{name}"):
            assert (place in text) == (place in WORDS["en"][key]), (language, key)


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
    assert page_words(orchard, language)["unsubscribe_title"] == title


def test_a_publication_may_word_a_page_itself(orchard):
    own = orchard.root / "templates" / "pages" / "words.toml"
    own.parent.mkdir(parents=True)
    own.write_text('[en]\nunsubscribe_button = "Let me go"\n')
    page = render_page(orchard, "unsubscribe", address="a***@example.com")
    assert "Let me go" in page
    assert "a***@example.com will get no more mail from The Orchard." in page


def test_values_are_text_not_html(orchard):
    evil = with_settings(orchard, name="<b>Orchard</b>")
    page = render_page(evil, "unsubscribe", address="<script>@example.com")
    assert "<script>" not in page
    assert "<b>Orchard" not in page


def test_the_page_of_a_language_written_right_to_left_says_so(orchard):
    page = render_page(with_settings(orchard, language="ar"), "message", kind="not_found")
    assert '<html lang="ar" dir="rtl">' in page
