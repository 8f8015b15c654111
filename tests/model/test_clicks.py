"""Which links are counted, what they look like, and what of an address may differ before a click is refused."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.model.clicks import (
    LONGEST,
    TOKEN_BYTES,
    ClickRules,
    Clicks,
    added_bytes,
    cut_place,
    direct,
    same_address,
    tracked,
)

BASE = "https://orchard.example.com"
RULES = ClickRules(BASE, Clicks.AGGREGATE, ("doi.org",))
TOKEN = "NLM0007Z"
ADDRESSES = st.from_regex(
    r"https://[a-z]{1,8}\.example/[a-z0-9=?&;<>\"' é中]{0,30}", fullmatch=True
)


def page(*addresses: str) -> str:
    links = (f'<p><a class="x" href="{html.escape(one)}">words</a></p>' for one in addresses)
    return f"<html>{''.join(links)}</html>"


def test_a_counted_link_has_a_token_its_number_and_the_plain_address() -> None:
    made, links = tracked(page("https://a.example/x?y=1&z=2", "https://b.example/"), RULES, TOKEN)
    assert f'href="{BASE}/c/{TOKEN}/1/https://a.example/x?y=1&amp;z=2"' in made
    assert f'href="{BASE}/c/{TOKEN}/2/https://b.example/"' in made
    assert [(one.number, one.url, one.words) for one in links] == [
        (1, "https://a.example/x?y=1&z=2", "words"),
        (2, "https://b.example/", "words"),
    ]


def test_two_links_to_one_address_are_two_places_in_the_mail() -> None:
    _, links = tracked(page("https://a.example/", "https://a.example/"), RULES, TOKEN)
    assert [one.number for one in links] == [1, 2]


@pytest.mark.parametrize(
    "address",
    [
        "mailto:ann@example.com",
        "tel:+49301234",
        "#notes",
        "",
        "NLM0001Z",
        "https://a.example/?who=NLM0001Z",
        f"{BASE}/unsubscribe/abc",
        f"{BASE}/preferences/abc",
        f"{BASE}/confirm/abc",
        f"{BASE}/c/abc/1/https://a.example/",
        f"{BASE}/issues/feed.xml",
        f"{BASE}/feed.json",
        f"{BASE}/issues/atom.xml",
        "https://doi.org/10.1000/1",
        "https://www.doi.org/10.1000/1",
        "https://a.example/../../b",
        "https://a.example/%2e%2E/b",
        "https://[broken/",
        "https://",
        "ftp://a.example/",
        "https://a.example/" + "x" * LONGEST,
    ],
)
def test_what_is_somebodys_own_or_no_web_page_is_never_counted(address: str) -> None:
    whole = page(address)
    assert tracked(whole, RULES, TOKEN) == (whole, ())


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example",
        "HTTP://A.EXAMPLE/",
        "https://a.example:8443/x#part",
        "https://例え.example/記事?題=春",
        "https://doi.org.example/",
        f"{BASE}/issues/2026-05/",
        f"{BASE}/issues/2026-05/#apples",
        "https://a.example/x..y",
    ],
)
def test_web_pages_are_counted_our_own_as_well(address: str) -> None:
    made, links = tracked(page(address), RULES, TOKEN)
    assert [one.url for one in links] == [address]
    assert html.unescape(made).count(f"/1/{address}") == 1


def test_without_the_setting_nothing_is_touched() -> None:
    rules = ClickRules(BASE)
    whole = page("https://a.example/")
    assert tracked(whole, rules, TOKEN) == (whole, ())
    assert added_bytes(whole, rules) == 0


def test_a_link_round_a_picture_is_called_by_its_alternative_text() -> None:
    whole = '<a href="https://a.example/" title="a > b"><img src="x" alt="Blossom &amp; bees"></a>'
    _, links = tracked(whole, RULES, TOKEN)
    assert links[0].words == "Blossom & bees"


@given(st.lists(ADDRESSES, max_size=12))
def test_made_direct_again_a_mail_is_what_it_was(addresses: list[str]) -> None:
    whole = page(*addresses)
    made, links = tracked(whole, RULES, TOKEN)
    assert direct(made, RULES, TOKEN) == whole
    assert [one.url for one in links] == addresses


@given(st.lists(ADDRESSES, max_size=12))
def test_what_is_weighed_is_what_is_sent_with_the_longest_token(addresses: list[str]) -> None:
    whole = page(*addresses)
    made, _ = tracked(whole, RULES, "T" * TOKEN_BYTES)
    assert len(whole.encode()) + added_bytes(whole, RULES) == len(made.encode())


def test_where_a_mail_is_cut_counts_what_counting_adds() -> None:
    whole = page(*(f"https://a.example/{number}" for number in range(50)))
    made, _ = tracked(whole, RULES, "T" * TOKEN_BYTES)
    shown = made.encode()[:2000].decode()
    place = cut_place(whole, RULES, 2000)
    assert shown.count("</p>") == whole.encode()[:place].decode().count("</p>")
    assert cut_place(whole, ClickRules(BASE), 2000) == 2000


@pytest.mark.parametrize(
    ("frozen", "shown"),
    [
        ("https://a.example/x?y=1&z=2", "https://a.example/x?y=1&z=2"),
        ("https://a.example/x#part", "https://a.example/x"),
        ("https://a.example/", "https:/a.example/"),
        ("https://a.example", "https://a.example/"),
        ("https://例え.example/記事", "https://%E4%BE%8B%E3%81%88.example/%E8%A8%98%E4%BA%8B"),
        ("https://a.example/x?y=1&z=2", "https://a.example/x?y=1&amp;z=2"),
        ("https://a.example/x y", "https://a.example/x%20y"),
        ("https://a.example/x", "https://a.example/x?utm_source=gateway"),
        ("https://a.example/x?y=1", "https://a.example/x?y=1&fbclid=abc"),
        ("https://A.example/X", "https://a.example/X"),
        ("https://a.example/./x", "https://a.example/x"),
    ],
)
def test_an_address_that_is_only_spelled_otherwise_is_the_same(frozen: str, shown: str) -> None:
    assert same_address(frozen, shown)


@pytest.mark.parametrize(
    "shown",
    [
        "",
        "https://b.example/x",
        "https://a.example.evil.example/x",
        "https://a.example/xx",
        "https://a.example/x/more",
        "https://a.example/",
        "https://evil.example/?https://a.example/x",
        "//a.example/x",
    ],
)
def test_an_address_that_was_changed_is_another(shown: str) -> None:
    assert not same_address("https://a.example/x", shown)
