"""Markers: one token per value, and no way for an author to forge one."""

from __future__ import annotations

from newsletter.editions.markers import Markers, defused, defused_url, source_markers, tag_value
from newsletter.model.edition import MARKER_TOKEN
from newsletter.model.inlines import MergeTag


def test_the_same_field_and_default_share_a_token() -> None:
    markers = Markers()
    tokens = [
        markers.token("subscriber.name", "reader"),
        markers.token("unsubscribe_url"),
        markers.token("subscriber.name", "reader"),
        markers.token("subscriber.name", "friend"),
    ]
    assert tokens == ["NLM0000Z", "NLM0001Z", "NLM0000Z", "NLM0002Z"]
    assert [(m.field, m.default) for m in markers.all] == [
        ("subscriber.name", "reader"),
        ("unsubscribe_url", ""),
        ("subscriber.name", "friend"),
    ]


def test_without_a_recipient_the_default_stands_and_the_unsubscribe_address_is_left_out() -> None:
    text = 'Dear {{ subscriber.name | default("reader") }}, {{ unsubscribe_url }}bye'
    assert source_markers(text, None) == "Dear reader, bye"


def test_the_web_address_is_the_same_for_everybody_so_it_needs_no_marker() -> None:
    markers = Markers()
    shown = source_markers("See {{ web_url }}", markers, web_url="https://n.example/issues/1/")
    assert shown == "See https://n.example/issues/1/"
    assert markers.all == ()
    assert tag_value(MergeTag("web_url"), markers) == "NLM0000Z"


def test_what_only_looks_like_a_tag_stays_as_written() -> None:
    assert (
        source_markers("{{ 1 + 1 }} {{ subscriber. }}", Markers())
        == "{{ 1 + 1 }} {{ subscriber. }}"
    )


def test_an_authors_text_that_reads_as_a_token_is_defused() -> None:
    for written in (defused("see NLM0000Z"), source_markers("NLM0001Z", Markers())):
        assert not MARKER_TOKEN.search(written)
        assert written.replace("\u2060", "").endswith("Z")
    assert defused_url("https://x.example/NLM0000Z") == "https://x.example/%4ELM0000Z"
    assert defused("NLM is a library") == "NLM is a library"
