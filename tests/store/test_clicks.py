"""Clicks in either kind of database: counts by link, who it was, what a condition finds, what forgetting leaves."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest

from newsletter.model.clicks import Click, MailLink
from newsletter.model.segment import Segment
from newsletter.publication import Publication
from newsletter.store import clicks
from newsletter.store.counting import count_in
from newsletter.store.engine import Store
from newsletter.store.segments import members
from newsletter.subscribers.segments import parse
from newsletter.workflow import subscribers

NOW = datetime.datetime.now(datetime.UTC)
LINKS = tuple(MailLink(at, f"https://a.example/{at}", f"link {at}") for at in (1, 2, 3))


@pytest.fixture
def campaign(store: Store, begin: Callable[..., int]) -> int:
    """A campaign to three people, of whom two have clicked, and a machine."""
    number = begin()
    with store.writing() as connection:
        clicks.keep_links(connection, number, LINKS)
        for link, person, days in ((2, 1, 0), (2, 1, 0), (2, 2, 40), (1, 2, 40)):
            at = NOW - datetime.timedelta(days=days)
            clicks.add_click(connection, Click(number, link, at, person))
        machine = clicks.add_click(connection, Click(number, 1, NOW, 3))
        clicks.mark_automated(connection, [machine], "burst")
        clicks.add_click(connection, Click(number, 3, NOW))
    return number


def test_links_are_counted_each_by_people_and_by_machines(store: Store, campaign: int) -> None:
    with store.reading() as connection:
        lines = clicks.link_lines(connection, campaign)
        everybody = clicks.people_who_clicked(connection, campaign)
    told = [(line.number, line.clicks, line.people, line.automated) for line in lines]
    assert told == [(2, 3, 2, 0), (1, 1, 1, 1), (3, 1, 0, 0)]
    assert everybody == 2


def test_who_followed_a_link_is_told_by_address(store: Store, campaign: int) -> None:
    with store.reading() as connection:
        of_two = clicks.who_clicked(connection, campaign, 2)
        of_any = clicks.who_clicked(connection, campaign, most=1)
    assert [(one["address"], one["clicks"]) for one in of_two] == [
        ("p0@example.com", 2),
        ("p1@example.com", 1),
    ]
    assert len(of_any) == 1


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("clicked exists", ["p0", "p1"]),
        ("clicked = one", ["p0", "p1"]),
        ("clicked = two", []),
        ("clicked >= 30 days ago", ["p0"]),
        ("clicked < 30 days ago", ["p1"]),
        ("not clicked exists", ["p2"]),
        ("clicked exists and list = other", ["p0", "p1"]),
        ("clicked exists or email = p2@example.com", ["p0", "p1", "p2"]),
    ],
)
def test_a_condition_finds_who_clicked_and_counts_them_the_same(
    store: Store, campaign: int, condition: str, expected: list[str]
) -> None:
    segment = Segment("", condition, parse(condition))
    with store.reading() as connection:
        found = [one.email.partition("@")[0] for one in members(connection, segment)]
        assert found == expected
        assert count_in(connection, segment) == len(expected)


def test_forgetting_makes_clicks_nobodys_and_counts_stay(
    fresh: Publication, store: Store, campaign: int
) -> None:
    subscribers.forget_person(fresh, "p0@example.com")
    with store.reading() as connection:
        lines = clicks.link_lines(connection, campaign)
        assert clicks.clicks_of_person(connection, 1) == ()
    assert next((line.number, line.clicks, line.people) for line in lines) == (2, 3, 1)
