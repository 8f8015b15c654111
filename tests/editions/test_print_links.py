"""How a link is shown on paper."""

from __future__ import annotations

import pytest

from newsletter.editions.print_links import LinkBook, needs_address, shown_address
from newsletter.model.blocks import Paragraph
from newsletter.model.inlines import Link, Text
from newsletter.problems import Source


def links(*urls: str) -> Paragraph:
    return Paragraph(Source("a.md", 1), tuple(Link(url, (Text("words"),)) for url in urls))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.example.com/", "example.com"),
        ("https://example.com/a/b/", "example.com/a/b/"),
        ("https://example.com/s?q=%E7%B2%BE%E5%87%86", "example.com/s?q=精准"),
        ("https://example.com/%FF", "example.com/%FF"),
        ("https://example.com/a%20b", "example.com/a%20b"),
        ("mailto:desk@example.com", "desk@example.com"),
        ("https://example.com/" + "x" * 80, "example.com/" + "x" * 47 + "…"),
        ("https://example.com/" + "%E7%B2%BE" * 40, "example.com/" + "精" * 23 + "…"),
    ],
)
def test_an_address_is_readable_and_at_most_sixty_columns(url: str, shown: str) -> None:
    assert shown_address(url) == shown


@pytest.mark.parametrize(
    ("url", "words", "needed"),
    [
        ("https://example.com/a", "an article", True),
        ("https://example.com/a", "https://example.com/a", False),
        ("https://example.com/a", "example.com/a", False),
        ("https://doi.org/10.1000/xyz", "doi:10.1000/XYZ", False),
        ("mailto:a@example.com", "a@example.com", False),
        ("mailto:a@example.com", "write to us", True),
        ("#section", "above", False),
        ("", "unsubscribe", False),
    ],
)
def test_what_reads_as_its_own_address_needs_no_other(url: str, words: str, needed: bool) -> None:
    assert needs_address(url, words) is needed


def test_equal_addresses_share_one_number() -> None:
    book = LinkBook(
        [links("https://a.example", "https://b.example", "https://a.example")], own_notes=False
    )
    assert book.numbers == {"https://a.example": 1, "https://b.example": 2}


def test_up_to_eight_addresses_are_footnotes_and_nine_a_list() -> None:
    urls = [f"https://{number}.example" for number in range(9)]
    assert not LinkBook([links(*urls[:8])], own_notes=False).listed
    assert LinkBook([links(*urls)], own_notes=False).listed


def test_beside_the_authors_own_notes_listed_links_have_letters() -> None:
    urls = [f"https://{number}.example" for number in range(28)]
    book = LinkBook([links(*urls)], own_notes=True)
    assert [book.mark(urls[n]) for n in (0, 25, 26, 27)] == ["a", "z", "aa", "ab"]


def test_a_recipients_own_link_has_no_address_on_paper() -> None:
    book = LinkBook(
        [links("{{ unsubscribe_url }}", "{{ web_url }}")],
        own_notes=False,
        web_url="https://e.example/1/",
    )
    assert list(book.numbers) == ["https://e.example/1/"]
