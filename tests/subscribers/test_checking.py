"""Verdicts on addresses as people type and paste them."""

from __future__ import annotations

import pytest

from newsletter.subscribers.checking import check_address


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("Ann@Example.COM", "Ann@example.com"),
        ("ann＠example。com", "ann@example.com"),
        ("ａｎｎ@example．com", "ann@example.com"),
        ("mailto:ann@example.com?subject=hi", "ann@example.com"),
        ("Ann Lee <ann@example.com>", "ann@example.com"),
        ('"Lee, Ann" <ann@example.com>', "ann@example.com"),
        ('"<ann@example.org>" <ann@example.com>', "ann@example.com"),
        ("ann@example.com (Ann Lee)", "ann@example.com"),
        ('"ann.lee"@example.com', "ann.lee@example.com"),
        ("李雷@例子.广告", "李雷@xn--fsqu00a.xn--4rr70v"),
        ("用户@例子。广告", "用户@xn--fsqu00a.xn--4rr70v"),
    ],
)
def test_a_pasted_address_is_found_and_brought_into_normal_form(typed: str, normal: str) -> None:
    told = check_address(typed)
    assert (told.valid, told.normal, told.reason) == (True, normal, "")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "nobody",
        "a@b@example.com",
        "a@example.com.",
        ".a@example.com",
        "a.@example.com",
        "a@[127.0.0.1]",
        '"a b"@example.com',
        '"a@b"@example.com',
        '""@example.com',
        "(Ann) ann@example.com",
        "a@example.com, b@example.com",
        "a@exa mple.com",
        "Ann <a@example.com> <b@example.com>",
    ],
)
def test_what_is_no_address_gets_a_reason(typed: str) -> None:
    told = check_address(typed)
    assert (told.valid, told.normal) == (False, "")
    assert told.reason


@pytest.mark.parametrize(
    ("typed", "flags", "suggestion"),
    [
        ("info@example.com", ("role",), ""),
        ("ann@gmial.com", ("typo",), "ann@gmail.com"),
        ("ann@hotmial.com", ("typo",), "ann@hotmail.com"),
        ("ann@ymail.com", (), ""),
        ("ann@gmail.com", (), ""),
        ("ann@mailinator.com", ("disposable",), ""),
        ("李@gmail.com", ("smtputf8",), ""),
        ("<ann@example.com>", ("cleaned",), ""),
        ("\u202aann@example.com\u202c", ("cleaned",), ""),
        ("ann﹫example.com", ("cleaned",), ""),
        ("ann@163.con", ("typo",), "ann@163.com"),
        ('"ann"@example.com', ("cleaned",), ""),
        ("ann@hotmail.c", ("typo",), "ann@hotmail.com"),
        ("ann@gmial.con", ("typo",), "ann@gmail.com"),
        ("ann@gmail.net", ("typo",), "ann@gmail.com"),
        ("ann@gmail.com.com", ("typo",), "ann@gmail.com"),
        ("ann@hotmail.cl", (), ""),
    ],
)
def test_what_is_odd_is_flagged_and_not_refused(
    typed: str, flags: tuple[str, ...], suggestion: str
) -> None:
    told = check_address(typed)
    assert (told.valid, told.flags, told.suggestion) == (True, flags, suggestion)


@pytest.mark.parametrize(
    "typed",
    [
        "ann@example.com.",
        "ann@example.com;",
        "ann@example,com",
        "ann @ example.com",
        "ann[at]example[dot]com",
        "ann@exam\u200bple.com",
        "“ann@example.com”",
    ],
)
def test_what_is_refused_is_told_with_what_was_meant(typed: str) -> None:
    assert check_address(typed).suggestion == "ann@example.com"


def test_a_provider_without_its_end_is_told_with_it() -> None:
    assert check_address("ann@gmail").suggestion == "ann@gmail.com"
    assert check_address("ann@work").suggestion == ""
