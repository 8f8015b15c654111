"""Mail to a segment, from the command line to a real SMTP server: those in it first, the rest of the list later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_a_segment_gets_the_issue_and_the_rest_of_the_list_after_it(
    newsletter: Any, people: Callable[..., list[str]], sink: Any
) -> None:
    addresses = people(4)
    made = newsletter.json("segments", "create", "two", "name in (p001, p002) and list = weekly")
    assert made["count"] == 2
    assert newsletter.json("segments", "count", "two") == {"name": "two", "count": 2}
    to = ("send", "first", "--list", "weekly")
    shown = newsletter(*to, "--segment", "two", "--dry-run")
    assert "not in the segment" in shown
    newsletter(*to, "--segment", "two", "--confirm-count", "2")
    assert sorted(sink.recipients) == addresses[1:3]
    newsletter("suppressions", "add", addresses[3], "--reason", "asked by phone")
    newsletter(*to, "--confirm-count", "1")
    assert sorted(sink.recipients) == addresses[:3]
    segments = [one["segment"] for one in newsletter.json("status")["campaigns"]]
    assert sorted(segments, key=str) == [None, "two"]
