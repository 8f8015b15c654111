"""The pace of each domain, on a clock of our own."""

from __future__ import annotations

import math

from newsletter.delivery.failures import Reply, Stage, judge
from newsletter.delivery.rates import SLOWEST, Pace

TAKEN = judge(Reply(Stage.CONTENT, 250, "2.0.0 ok"))
TOO_FAST = judge(Reply(Stage.RCPT, 451, "4.7.1 rate limited, try later"))
TROUBLE = judge(Reply(Stage.RCPT, 451, "4.3.0 try again later"))
FULL = judge(Reply(Stage.RCPT, 452, "4.2.2 mailbox full"))
GREY = judge(Reply(Stage.RCPT, 450, "4.7.1 greylisted"))


def sent_in(pace: Pace, domain: str, start: float, seconds: float) -> int:
    """How many messages leave when one is offered a hundred times a second."""
    count = 0
    for tick in range(int(seconds * 100)):
        now = start + tick / 100
        if pace.wait(domain, now) <= 0:
            pace.begin(domain, now)
            pace.end(domain, TAKEN, now)
            count += 1
    return count


def test_without_limits_nobody_is_asked() -> None:
    assert not Pace().limited
    assert Pace().rate("example.com") == math.inf


def test_a_rate_holds_for_all_and_one_domain_has_its_own() -> None:
    pace = Pace(rate=20, domains={"slow.example.com": 2})
    assert 20 * 5 <= sent_in(pace, "example.com", 0, 5) <= 20 * 6
    assert 2 * 10 <= sent_in(pace, "slow.example.com", 10, 10) <= 2 * 11 + 1


def test_only_so_many_to_one_domain_are_on_their_way() -> None:
    pace = Pace(connections=2)
    for _ in range(2):
        assert pace.wait("example.com", 0) == 0
        pace.begin("example.com", 0)
    assert pace.wait("example.com", 0) > 0
    assert pace.wait("example.org", 0) == 0
    pace.end("example.com", TAKEN, 0)
    assert pace.wait("example.com", 0) == 0


def test_a_domain_that_says_no_gets_half_and_recovers_while_others_go_on() -> None:
    pace = Pace(domains={"example.com": 40})
    pace.end("example.com", TOO_FAST, 1)
    assert pace.rate("example.com") == 20
    pace.end("example.com", TOO_FAST, 1.5)
    assert pace.rate("example.com") == 20, "at most once a second"
    pace.end("example.com", TOO_FAST, 2)
    assert pace.rate("example.com") == 10
    assert pace.rate("example.org") == math.inf
    for minute in range(1, 40):
        pace.wait("example.com", 2 + 60 * minute)
    assert pace.rate("example.com") == 40


def test_a_domain_without_a_setting_is_free_again_in_the_end() -> None:
    pace = Pace()
    for tick in range(20):
        pace.note("example.com", tick / 20)
    pace.end("example.com", TOO_FAST, 1)
    assert pace.limited
    assert pace.rate("example.com") == 10
    for minute in range(1, 60):
        pace.wait("example.com", 1 + 60 * minute)
    assert pace.rate("example.com") == math.inf


def test_a_full_mailbox_or_greylisting_slows_nobody_and_nothing_stops_for_good() -> None:
    pace = Pace()
    for verdict in (FULL, GREY, None):
        pace.end("example.com", verdict, 1)
    assert not pace.limited
    for second in range(100):
        pace.end("example.com", TOO_FAST, float(second))
    assert pace.rate("example.com") == SLOWEST


def test_a_domain_with_a_trouble_of_its_own_is_slowed_seldom_and_never_below_an_eighth() -> None:
    pace = Pace(domains={"example.com": 40})
    for tenth in range(100):
        pace.note("example.com", 1 + tenth / 10, later=tenth % 10 == 0)
        pace.end("example.com", TROUBLE, 1 + tenth / 10)
    assert pace.rate("example.com") == 40, "a few are no trouble"
    for tenth in range(100):
        pace.note("example.com", 11 + tenth / 10, later=True)
        pace.end("example.com", TROUBLE, 11 + tenth / 10)
    assert pace.rate("example.com") == 20
    for second in range(1000):
        pace.end("example.com", TROUBLE, 30.0 + second)
    assert pace.rate("example.com") == 5
