"""The grammar of merge tags: closed, and cheap on hostile text."""

from __future__ import annotations

from newsletter.model.inlines import MergeTag
from newsletter.model.merge_tags import BadTag, split, with_defaults


def test_known_fields_are_tags_with_their_default() -> None:
    assert list(split('Dear {{ subscriber.name | default("reader") }}, {{unsubscribe_url}}')) == [
        "Dear ",
        MergeTag("subscriber.name", "reader"),
        ", ",
        MergeTag("unsubscribe_url", ""),
    ]


def test_chinese_quotation_marks_around_the_default_are_understood() -> None:
    assert with_defaults("{{ subscriber.name | default(“读者”) }}，您好") == "读者，您好"


def test_anything_else_between_braces_is_told_as_bad() -> None:
    assert list(split("{{ config.items() }}")) == [BadTag("{{ config.items() }}")]
    assert list(split("{{ subscriber.name | upper }}")) == [BadTag("{{ subscriber.name | upper }}")]


def test_an_unclosed_brace_is_text_and_does_not_hide_the_next_tag() -> None:
    assert list(split("{{ a {{ web_url }}")) == ["{{ a ", MergeTag("web_url", "")]


def test_many_unclosed_braces_cost_no_more_than_their_length() -> None:
    # With a pattern that looks for each one's end anew, this would take minutes.
    assert (
        "".join(part for part in split("{{" * 200_000) if isinstance(part, str)) == "{{" * 200_000
    )
