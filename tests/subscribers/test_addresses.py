"""Addresses: syntax, normal form, identity."""

from __future__ import annotations

import pytest

from newsletter.subscribers.addresses import BadAddress, parse_address


@pytest.mark.parametrize(
    ("typed", "email", "key"),
    [
        ("  Ann.Lee+news@Example.COM ", "Ann.Lee+news@example.com", "ann.lee+news@example.com"),
        ("o'neil@example.org", "o'neil@example.org", "o'neil@example.org"),
        ("李@例子.广告", "李@xn--fsqu00a.xn--4rr70v", "李@xn--fsqu00a.xn--4rr70v"),
        ("user@bücher.de", "user@xn--bcher-kva.de", "user@xn--bcher-kva.de"),
        ("a@sub.example.com", "a@sub.example.com", "a@sub.example.com"),
        ("a@bücher.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
    ],
)
def test_an_address_keeps_its_case_for_sending_and_loses_it_for_identity(
    typed: str, email: str, key: str
) -> None:
    address = parse_address(typed)
    assert (address.email, address.key) == (email, key)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "nobody",
        "@example.com",
        "a@",
        "a b@example.com",
        "a@b@example.com",
        "a..b@example.com",
        "a@localhost",
        "a@host.invalid",
        "a@-bad-.com",
        "x" * 65 + "@example.com",
        "a\r\nBcc: b@example.com",
        "a@example.com\nBcc: b@example.com",
        "a@[127.0.0.1]",
        "<a@gmail.com>",
        "admin@example",
        "a\ud800@example.com",
        "\ud800@example.com",
    ],
)
def test_what_is_no_address_is_refused_with_a_reason(typed: str) -> None:
    with pytest.raises(BadAddress, match=r"\w+ \w+"):
        parse_address(typed)


@pytest.mark.parametrize(
    "typed", ["m\ufffdller@example.com", "ann@b\ufffdcher.example.com", "\ufffd@x.de"]
)
def test_an_address_of_which_a_character_was_lost_is_none(typed: str) -> None:
    with pytest.raises(BadAddress):
        parse_address(typed)
