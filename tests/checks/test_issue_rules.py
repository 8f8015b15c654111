"""Rules on what was written and set: what each one finds, and what it must leave alone."""

from __future__ import annotations

import dataclasses
import time

import pytest

from newsletter.checks import check_issue
from newsletter.checks.issue import (
    article_title,
    base_url,
    bracket_width,
    counted_links,
    empty,
    leftovers,
    link_address,
    link_text,
    picture_alt,
    postal_address,
    preheader,
    repeated_caption,
    sender,
    spaced_doi,
    spaced_hyphen,
    subject,
    theme,
)
from newsletter.model.blocks import Figure
from newsletter.model.inlines import Code, InlineImage, Link, Strong, Text
from newsletter.model.picture import Image
from newsletter.problems import Severity, Source
from newsletter.publication import Sender
from newsletter.settings import TrackingSettings

HERE = "01-fruit/01-apples.md:5"


def figure(line: int, number: int, caption: str, picture: str, alt: str = "A tree") -> Figure:
    source = Source("01-fruit/01-apples.md", line)
    return Figure(source, Image(picture, alt), number, f"fig-{number}", (Text(caption),))


def link(url: str, words: str = "the harvest report") -> tuple[Link]:
    return (Link(url, (Text(words),) if words else ()),)


def test_a_well_written_issue_is_told_nothing(orchard, issue_of):
    assert check_issue(issue_of("Apples are red."), orchard) == ()


def test_what_was_written_is_never_an_error(orchard, issue_of):
    issue = issue_of("TODO CAR- T（x)", link("http://localhost/", "here"), subject="", preheader="")
    problems = check_issue(issue, orchard)
    assert len(problems) >= 5
    assert {problem.severity for problem in problems} == {Severity.WARNING}


def test_a_long_subject_is_measured_in_columns(told_by, issue_of):
    assert told_by(subject, issue_of(subject="苹" * 30)) == []
    assert told_by(subject, issue_of(subject="苹" * 31)) == ["issue.md subject-long"]


def test_a_merge_tag_in_the_subject_counts_as_its_default(told_by, issue_of):
    tag = '{{ subscriber.name | default("reader") }}'
    assert told_by(subject, issue_of(subject=f"Good morning, {tag}, it is apple time")) == []


def test_no_subject_at_all_is_told(told_by, issue_of):
    assert told_by(subject, issue_of(subject="", title=" ")) == ["issue.md subject-missing"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", ["issue.md preheader-missing"]),
        ("Short", ["issue.md preheader-short"]),
        ("苹果" * 10, []),
    ],
)
def test_the_preheader_has_forty_columns(told_by, issue_of, written, expected):
    assert told_by(preheader, issue_of(preheader=written)) == expected


@pytest.mark.parametrize("words", ["here", "Click here", "点击这里", "こちら", "hier"])
def test_a_link_that_only_says_here_is_told(told_by, issue_of, words):
    issue = issue_of(link("https://example.com/", words))
    assert told_by(link_text, issue) == [f"{HERE} link-text-vague"]


def test_a_link_without_text_is_told_but_not_one_on_a_picture(told_by, issue_of):
    assert told_by(link_text, issue_of(link("https://example.com/", ""))) == [
        f"{HERE} link-text-empty"
    ]
    on_picture = (Link("https://example.com/", (InlineImage(Image("a.png", "A")),)),)
    assert told_by(link_text, issue_of(on_picture)) == []


def test_a_link_in_bold_text_is_seen_too(told_by, issue_of):
    bold = (Strong(link("https://example.com/", "here")),)
    assert told_by(link_text, issue_of(bold)) == [f"{HERE} link-text-vague"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com/", []),
        ("http://example.com/", [f"{HERE} link-insecure"]),
        ("http://localhost:8000/", [f"{HERE} link-private"]),
        ("https://192.168.1.7/report", [f"{HERE} link-private"]),
        ("https://[::1]/", [f"{HERE} link-private"]),
        ("https://wiki.local/", [f"{HERE} link-private"]),
        ("mailto:editor@example.com", []),
        ("#fruit-pears", []),
        ("https://[broken/", []),
    ],
)
def test_addresses_that_readers_cannot_open_are_told(told_by, issue_of, url, expected):
    assert told_by(link_address, issue_of(link(url))) == expected


@pytest.mark.parametrize(
    "note", ["TODO: pears", "lorem ipsum dolor", "数据待补", "price TK", "XXX"]
)
def test_notes_to_oneself_are_told(told_by, issue_of, note):
    assert told_by(leftovers, issue_of(note)) == [f"{HERE} leftover-note"]


@pytest.mark.parametrize("words", ["todo lists are nice", "todos los días", "tk", "期待补偿机制"])
def test_words_that_only_resemble_notes_are_left_alone(told_by, issue_of, words):
    assert told_by(leftovers, issue_of(words)) == []


def test_a_note_in_code_is_an_example(told_by, issue_of):
    assert told_by(leftovers, issue_of((Text("Write "), Code("TODO")))) == []


@pytest.mark.parametrize("alt", ["IMG_1234", "tree.png", "image 3", "图片1"])
def test_an_alternative_text_that_is_a_file_name_is_told(told_by, issue_of, alt):
    issue = issue_of(figure(9, 1, "A tree", "a.png", alt))
    assert told_by(picture_alt, issue) == ["01-fruit/01-apples.md:9 alt-file-name"]


def test_an_alternative_text_that_says_something_is_left_alone(told_by, issue_of):
    assert told_by(picture_alt, issue_of(figure(9, 1, "A", "a.png", "Image of a tree"))) == []


def test_a_caption_copied_from_the_figure_above_is_told_at_the_copy(told_by, issue_of):
    issue = issue_of(
        figure(5, 1, "Blood pressure", "a.png"), figure(9, 2, "Blood pressure", "b.png")
    )
    assert told_by(repeated_caption, issue) == ["01-fruit/01-apples.md:9 caption-repeated"]


def test_the_same_picture_twice_may_have_the_same_caption(told_by, issue_of):
    issue = issue_of(figure(5, 1, "A tree", "a.png"), figure(9, 2, "A tree", "a.png"))
    assert told_by(repeated_caption, issue) == []


@pytest.mark.parametrize("words", ["CAR- T", "GLP- 1RA", "CD19- CAR"])
def test_a_space_behind_a_hyphen_is_told(told_by, issue_of, words):
    assert told_by(spaced_hyphen, issue_of(f"新的{words}疗法")) == [f"{HERE} hyphen-space"]


@pytest.mark.parametrize("words", ["pre- and postnatal", "Vor- und Nachteile", "CAR-T", "a - b"])
def test_a_suspended_hyphen_is_right(told_by, issue_of, words):
    assert told_by(spaced_hyphen, issue_of(words)) == []


def test_a_word_of_half_a_megabyte_is_looked_at_once(told_by, issue_of):
    began = time.process_time()
    assert told_by(spaced_hyphen, issue_of("a" * 500_000)) == []
    assert time.process_time() - began < 1


@pytest.mark.parametrize("words", ["doi :10.1158/2159-8290.CD-24-0102", "DOI: 10.1158 /2159"])
def test_a_space_inside_a_doi_is_told(told_by, issue_of, words):
    assert told_by(spaced_doi, issue_of(words)) == [f"{HERE} doi-space"]


def test_a_doi_without_spaces_is_left_alone(told_by, issue_of):
    assert told_by(spaced_doi, issue_of("doi: 10.1158/2159 and doi:10.1/x")) == []


@pytest.mark.parametrize(("words", "found"), [("（T2DM)", 1), ("(T2DM）", 1), ("（T2DM）(x)", 0)])
def test_brackets_of_two_widths_are_told(told_by, issue_of, words, found):
    assert told_by(bracket_width, issue_of(words)) == [f"{HERE} bracket-width"] * found


def test_an_article_without_title_or_words_is_told(told_by, issue_of):
    issue = issue_of()
    section = issue.sections[0]
    nameless = dataclasses.replace(section.articles[0], title="")
    issue = dataclasses.replace(
        issue, sections=(dataclasses.replace(section, articles=(nameless,)),)
    )
    assert told_by(article_title, issue) == ["01-fruit/01-apples.md article-untitled"]
    assert told_by(empty, issue) == ["01-fruit/01-apples.md article-empty"]
    bare = dataclasses.replace(section, title="Notes", blocks=(), articles=())
    told = told_by(empty, dataclasses.replace(issue, sections=(bare,)))
    assert [line.split()[-1] for line in told] == ["article-empty"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://orchard.example.com", []),
        ("http://orchard.example.com", ["newsletter.toml base-url-insecure"]),
        ("http://127.0.0.1:8000", ["newsletter.toml base-url-private"]),
    ],
)
def test_the_web_address_has_to_be_public_and_https(told_by, issue_of, url, expected):
    assert told_by(base_url, issue_of("x"), base_url=url) == expected


@pytest.mark.parametrize(
    ("url", "kept", "expected"),
    [
        ("http://127.0.0.1:8000", "off", []),
        ("https://orchard.example.com", "subscriber", []),
        ("http://orchard.example.com", "aggregate", ["newsletter.toml clicks-insecure"]),
        ("http://127.0.0.1:8000", "subscriber", ["newsletter.toml clicks-unreachable"]),
    ],
)
def test_counted_links_need_a_site_that_readers_reach(told_by, issue_of, url, kept, expected):
    tracking = TrackingSettings(clicks=kept)
    assert told_by(counted_links, issue_of("x"), base_url=url, tracking=tracking) == expected


def test_a_missing_postal_address_is_told(told_by, issue_of):
    assert told_by(postal_address, issue_of("x")) == []
    assert told_by(postal_address, issue_of("x"), address=" ") == [
        "newsletter.toml postal-address-missing"
    ]


@pytest.mark.parametrize(
    ("written", "own", "expected"),
    [
        ("", "editor@orchard.example.com", []),
        ("Ada <ada@orchard.example.com>", "editor@orchard.example.com", []),
        ("Ada <ada@mail.orchard.example.com>", "editor@orchard.example.com", []),
        ("Ada <ada@elsewhere.example>", "editor@orchard.example.com", ["issue.md sender-domain"]),
        ("", "orchard@qq.com", ["newsletter.toml sender-free-mail"]),
        ("orchard@gmail.com", "editor@orchard.example.com", ["issue.md sender-free-mail"]),
    ],
)
def test_a_sender_of_another_domain_is_told(told_by, issue_of, written, own, expected):
    assert told_by(sender, issue_of("x", sender=written), sender=Sender(email=own)) == expected


def test_a_theme_that_is_nowhere_is_told_where_it_was_named(told_by, issue_of):
    assert told_by(theme, issue_of("Red ones.")) == []
    assert told_by(theme, issue_of(theme="strater")) == ["issue.md theme-missing"]
    assert told_by(theme, issue_of("Red ones."), theme="strater") == [
        "newsletter.toml theme-missing"
    ]
